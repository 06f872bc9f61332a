"""The programs under test, with a configuration file each, and the servers of others around them."""

from __future__ import annotations

import contextlib
import functools
import http.client
import itertools
import json
import os
import signal
import ssl
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from harness.program import PATIENCE, Program, accepts, environment, eventually, free_port
from harness.tls import Authority
from harness.visitor import Answer, Visitor

HOST = "demo.example.test"
TOKEN = "a-token-of-the-tests-own"

Table = dict[str, object]

# For tests with many visits: without a line for each.
QUIET: Table = {"log_level": "warning"}


def toml(tables: dict[str, Table]) -> str:
    """Tables as TOML: JSON's strings, numbers, booleans and arrays are TOML's too."""
    return "\n".join(
        "\n".join([f"[{name}]", *(f"{key} = {json.dumps(value)}" for key, value in table.items()), ""])
        for name, table in tables.items()
    )


def binary(name: str) -> Path:
    folder = Path(os.environ.get("FPW_BIN_DIR") or Path(__file__).parents[3] / ".build/release")
    file = folder / name
    assert file.exists(), f"{file} is not there: build with `swift build -c release`, or set FPW_BIN_DIR"
    return file


class _Configured(Program):
    """A program with `-c FILE` and an admin listener."""

    _numbers = itertools.count(1)

    def __init__(
        self,
        name: str,
        folder: Path,
        tables: dict[str, Table],
        env: dict[str, str] | None = None,
        arguments: tuple[str, ...] = (),
        under: Sequence[str | Path] = (),
    ):
        """`under` is a command that becomes the program: `("prlimit", "--nofile=64")`."""
        self.file = folder / f"{name}-{next(self._numbers)}.conf"
        self.file.write_text(toml(tables))
        self.file.chmod(0o600)
        # Where it leaves its status page's URL.
        self.env = {"RUNTIME_DIRECTORY": str(folder)} | (env or {})
        self.binary = binary(name)
        super().__init__([*under, self.binary, *arguments, "-c", self.file], env=self.env)

    def ask(
        self, path: str, fields: dict[str, str] | None = None, method: str = "GET", body: bytes | None = None
    ) -> Answer:
        """What the admin listener answers; `fields` are the request's."""
        connection = http.client.HTTPConnection("127.0.0.1", self.admin_port, timeout=30 * PATIENCE)
        with contextlib.closing(connection):
            connection.request(method, path, body, fields or {})
            response = connection.getresponse()
            return Answer(response.status, tuple(response.getheaders()), response.read())

    def command(self, *arguments: str) -> subprocess.CompletedProcess:
        """Another run of the same program beside this one: `command("status", "--url")`."""
        return subprocess.run(
            [self.binary, *arguments, "-c", self.file],
            env=environment() | self.env,
            capture_output=True,
            text=True,
            timeout=10 * PATIENCE,
        )

    def _rewrite(self, tables: dict[str, Table]) -> None:
        """Replaces the file whole, so that nobody reads half of it, and says so."""
        new = self.file.with_suffix(".new")
        new.write_text(toml(tables))
        new.chmod(0o600)
        new.replace(self.file)
        self.signal(signal.SIGHUP)

    def admin(self, path: str) -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.admin_port, timeout=5 * PATIENCE)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            return response.status, response.read().decode()
        except OSError as error:
            return 0, str(error)
        finally:
            connection.close()

    @property
    def is_ready(self) -> bool:
        assert self.is_running, f"{self} ended:\n{self.text}"
        return self.admin("/readyz")[0] == 200

    def wait_until_ready(self, within: float = 10) -> None:
        eventually(lambda: self.is_ready, within)

    def metric(self, name: str, **labels: str) -> float:
        """The sum of a metric's samples that carry these labels."""
        wanted = [f'{label}="{value}"' for label, value in labels.items()]
        samples = (
            line.rpartition(" ")
            for line in self.admin("/metrics")[1].splitlines()
            if line.startswith((name + "{", name + " ")) and all(label in line for label in wanted)
        )
        return sum(float(value) for _, _, value in samples)


class FpwRelay(_Configured):
    def __init__(
        self,
        folder: Path,
        port: int | None = None,
        hosts: dict[str, Table] | None = None,
        env: dict[str, str] | None = None,
        under: Sequence[str | Path] = (),
        authority: Authority | None = None,
        tls_port: int | None = None,
        **relay: object,
    ):
        """With an authority it has a listener with TLS too, and `url` and `visitor` are there."""
        self.port, self.admin_port = port or free_port(), free_port()
        self.url, self.authority, self.tls_port = f"http://127.0.0.1:{self.port}/", authority, None
        if authority:
            self.tls_port = tls_port or free_port()
            self.url = f"https://localhost:{self.tls_port}/"
            self.certificate = authority.certificate("localhost", HOST)
        super().__init__("fpw-relay", folder, self._tables(hosts, relay), env, under=under)

    def _tables(self, hosts: dict[str, Table] | None, relay: Table) -> dict[str, Table]:
        settings: Table = {"listen": f"127.0.0.1:{self.port}", "admin_listen": f"127.0.0.1:{self.admin_port}"}
        if self.authority:
            certificate, key = map(str, self.certificate)
            settings |= {"tls_listen": f"127.0.0.1:{self.tls_port}", "tls_certificate": certificate, "tls_key": key}
        tables = {"relay": settings | relay}
        for host, table in (hosts or {HOST: {"token": TOKEN}}).items():
            tables[f'host."{host}"'] = table
        return tables

    def reload(self, hosts: dict[str, Table] | None = None, **relay: object) -> None:
        self._rewrite(self._tables(hosts, relay))

    def wait_until_listening(self) -> None:
        port = self.tls_port if self.authority else self.port
        eventually(lambda: accepts(port) or self._fail_if_ended())

    def _fail_if_ended(self) -> None:
        assert self.is_running, f"{self} ended:\n{self.text}"

    @functools.cached_property
    def tls(self) -> ssl.SSLContext | None:
        """What visitors and slots of a test's own come with."""
        return ssl.create_default_context(cafile=str(self.authority.file)) if self.authority else None

    @property
    def public_url(self) -> str:
        """What slots are told of where they are visited."""
        return f"https://{HOST}:{self.tls_port}/" if self.authority else f"http://{HOST}:{self.port}/"

    def visitor(self, host: str = HOST) -> Visitor:
        return Visitor(self.tls_port if self.authority else self.port, host, self.tls)


