"""A Debian of the tests' own, booted by its own systemd in a container (systemd-nspawn), without a network."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

from harness.network import network_of
from harness.program import PATIENCE, Program, eventually
from harness.systemd import ServiceManager

BOOT = Path(__file__).with_name("boot-debian.sh")

# What the commands in it find: nothing of the host's.
ENVIRONMENT = ["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8", "TERM=dumb", "DEBIAN_FRONTEND=noninteractive"]


class Debian(Program):
    """Booted when it is made. `root` is a folder with a Debian in it, which is not changed; what the machine writes
    goes to memory. Its console is this program's output.

    The caller's thread, and all that it starts, moves into the machine's network until the machine ends: what listens
    on loopback there is the machine's neighbour.
    """

    def __init__(self, root: Path, folder: Path):
        (folder / "disk").mkdir()
        self._manager = ServiceManager(folder)
        self._network = contextlib.ExitStack()
        self.leader: int | None = None
        super().__init__([BOOT, root, folder / "disk"], env=self._manager.env)
        try:
            self._wait_until_booted()
        except BaseException:
            self.stop()
            raise

    def _wait_until_booted(self) -> None:
        assert self._manager.hears("STATUS=Container running."), f"no machine (it needs root):\n{self.text}"
        [started] = self._manager.heard("STATUS=Container running.")
        self.leader = int(re.search(r"X_NSPAWN_LEADER_PID=(\d+)", started).group(1))
        assert self._manager.hears("READY=1", within=40 * PATIENCE), f"the machine did not boot:\n{self.text}"
        self._network.enter_context(network_of(self.leader))

    def reboot(self) -> None:
        self._network.close()
        self._manager.forget()
        self.run("systemctl", "reboot")
        self._wait_until_booted()

    def stop(self, within: float = 30) -> int:
        self._network.close()
        try:
            return super().stop(within)
        finally:
            # It outlives the program that started it where that one was killed.
            if self.leader:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(self.leader, signal.SIGKILL)

    # What a test does in it, as root.

    def attempt(self, *command: object, within: float = 60) -> subprocess.CompletedProcess:
        """Runs a command to its end, whatever that is. Standard output and error are kept together."""
        inside = ["nsenter", f"--target={self.leader}", "--all", "env", "--ignore-environment", *ENVIRONMENT]
        return subprocess.run(
            [*inside, *map(str, command)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=within * PATIENCE,
        )

    def run(self, *command: object, within: float = 60) -> str:
        """What a command says that must succeed."""
        done = self.attempt(*command, within=within)
        assert done.returncode == 0, f"{command} ended with {done.returncode}:\n{done.stdout}"
        return done.stdout

    def path(self, path: str) -> Path:
        """A file of the machine, as the host sees it."""
        return Path(f"/proc/{self.leader}/root{path}")

    def write(self, path: str, content: str | bytes, mode: int = 0o644, group: str = "root") -> None:
        """Replaces a file whole, so that nobody reads half of it."""
        new = self.path(path + ".test-new")
        new.write_bytes(content.encode() if isinstance(content, str) else content)
        new.chmod(mode)
        self.run("chgrp", group, path + ".test-new")
        new.replace(self.path(path))

    # What systemd and the journal say.

    def unit(self, name: str, what: str) -> str:
        """A property of a unit: `unit("fpwd", "MainPID")` (systemctl(1), show)."""
        return self.run("systemctl", "show", "--property", what, "--value", name).strip()

    @contextlib.contextmanager
    def drop_in(self, service: str, *lines: str) -> Iterator[None]:
        """Changes a service's unit for what is started while the block runs (systemd.unit(5))."""
        folder = f"/run/systemd/system/{service}.service.d"
        self.run("mkdir", "-p", folder)
        self.write(f"{folder}/test.conf", "\n".join(["[Service]", *lines, ""]))
        self.run("systemctl", "daemon-reload")
        try:
            yield
        finally:
            self.run("rm", "-r", folder)
            self.run("systemctl", "daemon-reload")

    def wait_for_another(self, service: str, process: str) -> None:
        """Until a service is up with another main process than this."""
        eventually(lambda: self.unit(service, "MainPID") != process and self.unit(service, "ActiveState") == "active")

    def journal(self, *options: str) -> str:
        """The journal since the last boot: `journal("--unit=fpwd", "--priority=err")`."""
        self.run("journalctl", "--sync")
        return self.run("journalctl", "--boot", "--no-pager", "--quiet", "--output=cat", *options)

    def wait_for_journal(self, unit: str, fragment: str, within: float = 10) -> str:
        """The journal of a unit once it has a line with this in it."""
        return eventually(lambda: fragment in (text := self.journal(f"--unit={unit}")) and text, within, every=0.1)
