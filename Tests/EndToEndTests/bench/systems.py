"""What carries visitors to the upstream: each system's programs, and where visitors of it come in."""

from __future__ import annotations

import getpass
import shutil
import ssl
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench import processes
from bench.rig import QUIET, Rig
from harness.program import Program, accepts, eventually, free_port
from harness.programs import TOKEN, Nginx, PythonWorker
from harness.tls import Authority
from harness.visitor import Visitor

SLOTS = 50
LIMIT_AGENT = Path(__file__).parents[1] / "parts/limit-agent.c"
PROXY = """
    access_log off; keepalive_requests 1000000; client_max_body_size 0; client_body_timeout 310s;
    proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $host;
    proxy_request_buffering off; proxy_max_temp_file_size 0;
"""


@dataclass
class System:
    """`agent` stands beside the upstream, `relay` where visitors come in, `front` before that; a proxy is a `relay`."""

    name: str
    title: str
    page: Visitor
    sink: Visitor
    programs: dict[str, list[Program]]
    large_file: Path

    def cpu_seconds(self) -> dict[str, float]:
        return {role: processes.cpu_seconds(programs) for role, programs in self.programs.items()}

    def peak_memory(self) -> dict[str, int]:
        return {role: processes.memory(programs, "VmHWM") for role, programs in self.programs.items()}


def start(rig: Rig, name: str) -> System:
    """The system of this name in `SYSTEMS`, ready for visitors."""
    title, begin = SYSTEMS[name]
    page, sink, programs = begin(rig, name)
    return System(name, title, page, sink, programs, rig.files / "large")


# Proxies and byte tunnels.


def _proxy(rig: Rig, name: str, options: str = "", tls: ssl.SSLContext | None = None):
    port = free_port()
    nginx = Nginx(
        rig.own_folder(name),
        port,
        f"""{PROXY} {options}
        upstream page {{ server 127.0.0.1:{rig.upstream.port}; keepalive 64; keepalive_requests 1000000; }}
        server {{
            listen 127.0.0.1:{port} {"ssl" if tls else ""}; server_name page;
            location / {{ proxy_pass http://page; }}
        }}
        server {{
            listen 127.0.0.1:{port} {"ssl" if tls else ""}; server_name sink;
            location / {{ proxy_pass http://127.0.0.1:{rig.sink.port}; }}
        }}""",
        workers="auto",
    )
    return Visitor(port, "page", tls), Visitor(port, "sink", tls), {"relay": [rig.lab.start(nginx)]}


def _proxy_with_tls(rig: Rig, name: str):
    certificate, key = rig.certificate
    options = f"ssl_certificate {certificate}; ssl_certificate_key {key}; ssl_protocols TLSv1.2 TLSv1.3;"
    return _proxy(rig, name, options, _trusting(rig.authority))


def _trusting(authority: Authority) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(authority.file))


def _ssh(rig: Rig, name: str):
    """OpenSSH's `-R`, its server as this user, with keys of its own."""
    folder = rig.own_folder(name)
    for key in ("host", "user"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / key], check=True, timeout=10)
    port, page, sink = free_port(), free_port(), free_port()
    (folder / "sshd_config").write_text(f"""
        ListenAddress 127.0.0.1:{port}
        HostKey {folder}/host
        AuthorizedKeysFile {folder}/user.pub
        PidFile none
        StrictModes no
        UsePAM no
        PermitRootLogin prohibit-password
    """)
    server = rig.lab.start(Program(["/usr/sbin/sshd", "-D", "-e", "-f", folder / "sshd_config"]))
    eventually(lambda: accepts(port) or _fail_if_ended(server))
    options = ["IdentitiesOnly=yes", "IdentityAgent=none", f"UserKnownHostsFile={folder}/known", "LogLevel=ERROR"]
    options += ["StrictHostKeyChecking=no", "ExitOnForwardFailure=yes", "BatchMode=yes"]
    command = ["ssh", "-N", "-F", "none", "-i", folder / "user", "-p", str(port)]
    command += [part for option in options for part in ("-o", option)]
    command += ["-R", f"127.0.0.1:{page}:127.0.0.1:{rig.upstream.port}"]
    command += ["-R", f"127.0.0.1:{sink}:127.0.0.1:{rig.sink.port}"]
    client = rig.lab.start(Program([*command, f"{getpass.getuser()}@127.0.0.1"]))
    eventually(lambda: (accepts(page) and accepts(sink)) or _fail_if_ended(client))
    return Visitor(page, "localhost"), Visitor(sink, "localhost"), {"relay": [server], "agent": [client]}