class Fpwd(_Configured):
    def __init__(
        self,
        folder: Path,
        tunnels: dict[str, Table],
        env: dict[str, str] | None = None,
        under: Sequence[str | Path] = (),
        authority: Authority | None = None,
        **daemon: object,
    ):
        """With an authority it trusts the relays of that one."""
        self.admin_port = free_port()
        self._trusts = {"ca_file": str(authority.file)} if authority else {}
        self._daemon = {"admin_listen": f"127.0.0.1:{self.admin_port}"} | daemon
        super().__init__("fpwd", folder, self._tables(tunnels), env, under=under)

    def _tables(self, tunnels: dict[str, Table]) -> dict[str, Table]:
        defaults = {"host": HOST, "token": TOKEN} | self._trusts
        return {"daemon": self._daemon} | {f"tunnel.{name}": defaults | table for name, table in tunnels.items()}

    def reload(self, tunnels: dict[str, Table]) -> None:
        self._rewrite(self._tables(tunnels))


class Nginx(Program):
    """nginx in the foreground with `http` as the inside of its http block; all its files stay in `folder`.

    It is one process; with `workers`, a number or "auto", it has workers of the same user.
    """

    def __init__(self, folder: Path, port: int, http: str, workers: str | None = None):
        self.port = port
        user = "user root;" if os.getuid() == 0 else ""
        processes = f"worker_processes {workers}; {user}" if workers else "master_process off;"
        (folder / "nginx.conf").write_text(f"""
            daemon off; {processes} pid {folder}/nginx.pid; error_log stderr notice;
            events {{ worker_connections 4096; }}
            http {{
                client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
                fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
                {http}
            }}""")
        super().__init__(["/usr/sbin/nginx", "-p", folder, "-e", "stderr", "-c", folder / "nginx.conf"])
        eventually(lambda: accepts(port) or self._fail_if_ended())

    def _fail_if_ended(self) -> None:
        assert self.is_running, f"nginx ended:\n{self.text}"

    @classmethod
    def serving_files(cls, folder: Path, files: Path) -> Nginx:
        port = free_port()
        return cls(
            folder,
            port,
            f"access_log off; sendfile on; keepalive_requests 100000;"
            f"server {{ listen 127.0.0.1:{port}; root {files}; }}",
        )


class HAProxy(Program):
    """HAProxy in the foreground with `text` as its configuration."""

    def __init__(self, folder: Path, port: int, text: str):
        file = folder / "haproxy.cfg"
        file.write_text(text)
        super().__init__(["/usr/sbin/haproxy", "-db", "-f", file])
        eventually(lambda: accepts(port) or self._fail_if_ended())

    def _fail_if_ended(self) -> None:
        assert self.is_running, f"HAProxy ended:\n{self.text}"


class Caddy(Program):
    """Caddy in the foreground with `text` as its Caddyfile; all its files stay in `folder`."""

    def __init__(self, folder: Path, port: int, text: str):
        self.port = port
        (folder / "Caddyfile").write_text(text)
        home = {"HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
        super().__init__(["caddy", "run", "--config", folder / "Caddyfile", "--adapter", "caddyfile"], env=home)
        eventually(lambda: accepts(port) or self._fail_if_ended())

    def _fail_if_ended(self) -> None:
        assert self.is_running, f"Caddy ended:\n{self.text}"


class PythonWorker(Program):
    """The independent worker, as a process of its own."""

    def __init__(
        self,
        relay_url: str,
        upstream_url: str,
        threads: int,
        token: str = TOKEN,
        host: str = HOST,
        authority: Authority | None = None,
    ):
        options = {"relay": relay_url, "upstream": upstream_url, "host": host, "token": token, "threads": threads}
        options |= {"ca": authority.file} if authority else {}
        arguments = [f"--{name}={value}" for name, value in options.items()]
        super().__init__([sys.executable, "-Bm", "parts.worker", *arguments], cwd=Path(__file__).parents[1])


class Httpbin(Program):
    """httpbin as it is deployed: under gunicorn, which keeps connections and takes chunked requests."""

    def __init__(self, folder: Path):
        self.port = free_port()
        options = ["--worker-class=gthread", "--threads=8", "--keep-alive=30", f"--bind=127.0.0.1:{self.port}"]
        options += ["--forwarded-allow-ips=127.0.0.1", f"--worker-tmp-dir={folder}", "--no-control-socket"]
        super().__init__([sys.executable, "-m", "gunicorn", *options, "httpbin:app"])
        eventually(lambda: accepts(self.port), 20)


class Mortal(Program):
    """The upstream that dies in the middle of every answer."""

    def __init__(self):
        self.port = free_port()
        super().__init__([sys.executable, "-Bm", "parts.mortal", str(self.port)], cwd=Path(__file__).parents[1])
        eventually(lambda: accepts(self.port))
