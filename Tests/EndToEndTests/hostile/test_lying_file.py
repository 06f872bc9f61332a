"""A damaged configuration is refused with a place, or means what TOML says it means; no file crashes a program."""

from __future__ import annotations

import re
import subprocess
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from harness.mutation import Mutator
from harness.program import CRASHES, environment
from harness.programs import binary

SIDE = "file"
SAMPLES = Path(__file__).parents[3] / "config"
SYNTAX_IS_OK, CONFIGURATION_ERROR = 0, 78

BASES = {
    "fpwd": [
        '[daemon]\nlog_level = "debug"  # a comment\nloops = 2\ninspector = true\n'
        'drain_timeout = "30s"\nreply_memory = "1MiB"\n\n'
        '[tunnel.blog]\nhost = "blog.example.test"\ntoken = "0123456789abcdef0123"\nupstream = "http://127.0.0.1:8080"\n'
        "relay = 'http://127.0.0.1:1/'\nworkers = 1_0\nmax_workers = 5_0\nhost_header = \"keep\"\n",
        '[tunnel."shop"]\n"host" = "shop.example.test"\ntoken = "\\u0041\\"-0123456789abcdef"\n'
        'upstream = "unix:/run/shop.sock"\nrelay = "https://relay.example.test/a/b"\nhealth_path = "/up?a=b#c"\n'
        'connect_timeout = "1500ms"\nmax_body = "2GiB"\n[ tunnel . other ]\nhost = "other.example.test"\n'
        "token = 'C:\\not\\an\\escape\\0123456'\nupstream = \"http://localhost\"\n",
    ],
    "fpw-relay": [
        '[relay]\nlisten = "127.0.0.1:28820"\nqueue_limit = 0x40\nvisit_timeout = "2m"\nmax_body = "1GiB"\n'
        'trusted_proxies = ["127.0.0.1",\n  "10.0.0.0/8", # two\n]\n\n'
        '[host."blog.example.test"]\ntoken = "0123456789abcdef"\n'
        '[host."*.example.org"]\ntokens = ["0123456789abcdef", \'fedcba9876543210\']\n'
    ],
}
PIECES = [
    *(
        b'"',
        b"'",
        b'"""',
        b"'''",
        b"\\",
        b"\\u0041",
        b"\\U0001F600",
        b"\\ud800",
        b"\\x41",
        b"\\e",
        b"#",
        b"[",
        b"]",
        b"[[",
        b"]]",
        b"=",
        b".",
    ),
    *(
        b"{",
        b"}",
        b"{a=1}",
        b"true",
        b"True",
        b"inf",
        b"nan",
        b"0o7",
        b"0b1",
        b"0x_1",
        b"1__0",
        b"1.5",
        b"1979-05-27",
        b"\xef\xbb\xbf",
    ),
    *(
        b"[tunnel.blog]\n",
        b"[daemon]\n",
        b"tunnel.a.host = 'x'\n",
        b'host = "twice.test"\n',
        b"workers = 3\n",
        b"\xc3\xa9",
        b"\xed\xa0\x80",
        b"\xe2\x80\xa8",
    ),
]


def sample(name: str) -> str:
    """The sample configuration with its first tunnel or host switched on."""
    text = (SAMPLES / f"{'fpw' if name == 'fpwd' else name}.conf").read_text()
    return re.sub(r"(?m)^#(?=[a-z_]+ = |\[)", "", text)


def run(name: str, file: Path, flag: str = "-T") -> subprocess.CompletedProcess:
    """Checks a file; -T also shows what it means."""
    return subprocess.run([binary(name), flag, "-c", file], capture_output=True, timeout=30, env=environment())


def is_explained(said: str, file: Path) -> bool:
    """Every line names a place and what is wrong there."""
    lines = said.splitlines()
    return bool(lines) and all(re.match(rf"{re.escape(str(file))}:[1-9]\d*:[1-9]\d*: .", line) for line in lines)


UNITS = {
    "ms": 1,
    "s": 1000,
    "m": 60_000,
    "h": 3_600_000,
    "d": 86_400_000,
    "B": 1,
    "KiB": 1 << 10,
    "MiB": 1 << 20,
    "GiB": 1 << 30,
}


def plain(value: object) -> object:
    """Durations and sizes in one unit; names and URLs in one spelling."""
    if isinstance(value, list):
        return [plain(item) for item in value]
    if not isinstance(value, str):
        return value
    if quantity := re.fullmatch(r"(\d+)([a-zA-Z]+)", value):
        return int(quantity[1]) * UNITS[quantity[2]] if quantity[2] in UNITS else value
    return value.rstrip("/").lower()


