"""A Debian machine for the commands of the documents: its own files, network and processes, gone with the test.

It is made of namespaces, so only root can make one. What is changed below /etc, /usr, /var, /root, /srv and in the
repository is the machine's alone. It has:

- both programs, with the accounts and folders that the packages make, and Caddy;
- the name server of `parts/dns.py`: names below 28820.com are the public platform's, all others this machine's;
- the public platform: fpw-relay behind an nginx that hides its extensions, as a relay would be that has none. Where no
  relay is made on this machine, it has the names below example.org as well, for `TOKEN`;
- an nginx that answers at all of `places` (ports, or addresses for https) and at sockets, where a service is expected;
- `parts/systemctl.py` in the place of systemctl.
"""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Collection
from pathlib import Path

from harness.documents import ROOT
from harness.program import PATIENCE, Program, eventually
from harness.programs import binary
from harness.tls import Authority

HERE = Path(__file__).parents[1]
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
TOKEN = "0123456789abcdef0123456789abcdef"

PACKAGES = ROOT / "packaging/debian"

_OWN = ["/etc", "/usr", "/var", "/root", "/srv", str(ROOT)]


class Machine:
    def __init__(self, folder: Path, authority: Authority, places: Collection[str], makes_relay: bool = False):
        self._folder, self._authority = folder, authority
        self._began: list[Program] = []
        namespaces = ["unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "--propagation=private"]
        self._first = Program([*namespaces, "bash", "-e", self._script()])
        try:
            self._first.wait_for_line("the machine is up")
            self._pid = _only_child(self._first.pid)
            self._prepare(places, [".28820.com"] if makes_relay else [".28820.com", ".example.org"])
        except BaseException:
            self.__exit__()
            raise

    def __enter__(self) -> Machine:
        return self

    def __exit__(self, *_) -> None:
        for program in reversed(self._began):
            program.kill()
            print(f"──── {' '.join(program.arguments[-1:])}\n{program.text}")
        self._first.kill()

    def _script(self) -> Path:
        """The first process: lays the machine's files over those of this one, and then takes in orphans."""
        over = self._folder / "over"
        lines = [f"mount -t tmpfs tmpfs {self._made(over)}", "mount -t proc proc /proc", "mount -t tmpfs tmpfs /run"]
        for number, place in enumerate(_OWN):
            upper, work = over / f"{number}", over / f"{number}w"
            lines.append(f"mkdir {upper} {work}")
            lines.append(f"mount -t overlay overlay -o lowerdir={place},upperdir={upper},workdir={work} {place}")
        for name in ("fpwd", "fpw-relay"):
            lines.append(f"touch /usr/bin/{name}; mount --bind {binary(name)} /usr/bin/{name}")
        lines += [
            "ip link set lo up",
            *(f"ip route add local {net} dev lo" for net in ("192.168.1.0/24", "10.0.0.0/8")),
        ]
        # The platform has an address of its own, so that port 443 is free for a relay's front.
        lines.append("nft 'add table ip nat; add chain ip nat out { type nat hook output priority -100; }'")
        lines.append("nft 'add rule ip nat out ip daddr 127.0.0.2 tcp dport 443 redirect to :28002'")
        lines += ["trap '' CHLD", "echo the machine is up", "exec sleep infinity"]
        script = self._folder / "machine.sh"
        script.write_text("\n".join(lines))
        return script

    @staticmethod
    def _made(folder: Path) -> Path:
        folder.mkdir()
        return folder

    # What a reader does.

    def run(self, command: str, typed: str = "", within: float = 15) -> subprocess.CompletedProcess[str]:
        """As root, in the repository. `typed` is what the reader types at its questions."""
        return subprocess.run(
            self._inside(command),
            input=typed,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=within * PATIENCE,
        )

    def begin(self, command: str) -> Program:
        """In a terminal of its own, until `end` or the end of the machine."""
        program = Program(self._inside(f"exec setsid env {command}"))
        self._began.append(program)
        return program

    def interrupt(self, program: Program) -> None:
        """Ctrl-C. What enters a machine waits for a child of its own there."""
        os.killpg(_only_child(program.pid), signal.SIGINT)

    def write(self, path: str, text: str, mode: int = 0o644, owner: str = "root:root") -> None:
        quoted = shlex.quote(path)
        steps = f"mkdir -p $(dirname {quoted}); cat >{quoted}; chmod {mode:o} {quoted}; chown {owner} {quoted}"
        done = self.run(steps, text)
        assert done.returncode == 0, done.stdout

    def _inside(self, command: str) -> list[str]:
        enter = ["nsenter", f"--target={self._pid}", "--mount", "--net", "--pid", "--", "env", "-i"]
        variables = [f"PATH={PATH}", "HOME=/root", "LANG=C.UTF-8", "SWIFT_BACKTRACE=enable=no", "PYTHONUNBUFFERED=1"]
        return [*enter, *variables, "bash", "-o", "pipefail", "-c", f"cd {ROOT}; {command}"]

    # What the machine has from the start.

    def _prepare(self, places: Collection[str], elsewhere: Collection[str]) -> None:
        certificates = self._certificates()
        self._packages()
        self._others()
        self.write("/etc/resolv.conf", "nameserver 127.0.0.1\n")
        self.write("/etc/hosts", "127.0.0.1 localhost\n")
        others = " ".join(f"{ending}=127.0.0.2" for ending in elsewhere)
        self.begin(f"-C Tests/EndToEndTests {sys.executable} -Bm parts.dns {others}")
        self._platform()
        self._service(places, certificates)
        # As the packages do.
        self._root("systemctl start fpwd fpw-relay")

    def _certificates(self) -> dict[str, tuple[str, str]]:
        """Certificates of an authority that this machine trusts, where the documents expect them."""
        trusted = Path("/etc/ssl/certs/ca-certificates.crt").read_text() + self._authority.file.read_text()
        self.write("/etc/ssl/certs/ca-certificates.crt", trusted)
        places = {}
        for names, certificate, key in (
            (["*.example.org", "*.28820.com"], "/srv/28820.com.pem", "/srv/28820.com.key"),
            (["10.0.0.5"], "/srv/other.pem", "/srv/other.key"),
            (
                ["example.org", "*.example.org"],
                "/etc/letsencrypt/live/example.org/fullchain.pem",
                "/etc/letsencrypt/live/example.org/privkey.pem",
            ),
        ):
            made = self._authority.certificate(*names)
            self.write(certificate, made[0].read_text())
            self.write(key, made[1].read_text(), 0o600)
            places[names[-1]] = (certificate, key)
        return places

    def _packages(self) -> None:
        """Accounts, folders, files and units, as packaging/debian has them."""
        number = 970
        for name in ("fpwd", "fpw-relay"):
            user = f"_{name}"
            assert f"u {user} " in (PACKAGES / f"{name}.sysusers").read_text()
            self._root(f"echo {user}:x:{(number := number + 1)}:{number}::/nonexistent:/usr/sbin/nologin >>/etc/passwd")
            self._root(f"echo {user}:x:{number}: >>/etc/group; echo '{user}:!::::::' >>/etc/shadow")
            self._root(f"install -m 644 packaging/debian/{name}.service /usr/lib/systemd/system/")
            for line in (PACKAGES / f"{name}.install").read_text().splitlines():
                source, place = line.split()
                if source.startswith(("packaging/", "docs/")):
                    self._root(f"mkdir -p /{place}; cp -r {source} /{place}/")
            config = {"fpwd": "fpw", "fpw-relay": "fpw-relay"}[name]
            self._root(f"install -d -m 750 -g {user} /etc/{config}")
            self._root(f"install -m 640 -g {user} config/{config}.conf /etc/")

    def _others(self) -> None:
        """What the documents expect besides: tokens carried here, other programs, and what a person has edited."""
        for name in ("blog", "home", "shop"):
            self.write(f"/etc/fpw/{name}.token", TOKEN + "\n", 0o640, "root:_fpwd")
        self.write("/etc/fpw-relay/token", TOKEN + "\n", 0o640, "root:_fpw-relay")
        self._root("echo caddy:x:970: >>/etc/group")
        self._root("install -D packaging/prometheus/prometheus.yml -t /etc/prometheus")
        for name in ("caddy", "promtool"):
            found = shutil.which(name)
            assert found, f"{name} is not in PATH: Tests/EndToEndTests/run gets it"
            self._root(f"touch /usr/bin/{name}; mount --bind {found} /usr/bin/{name}")
        stub = HERE / "parts/systemctl.py"
        self.write("/usr/local/sbin/systemctl", f'#!/bin/sh\nexec /usr/bin/python3 -B {stub} "$@"\n', 0o755)
        self.write("/usr/local/sbin/sudo", '#!/bin/sh\nexec "$@"\n', 0o755)
        # What was built, for `make install`.
        built = os.path.dirname(binary("fpwd"))
        self._root(f"mkdir -p .build/release; mount --bind {built} .build/release")

    def _platform(self) -> None:
        self.write(
            "/srv/platform.conf",
            f"""
            [relay]
            listen = "127.0.0.1:28000"
            admin_listen = "127.0.0.1:28001"
            trusted_proxies = ["127.0.0.1"]
            public_scheme = "https"
            allow_weak_token = true
            [host."*.28820.com"]
            token = "21a018194adc44e7"
            [host."*.example.org"]
            token = "{TOKEN}"
            """,
            0o600,
        )
        self.begin("RUNTIME_DIRECTORY=/srv fpw-relay -c /srv/platform.conf")

    def _service(self, places: Collection[str], certificates: dict[str, tuple[str, str]]) -> None:
        def tls(name: str) -> str:
            return "ssl_certificate {}; ssl_certificate_key {};".format(*certificates[name])

        plain = " ".join(f"listen {place};" for place in places if ":" not in place)
        secure = " ".join(f"listen {place} ssl;" for place in places if ":" in place)
        sockets = "listen unix:/run/app.sock; listen unix:/run/shop.sock;"
        self.write(
            "/srv/nginx.conf",
            f"""
            daemon off; master_process off; pid /srv/nginx.pid; error_log stderr; events {{}}
            http {{
                access_log off; client_body_temp_path /srv/body; proxy_temp_path /srv/proxy;
                fastcgi_temp_path /srv/fastcgi; uwsgi_temp_path /srv/uwsgi; scgi_temp_path /srv/scgi;
                server {{ {plain} {sockets} location / {{ return 200 "from the service\\n"; }} }}
                server {{ {secure or "listen 127.0.0.1:28003 ssl;"} {tls("10.0.0.5")} return 200; }}
                server {{
                    listen 28002 ssl; {tls("*.28820.com")} proxy_read_timeout 310s;
                    location / {{
                        proxy_pass http://127.0.0.1:28000; proxy_http_version 1.1; proxy_set_header Host $http_host;
                        proxy_set_header X-Forwarded-For $remote_addr; proxy_set_header X-Forwarded-Proto https;
                        proxy_set_header fpw-hello ''; proxy_hide_header fpw-features; proxy_hide_header fpw-public-url;
                    }}
                }}
            }}""",
        )
        self.begin("nginx -e stderr -c /srv/nginx.conf")
        wait = "curl --fail --silent --output /dev/null"
        eventually(lambda: self.run(f"{wait} --unix-socket /run/app.sock http://app/").returncode == 0)
        eventually(lambda: self.run(f"{wait} http://127.0.0.1:28001/healthz").returncode == 0)

    def _root(self, command: str) -> None:
        done = self.run(command)
        assert done.returncode == 0, f"{command}: {done.stdout}"


def _only_child(pid: int) -> int:
    return int(Path(f"/proc/{pid}/task/{pid}/children").read_text())
