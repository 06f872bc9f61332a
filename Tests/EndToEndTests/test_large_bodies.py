"""1 GiB each way through one slot: the same bytes, and no more memory than at rest."""

import hashlib
import os
import subprocess
from pathlib import Path

import pytest

from harness.program import Program
from harness.programs import HOST

GIB = 1 << 30
ALLOWED_GROWTH = 8 << 20

pytestmark = [pytest.mark.large, pytest.mark.timeout(180)]


@pytest.fixture(scope="module")
def gibibyte(nginx_files) -> tuple[Path, str]:
    """A file of 1 GiB, no two of its 64 KiB blocks the same, and its SHA-256."""
    file = nginx_files[1] / "gibibyte"
    digest = hashlib.sha256()
    block = os.urandom(1 << 20)
    with file.open("wb") as out:
        for number in range(GIB >> 20):
            piece = b"".join(
                number.to_bytes(4) + part.to_bytes(4) + block[part << 16 : (part + 1) << 16][8:] for part in range(16)
            )
            digest.update(piece)
            out.write(piece)
    yield file, digest.hexdigest()
    file.unlink()


class AtRest:
    """Both programs' memory after a first small visit each way; `check` compares their peak with it."""

    def __init__(self, tunnel, nginx_or_upstream_path: str):
        self.programs: list[Program] = [tunnel.relay, tunnel.daemon]
        for body in (None, bytes(100_000)):
            tunnel.visitor.visit("GET" if body is None else "POST", nginx_or_upstream_path, body=body)
        self.idle = [program.memory("VmRSS") for program in self.programs]
        for program in self.programs:
            program.forget_memory_peak()

    def check(self) -> None:
        for program, idle in zip(self.programs, self.idle, strict=True):
            peak = program.memory("VmHWM")
            print(f"{program}: {idle / 1e6:.1f} MB at rest, {peak / 1e6:.1f} MB at its peak")
            assert peak <= idle + ALLOWED_GROWTH


def curl(visitor, *arguments: str | Path) -> list[str]:
    return ["curl", "-sS", "--fail", "--max-time", "150", "-H", f"Host: {HOST}", *map(str, arguments)]


@pytest.mark.parametrize("rate", [None, "50M"], ids=["as fast as it goes", "at 50 MiB/s"])
def test_a_gibibyte_comes_down(tunnel, nginx_files, gibibyte, rate):
    path = tunnel(nginx_files[0], workers=1, max_workers=1)
    at_rest = AtRest(path, "/page")
    limit = ["--limit-rate", rate] if rate else []
    command = curl(path.visitor, *limit, f"{path.relay.url}gibibyte")
    with subprocess.Popen(command, stdout=subprocess.PIPE) as download:
        digest = hashlib.file_digest(download.stdout, "sha256").hexdigest()
    assert (download.returncode, digest) == (0, gibibyte[1])
    at_rest.check()


def test_a_gibibyte_goes_up(tunnel, upstream, gibibyte):
    @upstream.on("/sink")
    def _(request):
        digest = hashlib.sha256()
        for part in request.connection.body_parts(request.head):
            digest.update(part)
        request.respond(body=digest.hexdigest().encode())

    path = tunnel(upstream, workers=1, max_workers=1)
    at_rest = AtRest(path, "/sink")
    upload = subprocess.run(
        curl(path.visitor, "-T", gibibyte[0], f"{path.relay.url}sink"), capture_output=True, text=True
    )
    assert (upload.returncode, upload.stdout, upload.stderr) == (0, gibibyte[1], "")
    at_rest.check()
