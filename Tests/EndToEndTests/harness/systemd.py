"""systemd's side of sd_notify(3)."""

from __future__ import annotations

import socket
import threading
from pathlib import Path


class ServiceManager:
    """Hears what a program says that was started with `env`."""

    def __init__(self, folder: Path, watchdog: float | None = None):
        path = folder / "notify"
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(path))
        self.env = {"NOTIFY_SOCKET": str(path)}
        if watchdog:
            self.env["WATCHDOG_USEC"] = str(int(watchdog * 1_000_000))
        self.messages: list[str] = []
        self._changed = threading.Condition()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        while True:
            message = self._socket.recv(4096).decode()
            with self._changed:
                self.messages.append(message)
                self._changed.notify_all()

    def hears(self, beginning: str, times: int = 1, within: float = 10) -> bool:
        """Whether that many messages begin so, now or soon."""
        with self._changed:
            return self._changed.wait_for(lambda: len(self.heard(beginning)) >= times, within)

    def heard(self, beginning: str) -> list[str]:
        return [message for message in self.messages if message.startswith(beginning)]

    def forget(self) -> None:
        with self._changed:
            self.messages.clear()
