"""Where a test's programs run: starts them, ends them, shows what they said where the test failed."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from harness.program import Program
from harness.programs import Fpwd, FpwRelay, Table
from harness.tls import Authority
from harness.visitor import Visitor


@contextlib.contextmanager
def running(program: Program) -> Iterator[Program]:
    try:
        yield program
    finally:
        try:
            program.stop()
        finally:
            print(f"──── {program}\n{program.text}")


@dataclass
class Tunnel:
    """The whole path: visitor → relay → daemon → the upstream that the test gave."""

    relay: FpwRelay
    daemon: Fpwd
    visitor: Visitor


class Lab:
    def __init__(self, ending: contextlib.ExitStack, folder: Path, authority: Authority | None = None):
        """With an authority, visitors and slots come to fpw-relay by TLS."""
        self._ending, self._folder, self._authority = ending, folder, authority

    def care(self, part: AbstractContextManager):
        """Begins a part and ends it with the test, after whatever was begun later."""
        return self._ending.enter_context(part)

    def start(self, program: Program) -> Program:
        return self.care(running(program))

    def relay(self, **settings: object) -> FpwRelay:
        """fpw-relay, listening: `relay(visit_timeout="1s")`."""
        settings.setdefault("authority", self._authority)
        relay = self.start(FpwRelay(self._folder, **settings))
        relay.wait_until_listening()
        return relay

    def fpwd(
        self,
        relay=None,
        upstream=None,
        tunnels: dict[str, Table] | None = None,
        daemon: Table | None = None,
        env: dict[str, str] | None = None,
        under: Sequence[str | Path] = (),
        **settings: object,
    ) -> Fpwd:
        """fpwd, started: one tunnel between a relay's URL (or what has one) and an upstream's, or those of `tunnels`.

        `workers` alone is an exact number of slots: without `max_workers` no more are opened ahead of demand.
        """
        if "workers" in settings:
            settings.setdefault("max_workers", settings["workers"])
        if relay:
            settings["relay"] = relay if isinstance(relay, str) else relay.url
        if upstream:
            settings["upstream"] = upstream if isinstance(upstream, str) else f"http://127.0.0.1:{upstream.port}"
        authority = getattr(relay, "authority", None) or self._authority
        return self.start(Fpwd(self._folder, tunnels or {"demo": settings}, env, under, authority, **(daemon or {})))

    def tunnel(self, upstream, relay: Table | None = None, **settings: object) -> Tunnel:
        """Both, ready: `tunnel(upstream, workers=1, relay={"queue_timeout": "1s"})`."""
        the_relay = self.relay(**(relay or {}))
        daemon = self.fpwd(the_relay, upstream, **settings)
        daemon.wait_until_ready()
        return Tunnel(the_relay, daemon, the_relay.visitor())
