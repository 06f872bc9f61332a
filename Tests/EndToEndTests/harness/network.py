"""A network of a test's own, in which packets are lost and counted."""

from __future__ import annotations

import contextlib
import ctypes
import itertools
import json
import os
import re
import subprocess
from collections.abc import Iterator

_libc = ctypes.CDLL(None, use_errno=True)
_NEW_NETWORK = 0x40000000  # CLONE_NEWNET (sched.h), which Python names from 3.12 on


def _call(function, *arguments: int) -> None:
    if function(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{function.__name__}: {os.strerror(number)} (a network namespace needs root)")


@contextlib.contextmanager
def network_of(process: int) -> Iterator[None]:
    """This thread's network, and that of what it starts, is a process's as long as the block runs. It needs root."""
    before = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    other = os.open(f"/proc/{process}/ns/net", os.O_RDONLY)
    try:
        _call(_libc.setns, other, _NEW_NETWORK)
        yield
    finally:
        _call(_libc.setns, before, _NEW_NETWORK)
        os.close(before)
        os.close(other)


def _run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=10)
    assert done.returncode == 0, f"{command}: {done.stderr}"
    return done.stdout


class Network:
    """Loopback alone, with rules of nftables on all that arrives. Only root may make one.

    It is this thread's and that of the threads and programs which it starts afterwards.
    """

    _numbers = itertools.count(1)

    def __enter__(self) -> Network:
        self._before = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        _call(_libc.unshare, _NEW_NETWORK)
        try:
            _run("ip", "link", "set", "lo", "up")
            _run("nft", "add table inet fault; add chain inet fault arriving { type filter hook input priority 0; }")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_) -> None:
        _call(_libc.setns, self._before, _NEW_NETWORK)
        os.close(self._before)

    @contextlib.contextmanager
    def rule(self, *rules: str) -> Iterator[None]:
        """Rules in nftables' words, as long as the block runs: `rule("tcp dport 80 drop")`."""
        said = [_run("nft", "--echo", "--handle", "add", "rule", "inet", "fault", "arriving", rule) for rule in rules]
        handles = [re.search(r"# handle (\d+)", line).group(1) for line in said]
        try:
            yield
        finally:
            for handle in handles:
                _run("nft", "delete", "rule", "inet", "fault", "arriving", "handle", handle)

    def drop(self, port: int) -> contextlib.AbstractContextManager[None]:
        """A black hole: what goes to a port and what comes from it vanishes."""
        return self.rule(f"tcp dport {port} drop", f"tcp sport {port} drop")

    @contextlib.contextmanager
    def lose(self, percent: int, port: int) -> Iterator[Counter]:
        """Loses packets to and from a port, each way and by chance, and counts them."""
        lost = self._counter()
        chance = f"numgen random mod 100 < {percent} counter name {lost.name} drop"
        with self.rule(f"tcp dport {port} {chance}", f"tcp sport {port} {chance}"):
            yield lost

    @contextlib.contextmanager
    def attempts(self, port: int) -> Iterator[Counter]:
        """Counts connections that are begun to a port: the first packets of the handshake, their repetitions too."""
        attempts = self._counter()
        with self.rule(f"tcp dport {port} tcp flags & (syn|ack) == syn counter name {attempts.name}"):
            yield attempts

    def _counter(self) -> Counter:
        counter = Counter(f"counter{next(self._numbers)}")
        _run("nft", "add", "counter", "inet", "fault", counter.name)
        return counter


class Counter:
    def __init__(self, name: str):
        self.name = name

    @property
    def packets(self) -> int:
        said = json.loads(_run("nft", "--json", "list", "counter", "inet", "fault", self.name))
        return next(entry["counter"]["packets"] for entry in said["nftables"] if "counter" in entry)
