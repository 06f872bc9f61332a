"""Both packages on one machine, as an operator sets them up: relay, daemon, a token in a file for each."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from harness.debian import Debian
from harness.debs import Debs
from harness.program import eventually
from harness.programs import HOST, TOKEN, Table, toml
from harness.visitor import Visitor

SERVICES = ("fpw-relay", "fpwd")
ACCOUNTS = {"fpw-relay": "_fpw-relay", "fpwd": "_fpwd"}
FILES = {"fpw-relay": "/etc/fpw-relay.conf", "fpwd": "/etc/fpw.conf"}
FOLDERS = {"fpw-relay": "/etc/fpw-relay", "fpwd": "/etc/fpw"}
RELAY = "http://127.0.0.1:28820/"


def install(debian: Debian, packages: Sequence[Path]) -> str:
    """Installs packages that stand on the host, as root would; nothing can be fetched. Returns what was said."""
    for package in packages:
        debian.write(f"/root/{package.name}", package.read_bytes())
    return debian.run("apt-get", "install", "--yes", *(f"/root/{package.name}" for package in packages))


class Site:
    def __init__(self, debian: Debian, debs: Debs):
        self.debian = debian
        self.visitor = Visitor(28820, HOST)
        install(debian, debs.both)

    def start(self, tunnel: Table, relay: Table, daemon: Table) -> None:
        """Starts both services anew with one host and one tunnel, and waits until a visitor would be served."""
        self.debian.write("/etc/fpw-relay/demo.token", TOKEN, 0o640, "_fpw-relay")
        self.debian.write("/etc/fpw/demo.token", TOKEN, 0o640, "_fpwd")
        self.configure_relay(HOST, **relay)
        self.configure_daemon({"demo": tunnel}, **daemon)
        self.debian.run("systemctl", "restart", *SERVICES)
        self.wait_until_ready()

    def configure_relay(self, *hosts: str, **relay: object) -> None:
        tables = {f'host."{host}"': {"token_file": "/etc/fpw-relay/demo.token"} for host in hosts}
        self.write("fpw-relay", toml({"relay": relay} | tables))

    def configure_daemon(self, tunnels: dict[str, Table], **daemon: object) -> None:
        base = {"host": HOST, "token_file": "/etc/fpw/demo.token", "relay": RELAY}
        tables = {f"tunnel.{name}": base | table for name, table in tunnels.items()}
        self.write("fpwd", toml({"daemon": daemon} | tables))

    def write(self, service: str, text: str) -> None:
        """Replaces a service's configuration."""
        self.debian.write(FILES[service], text, 0o640, ACCOUNTS[service])

    def wait_until_ready(self) -> None:
        eventually(lambda: self.debian.attempt("fpwd", "ready").returncode == 0, every=0.05)

    def forget(self) -> None:
        """Ends what a test left, whatever its state."""
        self.debian.run("systemctl", "stop", *SERVICES)
        self.debian.run("systemctl", "reset-failed")
