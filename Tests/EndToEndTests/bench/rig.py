"""What the systems share: the upstream, the relays, a folder, certificates."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from harness.fronts import shipped_nginx_site
from harness.lab import Lab
from harness.program import free_port
from harness.programs import TOKEN, FpwRelay, Nginx
from harness.tls import Authority
from parts.upstream import Request, Upstream

MIB = 1 << 20
QUIET = {"log_level": "warning", "access_log": "off"}
HOSTS = {"*.bench.test": {"token": TOKEN}}


@contextlib.contextmanager
def a_rig(log: Path) -> Iterator[Rig]:
    """A rig in a folder of its own; what its programs said stands in `log` when all has ended, by SIGTERM too."""
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    with contextlib.ExitStack() as ending:
        folder = Path(ending.enter_context(tempfile.TemporaryDirectory(prefix="fpw-bench.")))
        ending.enter_context(contextlib.redirect_stdout(ending.enter_context(log.open("w"))))
        yield Rig(Lab(ending.enter_context(contextlib.ExitStack()), folder), folder)


@dataclass
class Rig:
    """The upstream and the relays that systems share, started when the first system asks for them.

    The upstream is nginx with a page of 1 KiB and a file of 100 MiB. Uploads end in a sink of their own: nginx would
    answer before it has read them.
    """

    lab: Lab
    folder: Path
    _shared: dict[str, object] = field(default_factory=dict)

    def once(self, name: str, begin: Callable[[], object]):
        if name not in self._shared:
            self._shared[name] = begin()
        return self._shared[name]

    def own_folder(self, name: str) -> Path:
        folder = self.folder / name
        folder.mkdir()
        return folder

    @property
    def files(self) -> Path:
        return self.once("files", lambda: _files(self.own_folder("files")))

    @property
    def upstream(self) -> Nginx:
        return self.once(
            "upstream", lambda: self.lab.start(Nginx.serving_files(self.own_folder("upstream"), self.files))
        )

    @property
    def sink(self) -> Upstream:
        return self.once("sink", lambda: self.lab.care(_sink()))

    @property
    def authority(self) -> Authority:
        return self.once("authority", lambda: Authority(self.own_folder("authority"), "authority"))

    @property
    def certificate(self) -> tuple[Path, Path]:
        return self.once("certificate", lambda: self.authority.certificate("localhost"))

    @property
    def relay(self) -> FpwRelay:
        return self.once("relay", lambda: self.lab.relay(hosts=HOSTS, max_body=0, **QUIET))

    @property
    def relay_behind_nginx(self) -> tuple[FpwRelay, Nginx]:
        return self.once("relay behind nginx", lambda: _relay_behind_nginx(self))


def _files(folder: Path) -> Path:
    (folder / "page").write_bytes(b"0123456789abcdef" * 64)
    with (folder / "large").open("wb") as out:
        for _ in range(100):
            out.write(os.urandom(MIB))
    return folder


def _sink() -> Upstream:
    upstream = Upstream()

    def swallow(request: Request) -> None:
        for _ in request.connection.body_parts(request.head):
            pass
        request.respond()

    upstream.otherwise = swallow
    return upstream


def _relay_behind_nginx(rig: Rig) -> tuple[FpwRelay, Nginx]:
    relay = rig.lab.relay(hosts=HOSTS, max_body=0, trusted_proxies=["127.0.0.1"], public_scheme="https", **QUIET)
    port = free_port()
    site = shipped_nginx_site(port, relay.port, rig.certificate, "localhost *.bench.test")
    front = Nginx(rig.own_folder("front"), port, f"access_log off; {site}", workers="auto")
    return relay, rig.lab.start(front)
