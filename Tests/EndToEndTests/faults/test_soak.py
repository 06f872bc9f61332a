"""A few minutes of what `make soak` does for as long as one likes."""

import pytest

from soak import soak


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_memory_and_descriptors_stay_where_they_are(fault, tunnel, upstream):
    path = tunnel(upstream, workers=8, relay={"log_level": "warning"}, daemon={"log_level": "warning"})
    # So short a run does not tell 1 MiB, the limit of 20 minutes, from what an allocator gives and takes.
    with fault("soak") as row:
        soaked = soak(path, upstream, duration=180)
        row.measured("minutes", soaked.duration / 60)
        row.measured("lost or duplicated", soaked.lost, at_most=0)
        for each in soaked.figures:
            row.measured(f"{each.program}: RSS rises by", each.resident_rise, "MiB", at_most=3)
            row.measured(f"{each.program}: descriptors rise by", each.descriptors_rise, at_most=2)
