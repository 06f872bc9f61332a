"""Machines with Debian, and the packages."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from harness.debian import Debian
from harness.debs import Debs, older
from harness.lab import running
from harness.programs import Table
from harness.site import Site
from parts.upstream import Upstream

TOP = Path(__file__).parents[3]
RELEASES = ("bookworm", "trixie")


@pytest.fixture(scope="session", params=[pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in RELEASES])
def release(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="session")
def debs() -> Debs:
    """The packages under test, from $FPW_DEB_DIR, default .build/deb."""
    return Debs.inside(Path(os.environ.get("FPW_DEB_DIR") or TOP / ".build/deb"))


@pytest.fixture(scope="session")
def older_debs(debs: Debs, tmp_path_factory: pytest.TempPathFactory) -> Debs:
    """The same with a lower version."""
    return older(debs, tmp_path_factory.mktemp("older"))


@pytest.fixture(scope="session")
def boot(release: str, tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Debian]:
    """Boots a Debian of the release, without the packages."""
    root = Path(os.environ.get("FPW_DEBIAN_DIR") or TOP / ".build-debians") / release
    assert root.is_dir(), f"{root} is not there: `make deb-test` makes it"
    return lambda: Debian(root, tmp_path_factory.mktemp(release))


@pytest.fixture(scope="session")
def debian(boot: Callable[[], Debian]) -> Iterator[Debian]:
    """One for all tests, but for those of files that have their own."""
    with running(boot()) as program:
        yield program


@pytest.fixture
def upstream(debian: Debian) -> Iterator[Upstream]:
    """The scripted service, on loopback of the machine."""
    with Upstream() as part:
        yield part


@pytest.fixture(autouse=True)
def shown_journal(debian: Debian) -> Iterator[None]:
    """What the machine's journal says of a test, shown where the test fails."""
    before = len(debian.journal("--output=short-precise"))
    yield
    print(debian.journal("--output=short-precise")[before:])


@pytest.fixture(scope="session")
def site(debian: Debian, debs: Debs) -> Site:
    """The machine with both packages installed."""
    return Site(debian, debs)


@pytest.fixture
def served(site: Site, upstream: Upstream) -> Iterator[Callable[..., Site]]:
    """Both services started anew with one tunnel, to the scripted service unless `tunnel` names another:
    `served(tunnel={"workers": 2}, relay={"queue_limit": 1})`."""

    def start(tunnel: Table | None = None, relay: Table | None = None, daemon: Table | None = None) -> Site:
        site.start({"upstream": f"http://127.0.0.1:{upstream.port}"} | (tunnel or {}), relay or {}, daemon or {})
        return site

    yield start
    site.forget()
