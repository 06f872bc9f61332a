"""What fpwd tells systemd, in systemd's own words (sd_notify(3))."""

import socket
import threading
from pathlib import Path

import pytest

from harness.program import eventually


class NotifySocket:
    """Where systemd listens."""

    def __init__(self, path: Path):
        self.path = path
        self.said: list[str] = []
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(path))
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while data := self._socket.recv(4096):
            self.said += data.decode().splitlines()

    @property
    def environment(self) -> dict[str, str]:
        return {"NOTIFY_SOCKET": str(self.path)}

    @property
    def status(self) -> str:
        lines = [line for line in self.said if line.startswith("STATUS=")]
        return lines[-1].removeprefix("STATUS=") if lines else ""


@pytest.fixture
def systemd(tmp_path: Path) -> NotifySocket:
    return NotifySocket(tmp_path / "notify")


def test_the_status_line_counts_tunnels_and_slots_and_says_what_is_wrong(fpw_relay, fpwd, upstream, systemd):
    relay = fpw_relay()
    daemon = fpwd(relay, upstream, workers=2, env=systemd.environment)
    eventually(lambda: systemd.status == "1 of 1 tunnels up, 2 slots")
    assert systemd.said.index("READY=1") < systemd.said.index("STATUS=1 of 1 tunnels up, 2 slots")
    relay.kill()
    eventually(lambda: systemd.status.startswith("0 of 1 tunnels up, 0 slots; demo: "))
    daemon.file.write_text(daemon.file.read_text() + "\nremot = 1\n")
    daemon.signal(1)
    eventually(lambda: "the last reload failed, an older configuration is in use" in systemd.status)
    assert "unknown key 'remot'" in daemon.admin("/readyz")[1]
    daemon.reload({})
    eventually(lambda: systemd.status == f"no tunnel configured, edit {daemon.file}")
    status, body = daemon.admin("/readyz")
    assert (status, f"no tunnel configured, edit {daemon.file}" in body) == (200, True)
    daemon.stop()
    assert "STOPPING=1" in systemd.said


def test_the_watchdog_hears_from_the_event_loops(fpwd, relay_part, upstream, systemd):
    fpwd(relay_part, upstream, workers=1, env=systemd.environment | {"WATCHDOG_USEC": "400000"})
    eventually(lambda: systemd.said.count("WATCHDOG=1") >= 5)
