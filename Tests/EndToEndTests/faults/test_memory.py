"""Bodies larger than the memory, and visitors who are in no hurry."""

import subprocess

import pytest

from harness.memory import MemoryCap
from harness.programs import HOST, QUIET

CAP = 64 << 20
SLOTS = 50
BODY = 100 << 20
RATE = 1 << 20


def downloads(url: str, seconds: int) -> list[subprocess.Popen]:
    said = "%{http_code} %{size_download}"
    command = ["curl", "-sS", "-o", "/dev/null", "-w", said, "--max-time", str(seconds), "--limit-rate", str(RATE)]
    return [
        subprocess.Popen(
            [*command, "-H", f"Host: {HOST}", url], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for _ in range(SLOTS)
    ]


@pytest.mark.measures
@pytest.mark.timeout(240)
@pytest.mark.parametrize("seconds", [6, pytest.param(150, marks=pytest.mark.slow)])
def test_slots_full_of_large_bodies_fit_into_little_memory(fault, lab, nginx_files, seconds):
    nginx, files = nginx_files
    with (files / "hundred").open("wb") as file:
        file.truncate(BODY)
    caps = [lab.care(MemoryCap(name, CAP)) for name in ("fpw-relay", "fpwd")]
    relay = lab.relay(under=caps[0].under, **QUIET)
    daemon = lab.fpwd(relay, f"http://127.0.0.1:{nginx.port}", workers=SLOTS, under=caps[1].under, daemon=QUIET)
    daemon.wait_until_ready()
    with fault("memory cap 64 MiB, 50 slots busy with 100 MiB bodies") as row:
        got = [(*download.communicate(), download.returncode) for download in downloads(relay.url + "hundred", seconds)]
        for program, cap in zip((relay, daemon), caps, strict=True):
            name = program.file.name.rpartition("-")[0]
            row.measured(f"{name}: OOM kills", cap.kills, at_most=0)
            row.measured(f"{name}: peak under the cap", cap.peak / 2**20, "MiB")
            row.measured(f"{name}: peak with its files", program.memory("VmHWM") / 2**20, "MiB")
        whole = sum(code == 0 and said == f"200 {BODY}" for said, _, code in got)
        began = sum(said.startswith("200 ") and int(said.split()[1]) >= RATE * seconds // 2 for said, _, _ in got)
        if seconds * RATE > BODY:
            row.measured("whole bodies", whole, at_least=SLOTS)
        row.measured("bodies under way at their rate", began, at_least=SLOTS)