def misread(given: dict, shown: dict, place: str = "") -> list[str]:
    """Values that TOML gives and the program shows otherwise; secrets are not shown."""
    wrong = []
    for key, value in given.items():
        if isinstance(value, dict):
            wrong += misread(value, shown.get(key, shown.get(key.lower(), {})), f"{place}{key}.")
        elif not key.startswith("token"):
            seen = shown.get(key)
            # Nothing of any unit is shown without one.
            is_spelled_alike = type(seen) is type(value) or (isinstance(value, str) and type(seen) is int and seen == 0)
            if not is_spelled_alike or plain(seen) != plain(value):
                wrong.append(f"{place}{key} = {value!r} is shown as {seen!r}")
    return wrong


def judge(name: str, file: Path, data: bytes, tally) -> None:
    file.write_bytes(data)
    file.chmod(0o600)
    checked = run(name, file)
    said = checked.stderr.decode(errors="replace")
    if checked.returncode in CRASHES or "Sanitizer" in said:
        tally.crashes += 1
    if checked.returncode == CONFIGURATION_ERROR and is_explained(said, file):
        return tally.refuse()
    if checked.returncode != SYNTAX_IS_OK:
        return tally.accept_wrongly(f"{name}: ended with {checked.returncode}: {said}\n{data!r}")
    try:
        given = tomllib.loads(data.decode("utf-8-sig"))
        shown = tomllib.loads(checked.stdout.decode())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        return tally.accept_wrongly(f"{name}: accepted, and is no TOML ({error}):\n{data!r}")
    wrong = misread(given, shown)
    tally.accept_wrongly(f"{name}: {wrong}\n{data!r}") if wrong else tally.take()


@pytest.mark.parametrize("name", BASES)
def test_the_files_that_are_damaged_are_good_ones(tmp_path, tally, name):
    for text in BASES[name]:
        judge(name, tmp_path / "good.conf", text.encode(), tally)
        assert run(name, tmp_path / "good.conf", "-t").returncode == SYNTAX_IS_OK
    assert tally.passed == len(BASES[name])


@pytest.mark.parametrize("name", BASES)
def test_damaged_files_are_refused_with_a_place_or_mean_what_toml_says(tmp_path, tally, depth, name):
    bases = [text.encode() for text in [*BASES[name], sample(name)]]

    def check(lane: int) -> None:
        for data in Mutator((tally.seed, SIDE, name, lane), PIECES).many(bases, 12 * depth):
            judge(name, tmp_path / f"{lane}.conf", data, tally)

    with ThreadPoolExecutor(2) as lanes:
        for done in [lanes.submit(check, number) for number in range(2)]:
            done.result()


WHOLE = [
    *(
        b"\0",
        b"\xff\xfe[\0",
        b"\xef\xbb\xbf",
        b"[" * 100_000,
        b"a" * 1_000_000,
        b"\n" * 100_000,
        b'a = "' + b"x" * 1_000_000 + b'"\n',
    ),
    *(
        b"a = [" * 10_000,
        b"a." * 50_000 + b"a = 1\n",
        b"[a]\n" * 1000,
        b"a = 1\n" * 1000,
        b"a = 9" + b"9" * 100_000 + b"\n",
    ),
    *(
        b"\r" * 100,
        b"a = 1\rb = 2\n",
        b"#\x01\n",
        b"a = 'x\ty'\n",
        b'a = "\x7f"\n',
        b'[daemon]\nlog_level = "info"\r\n',
        bytes(range(256)),
    ),
]


@pytest.mark.parametrize("name", BASES)
@pytest.mark.parametrize("data", WHOLE, ids=lambda data: repr(data[:12]))
def test_no_file_is_too_odd_to_be_refused(tmp_path, tally, name, data):
    judge(name, tmp_path / "odd.conf", data, tally)


@pytest.mark.parametrize("name", BASES)
def test_what_is_no_file_is_refused(tmp_path, name):
    for place in (tmp_path, tmp_path / "none.conf", Path("/dev/null/x"), Path("/proc/self/mem"), Path("/dev/zero")):
        done = run(name, place, "-t")
        assert done.returncode in (66, 74, CONFIGURATION_ERROR), (place, done)
        assert str(place) in done.stderr.decode()
