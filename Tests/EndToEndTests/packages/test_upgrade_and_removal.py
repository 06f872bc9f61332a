"""From an older version to this one, and from there to nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from harness.debian import Debian
from harness.lab import running
from harness.load import Load
from harness.site import ACCOUNTS, FILES, FOLDERS, SERVICES, Site, install

# Where the machine itself writes: the package manager's books, logs and caches, the journal, systemd's state.
ITS_OWN = ["/dev", "/proc", "/root", "/run", "/sys", "/tmp"]
ITS_OWN += [f"/var/{folder}" for folder in ("cache", "lib/apt", "lib/dpkg", "lib/systemd", "log/apt", "log/journal")]
ITS_OWN += [f"/var/log/{file}.log" for file in ("alternatives", "dpkg")]


@pytest.fixture
def debian(boot) -> Iterator[Debian]:
    """One for each test."""
    with running(boot()) as program:
        yield program


def files(debian: Debian) -> set[str]:
    pruned = " -o ".join(f"-path {folder}" for folder in ITS_OWN).split()
    return set(debian.run("find", "/", "(", *pruned, ")", "-prune", "-o", "-print").splitlines())


def units(debian: Debian) -> str:
    """The units that run or have failed."""
    return debian.run("systemctl", "list-units", "--plain", "--no-legend", "fpw*")


def versions(debian: Debian) -> list[str]:
    return debian.run("dpkg-query", "--show", "--showformat=${Version}\n", *sorted(SERVICES)).splitlines()


def test_an_upgrade_restarts_both_services_keeps_edited_files_and_loses_no_visitor(debian, debs, older_debs, upstream):
    site = Site(debian, older_debs)
    site.start({"upstream": f"http://127.0.0.1:{upstream.port}"}, {"queue_timeout": "20s"}, {"drain_timeout": "20s"})
    edited = {file: debian.path(file).read_bytes() for file in FILES.values()}
    before, processes = versions(debian), [debian.unit(service, "MainPID") for service in SERVICES]
    with Load(site.visitor, upstream, visitors=8, takes=0.05) as load:
        load.some_more()
        install(debian, debs.both)
        site.wait_until_ready()
        load.some_more()
    print(load.summary())
    assert (load.lost_of_those_handed_over, load.duplicated) == (0, 0)
    assert all(new != old for new, old in zip(versions(debian), before, strict=True))
    assert all(debian.unit(service, "MainPID") not in processes for service in SERVICES)
    assert {file: debian.path(file).read_bytes() for file in FILES.values()} == edited
    for service in SERVICES:
        said = debian.run("stat", "--format=%a %G", FILES[service], FOLDERS[service])
        assert said == f"640 {ACCOUNTS[service]}\n750 {ACCOUNTS[service]}\n"


def test_an_upgrade_of_the_daemon_alone_turns_no_visitor_away(debian, debs, older_debs, upstream):
    site = Site(debian, older_debs)
    site.start({"upstream": f"http://127.0.0.1:{upstream.port}"}, {}, {})
    with Load(site.visitor, upstream, visitors=8, takes=0.05) as load:
        load.some_more()
        install(debian, [debs.fpwd])
        site.wait_until_ready()
        load.some_more()
    print(load.summary())
    assert (load.lost, load.duplicated, load.count("turned away")) == (0, 0, 0)


def test_an_upgrade_leaves_alone_what_was_switched_off(debian, debs, older_debs):
    Site(debian, older_debs)
    debian.run("systemctl", "disable", "--now", *SERVICES)
    install(debian, debs.both)
    for service in SERVICES:
        state = [debian.unit(service, what) for what in ("ActiveState", "UnitFileState")]
        assert state == ["inactive", "disabled"]


def test_removal_keeps_configuration_and_tokens_and_the_next_installation_uses_them(debian, debs, upstream):
    site = Site(debian, debs)
    site.start({"upstream": f"http://127.0.0.1:{upstream.port}"}, {}, {})
    kept = [*FILES.values(), "/etc/fpw/demo.token", "/etc/fpw-relay/demo.token"]
    contents = [debian.path(file).read_bytes() for file in kept]
    debian.run("apt-get", "remove", "--yes", *SERVICES)
    assert not debian.path("/usr/bin/fpwd").exists()
    assert units(debian) == ""
    assert [debian.path(file).read_bytes() for file in kept] == contents
    install(debian, debs.both)
    site.wait_until_ready()
    assert site.visitor.visit().text == "hello\n"


def test_a_purge_leaves_nothing_but_the_accounts(debian, debs, upstream):
    before = files(debian)
    site = Site(debian, debs)
    logs = [{"access_log": f"/var/log/{service}/access.log"} for service in SERVICES]
    site.start({"upstream": f"http://127.0.0.1:{upstream.port}"}, *logs)
    site.visitor.visit()
    debian.write("/etc/fpw/shop.conf", '[daemon]\nadmin_listen = "127.0.0.1:9890"\n', 0o640, "_fpwd")
    debian.run("systemctl", "enable", "--now", "fpwd@shop")
    assert "warning" not in debian.run("apt-get", "purge", "--yes", *SERVICES)
    after = files(debian)
    assert ("\n".join(sorted(after - before)), "\n".join(sorted(before - after))) == ("", "")
    assert [debian.attempt("getent", "passwd", name).returncode for name in ACCOUNTS.values()] == [0, 0]
    assert units(debian) == ""
    assert not [name for name in debian.path("/run").iterdir() if name.name.startswith("fpw")]
