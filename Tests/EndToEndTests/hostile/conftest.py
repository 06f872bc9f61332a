"""What the tests of liars share. A module names the side that lies: `SIDE = "relay"`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from harness.hostile import PROPERTY, Tally


@pytest.fixture(autouse=True)
def tally(request: pytest.FixtureRequest) -> Iterator[Tally]:
    """Counts a test's inputs; a test that does not count had one, refused or taken as it must be."""
    tally = Tally(request.module.SIDE, request.config.getoption("--seed"))
    yield tally
    if not tally.inputs:
        tally.refuse()
    request.node.user_properties.append((PROPERTY, vars(tally)))
    tally.check()


@pytest.fixture
def depth(request: pytest.FixtureRequest) -> int:
    return request.config.getoption("--depth")
