"""The connection that carries a reply is reset, at every point of its way."""

import random
import time

import pytest

from harness.load import Load
from harness.program import eventually
from harness.programs import QUIET
from parts.proxy import Cable

SIZE = 30_000


@pytest.fixture
def path(lab, fpw_relay, fpwd, upstream):
    """fpwd reaches fpw-relay through a cable that can be cut."""
    relay = fpw_relay(**QUIET)
    cable = lab.care(Cable(relay.port))
    fpwd(cable, upstream, workers=10, daemon=QUIET).wait_until_ready()
    return cable, relay.visitor()


def before(cable: Cable, chance: random.Random) -> None:
    cable.cut_next(b"fpw-status", 0)


def during(cable: Cable, chance: random.Random) -> None:
    cable.cut_next(b"fpw-status", chance.randrange(1, SIZE))


def just_after(cable: Cable, chance: random.Random) -> None:
    cable.cut_next(Load.END, len(Load.END))


def all_at_once(cable: Cable, chance: random.Random) -> None:
    cable.cut_all()
    cable.cuts_made += 1


@pytest.mark.parametrize("cut", [before, during, just_after, all_at_once], ids=lambda cut: cut.__name__)
def test_a_reply_whose_connection_is_reset_arrives_once(fault, path, upstream, cut):
    cable, visitor = path
    chance = random.Random(1)
    with fault("reply's connection reset before / during / just after its upload") as row:
        with Load(visitor, upstream, visitors=4, size=SIZE) as load:
            deadline = time.monotonic() + 2.5
            while time.monotonic() < deadline and cable.cuts_made < 100:
                made = cable.cuts_made
                cut(cable, chance)
                eventually(lambda made=made: cable.cuts_made > made)
                load.run(0.02)
            load.some_more()
        row.measured(f"{cut.__name__.replace('_', ' ')}: resets", cable.cuts_made, at_least=20)
        row.measured("lost", load.lost, at_most=0)
        row.measured("duplicated", load.duplicated, at_most=0)
        row.measured("error pages", load.count("error page"))
        print(load.summary())