def _fail_if_ended(program: Program) -> None:
    assert program.is_running, f"{program} ended:\n{program.text}"


# Agents on fpw-relay.


def _hosts_of(name: str) -> tuple[str, str]:
    return f"{name}.bench.test", f"sink-{name}.bench.test"


def _on_relay(rig: Rig, name: str, agents: list[Program]):
    visitors = [rig.relay.visitor(host) for host in _hosts_of(name)]
    return *visitors, {"relay": [rig.relay], "agent": agents}


def _python_worker(rig: Rig, name: str):
    page, sink = _hosts_of(name)
    upstreams = [(page, rig.upstream.port, SLOTS), (sink, rig.sink.port, 1)]
    agents = [
        rig.lab.start(PythonWorker(rig.relay.url, f"http://127.0.0.1:{port}", slots, host=host))
        for host, port, slots in upstreams
    ]
    for agent in agents:
        agent.wait_for_line("polling with")
    return _on_relay(rig, name, agents)


def _limit_agents(rig: Rig, name: str, relay_url: str, env: dict[str, str] | None = None) -> list[Program]:
    binary = rig.once("limit-agent", lambda: _compiled(rig.folder / "limit-agent"))
    page, sink = _hosts_of(name)
    upstreams = [(page, rig.upstream.port, SLOTS), (sink, rig.sink.port, 1)]
    return [
        rig.lab.start(Program([binary, relay_url, host, TOKEN, f"http://127.0.0.1:{port}/", str(slots)], env))
        for host, port, slots in upstreams
    ]


def _compiled(binary: Path) -> Path:
    compiler = shutil.which("cc") or "clang"
    subprocess.run([compiler, "-O2", "-o", binary, LIMIT_AGENT, "-lcurl"], check=True, timeout=60)
    return binary


def _fpwd(rig: Rig, name: str, relay_url: str, **settings: object) -> list[Program]:
    page, sink = _hosts_of(name)
    tunnels = {
        "page": {"host": page, "upstream": f"http://127.0.0.1:{rig.upstream.port}", "workers": SLOTS},
        "sink": {"host": sink, "upstream": f"http://127.0.0.1:{rig.sink.port}", "workers": 1, "max_workers": 1},
    }
    common = {"relay": relay_url} | settings
    daemon = rig.lab.fpwd(tunnels={tunnel: table | common for tunnel, table in tunnels.items()}, daemon=QUIET)
    daemon.wait_until_ready()
    return [daemon]


# The same with TLS.


def _behind_nginx(rig: Rig, name: str, agents: Callable[[str], list[Program]]):
    relay, front = rig.relay_behind_nginx
    tls = _trusting(rig.authority)
    visitors = [Visitor(front.port, host, tls) for host in _hosts_of(name)]
    programs = {"relay": [relay], "front": [front], "agent": agents(f"https://localhost:{front.port}/")}
    return *visitors, programs


def _limit_agent_with_tls(rig: Rig, name: str):
    env = {"LIMIT_CA": str(rig.authority.file)}
    return _behind_nginx(rig, name, lambda url: _limit_agents(rig, name, url, env))


def _fpwd_with_tls(rig: Rig, name: str):
    return _behind_nginx(rig, name, lambda url: _fpwd(rig, name, url, ca_file=str(rig.authority.file)))


def _fpwd_with_http2(rig: Rig, name: str):
    return _behind_nginx(rig, name, lambda url: _fpwd(rig, name, url, ca_file=str(rig.authority.file), http2=True))


SYSTEMS: dict[str, tuple[str, Callable]] = {
    "nginx": ("nginx proxy (the limit, one hop)", _proxy),
    "ssh": ("OpenSSH -R (bytes only)", _ssh),
    "python": ("the Python worker on fpw-relay", _python_worker),
    "limit": (
        "limit-agent on fpw-relay",
        lambda rig, name: _on_relay(rig, name, _limit_agents(rig, name, rig.relay.url)),
    ),
    "fpwd": ("fpwd on fpw-relay", lambda rig, name: _on_relay(rig, name, _fpwd(rig, name, rig.relay.url))),
    "nginx-tls": ("nginx proxy with TLS", _proxy_with_tls),
    "limit-tls": ("limit-agent, TLS and HTTP/2", _limit_agent_with_tls),
    "fpwd-tls": ("fpwd, TLS", _fpwd_with_tls),
    "fpwd-http2": ("fpwd, TLS and HTTP/2", _fpwd_with_http2),
}
