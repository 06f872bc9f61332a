"""Fixtures: the programs and parts that a test asks for, ended with it."""

from __future__ import annotations

import contextlib
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from harness.browser import Browser
from harness.faults import Row, Table, measuring
from harness.hostile import Table as HostileTable
from harness.lab import Lab, Tunnel, running
from harness.network import Network
from harness.programs import HOST, TOKEN, Fpwd, FpwRelay, Httpbin, Nginx
from harness.status_page import OpenPage
from harness.tls import Authority
from parts.relay import Relay
from parts.upstream import Upstream

MARKS = {"fpwd": ["fpwd"], "fpw_relay": ["fpw_relay"], "module_lab": ["fpwd", "fpw_relay"], "nginx_files": ["nginx"]}
MARKS["debian"] = ["debian"]


def pytest_configure() -> None:
    """Lets the programs be interrupted also where a shell started the tests in its background, ignoring SIGINT."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Marks each test with the programs that it runs: `-m 'not fpwd'` selects those that do without the daemon."""
    for item in items:
        clear = item.get_closest_marker("clear")
        if clear and config.getoption("--tls"):
            item.add_marker(pytest.mark.skip(reason=f"in clear text only: {clear.args[0]}"))
        for fixture in getattr(item, "fixturenames", ()):
            for mark in MARKS.get(fixture, []):
                item.add_marker(mark)


# The table of faults.


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--fault-table", type=Path, help="write the table of faults there; a fault without a figure fails")
    parser.addoption("--hostile-table", type=Path, help="write what liars tried there; a side that tried nothing fails")
    parser.addoption("--seed", type=int, default=1, help="for inputs made by chance")
    parser.addoption("--tls", action="store_true", help="let fpw-relay speak TLS in every test that may be run so")
    parser.addoption("--depth", type=int, default=1, help="how many times as many inputs are made by chance")


# Both are tables of what the tests noted: by option, title and kind.
TABLES = {"--fault-table": ("faults", Table), "--hostile-table": ("hostile inputs", HostileTable)}


def filled(table, reporter):
    for reports in reporter.stats.values():
        for report in reports:
            if getattr(report, "when", None) == "teardown":
                table.add(report.user_properties)
    return table


def pytest_terminal_summary(terminalreporter, config: pytest.Config) -> None:
    for option, (title, kind) in TABLES.items():
        file, table = config.getoption(option), filled(kind(), terminalreporter)
        text = table.text(with_missing=bool(file))
        if file or not table.is_empty:
            terminalreporter.section(title)
            terminalreporter.write(text)
        if file:
            file.write_text(text)


def pytest_sessionfinish(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    for option, (_, kind) in TABLES.items():
        if session.config.getoption(option) and filled(kind(), reporter).missing and not session.exitstatus:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture
def fault(request: pytest.FixtureRequest) -> Callable[[str], AbstractContextManager[Row]]:
    """Measures a row of the table: `with fault("SIGKILL") as row:`."""
    return lambda name: measuring(name, lambda *pair: request.node.user_properties.append(pair))


@pytest.fixture
def network() -> Iterator[Network]:
    """A network of the test's own. It must come before whatever is started in it:
    `@pytest.mark.usefixtures("network")`."""
    with Network() as own:
        yield own


# Programs and parts.


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """The tests of a file that says `BY_TLS_TOO = True` run twice: fpw-relay speaks clear text, then TLS."""
    if "lab" in metafunc.fixturenames and getattr(metafunc.module, "BY_TLS_TOO", False):
        metafunc.parametrize("lab", [False, True], ids=["clear", "tls"], indirect=True)


@pytest.fixture
def lab(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Lab]:
    by_tls = getattr(request, "param", request.config.getoption("--tls"))
    with contextlib.ExitStack() as ending:
        yield Lab(ending, tmp_path, request.getfixturevalue("authority") if by_tls else None)


@pytest.fixture(scope="module")
def module_lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """For programs that all tests of a file share."""
    with contextlib.ExitStack() as ending:
        yield Lab(ending, tmp_path_factory.mktemp("lab"))


@pytest.fixture
def start(lab: Lab) -> Callable:
    return lab.start


@pytest.fixture
def fpw_relay(lab: Lab) -> Callable[..., FpwRelay]:
    return lab.relay


@pytest.fixture
def fpwd(lab: Lab) -> Callable[..., Fpwd]:
    return lab.fpwd


@pytest.fixture
def tunnel(lab: Lab, fpwd, fpw_relay) -> Callable[..., Tunnel]:
    return lab.tunnel


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    with Upstream() as part:
        yield part


@pytest.fixture
def silent_address() -> Iterator[str]:
    """The URL of an address that answers no connection: its listener's queue is full."""
    with contextlib.ExitStack() as ending:
        listener = ending.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(3):
            waiting = ending.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listener.getsockname())
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


@pytest.fixture
def relay_part() -> Iterator[Relay]:
    """The foreign relay, written in Python."""
    with Relay(HOST, TOKEN) as part:
        yield part


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """The authority that the tests trust."""
    return Authority(tmp_path_factory.mktemp("authority"), "authority")


@pytest.fixture
def secure_upstream(authority: Authority) -> Iterator[Upstream]:
    """The upstream with TLS and a certificate of the tests' authority, for localhost and 127.0.0.1."""
    with Upstream(tls=authority.server("localhost")) as part:
        yield part


@pytest.fixture(scope="session")
def httpbin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Httpbin]:
    with running(Httpbin(tmp_path_factory.mktemp("httpbin"))) as program:
        yield program


@pytest.fixture(scope="session")
def nginx_files(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Nginx, Path]]:
    """nginx serving a folder, and that folder: `page` of 1 KiB stands in it."""
    files = tmp_path_factory.mktemp("files")
    (files / "page").write_bytes(b"0123456789abcdef" * 64)
    with running(Nginx.serving_files(tmp_path_factory.mktemp("nginx"), files)) as program:
        yield program, files


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with Browser(tmp_path_factory.mktemp("browser")) as program:
        yield program


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Callable[..., OpenPage]]:
    """Opens the status page at a URL: `open_page(url, width=360, dark=True, language="zh-CN")`."""
    pages: list[OpenPage] = []

    def opened(url: str, **look) -> OpenPage:
        pages.append(OpenPage(browser.tab(**look), url))
        return pages[-1]

    yield opened
    for page in pages:
        page.check()
        page.tab.close()
