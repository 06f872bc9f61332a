"""A process of the test's own, its output as lines that can be waited for."""

from __future__ import annotations

import itertools
import os
import random
import re
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

# How many times as long as usual to wait for what must come: programs that valgrind or a sanitizer watches are slow.
PATIENCE = float(os.environ.get("FPW_TEST_PATIENCE", "1"))

# What a program must not die of, and what a sanitizer says in it.
CRASHES = {-signal.SIGABRT, -signal.SIGBUS, -signal.SIGFPE, -signal.SIGILL, -signal.SIGSEGV, -signal.SIGTRAP}
COMPLAINT = re.compile(r"(ERROR|WARNING): \w+Sanitizer|: runtime error: ")


def environment() -> dict[str, str]:
    """What the programs find: nothing of the user's but where other programs are, and what is set for sanitizers."""
    passed = {name: value for name, value in os.environ.items() if name == "PATH" or name.endswith("SAN_OPTIONS")}
    return passed | {"SWIFT_BACKTRACE": "enable=no", "LIBDISPATCH_LOG": "NO"}


class Program:
    """Started at once, in the background. Standard output and error are kept together, line by line."""

    def __init__(self, arguments: Sequence[str | Path], env: Mapping[str, str] | None = None, cwd: Path | None = None):
        self.arguments = [str(argument) for argument in arguments]
        self.lines: list[str] = []
        self._changed = threading.Condition()
        self._ended = False
        self._process = subprocess.Popen(
            self.arguments,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=environment() | dict(env or {}),
            cwd=cwd,
            text=True,
            errors="backslashreplace",
        )
        self.pid = self._process.pid
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        for line in self._process.stdout:
            with self._changed:
                self.lines.append(line.rstrip("\n"))
                self._changed.notify_all()
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    def lines_with(self, *fragments: str) -> list[str]:
        """The lines that hold every fragment, letters of either case."""
        return [line for line in list(self.lines) if all(part.lower() in line.lower() for part in fragments)]

    def wait_for_line(self, *fragments: str, within: float = 10) -> str:
        with self._changed:
            self._changed.wait_for(lambda: self._ended or self.lines_with(*fragments), within * PATIENCE)
        found = self.lines_with(*fragments)
        assert found, f"no line with {fragments} from {self}:\n{self.text}"
        return found[0]

    @property
    def is_running(self) -> bool:
        return self._process.poll() is None

    def signal(self, number: int) -> None:
        self._process.send_signal(number)

    def suspend(self) -> None:
        """Stops it by SIGSTOP, and waits until all its threads have stopped."""
        self.signal(signal.SIGSTOP)
        os.waitid(os.P_PID, self.pid, os.WSTOPPED)

    def exit_code(self, within: float = 10) -> int:
        """Waits for the end, and for the last line of the output."""
        code = self._process.wait(within * PATIENCE)
        with self._changed:
            self._changed.wait_for(lambda: self._ended, within * PATIENCE)
        return code

    def stop(self, within: float = 15) -> int:
        """Asks it to end and waits. One that does not is killed, which fails the test, as a crash before does."""
        if self.is_running:
            self.signal(signal.SIGTERM)
        try:
            code = self.exit_code(within)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"{self} did not end within {within} s of SIGTERM:\n{self.text}") from None
        assert code not in CRASHES and not COMPLAINT.search(self.text), f"{self} crashed ({code}):\n{self.text}"
        return code

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def memory(self, field: str) -> int:
        """`VmRSS` or `VmHWM`, in bytes."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        return next(int(line.split()[1]) << 10 for line in status.splitlines() if line.startswith(field + ":"))

    @property
    def descriptors(self) -> int:
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    @property
    def cpu_seconds(self) -> float:
        """Time on a CPU so far (proc(5), stat), in the kernel too."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def forget_memory_peak(self) -> None:
        """Sets VmHWM back to VmRSS (proc(5), clear_refs)."""
        Path(f"/proc/{self.pid}/clear_refs").write_text("5")

    def __str__(self) -> str:
        return f"{Path(self.arguments[0]).name} ({self.pid})"


def eventually(condition: Callable[[], object], within: float = 10, every: float = 0.02):
    """The first true value of `condition`, for what no event tells."""
    deadline = time.monotonic() + within * PATIENCE
    while not (value := condition()):
        assert time.monotonic() < deadline, f"not within {within} s: {condition}"
        time.sleep(every)
    return value


def _ports() -> Iterator[int]:
    """Ports below those that outgoing connections take theirs from; each of pytest-xdist's processes has its own."""
    process = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    some = range(20_000 + process % 8 * 1500, 20_000 + (process % 8 + 1) * 1500)
    return itertools.cycle(random.sample(some, len(some)))


_unused_ports = _ports()


def free_port() -> int:
    """A port that nothing listens on."""
    while True:
        port = next(_unused_ports)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue


def accepts(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
