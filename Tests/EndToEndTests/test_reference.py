"""The references say what the programs do: docs/configuration.md and docs/troubleshooting.md."""

from __future__ import annotations

import re
import signal
from collections.abc import Iterable
from pathlib import Path

import pytest

from harness.documents import ROOT
from harness.program import Program, eventually, free_port
from harness.programs import HOST, TOKEN, Fpwd, FpwRelay, binary

pytestmark = [pytest.mark.fpwd, pytest.mark.fpw_relay]

CONFIGURATION = (ROOT / "docs/configuration.md").read_text()
TROUBLESHOOTING = (ROOT / "docs/troubleshooting.md").read_text()

# Each program's tables, and what must stand in them.
TABLES = {
    "fpwd": {"daemon": {}, "tunnel": {"host": f'"{HOST}"', "token": f'"{TOKEN}"', "upstream": '"http://127.0.0.1"'}},
    "fpw-relay": {"relay": {}, "host": {"token": f'"{TOKEN}"'}},
}
HEADERS = {"daemon": "[daemon]", "tunnel": "[tunnel.a]", "relay": "[relay]", "host": f'[host."{HOST}"]'}


def keys(table: str) -> dict[str, tuple[str, str]]:
    """What may stand behind a table's keys, and the default, as the reference has them."""
    section = re.search(rf"^### `\[{table}[].].*?(?=^##)", CONFIGURATION + "\n## ", re.DOTALL | re.MULTILINE)[0]
    rows = re.findall(r"^\| `(\w+)` \| (.*?) \| (.*?) \| .* \|$", section, re.MULTILINE)
    assert rows
    return {key: (value, default) for key, value, default in rows}


def asked(name: str, folder: Path, tables: dict[str, dict[str, str]], *arguments: str) -> str:
    """What a program says about a file with these tables."""
    file = folder / "asked.conf"
    lines = [[HEADERS[table], *(f"{key} = {value}" for key, value in rows.items())] for table, rows in tables.items()]
    file.write_text("\n".join(line for table in lines for line in table) + "\n")
    file.chmod(0o600)
    program = Program([binary(name), *arguments, "-c", file])
    program.exit_code()
    return program.text


def beyond(value: str) -> str | None:
    """A value outside of a range, or none of a list; nothing where the reference gives neither."""
    if re.fullmatch(r'(`"[a-z]+"`(, )?)+', value):
        return '"no-such-word"'
    if not (found := re.search(r"…[`\"]*\d+(\w*)", value)) or "/" in value:
        return None
    return {"": "9999999", "B": '"99999TiB"'}.get(found[1][-1:], '"99999d"')


@pytest.mark.parametrize("name", TABLES)
def test_the_allowed_values_are_those_of_the_reference(name, tmp_path):
    wrong = {
        table: needed | {key: value for key, (said, _) in keys(table).items() if (value := beyond(said))}
        for table, needed in TABLES[name].items()
    }
    said = asked(name, tmp_path, wrong, "-t")
    told = re.findall(r":\d+: (\w+) = \S+ is (?:outside (\S+)|not known here; write one of (.*))$", said, re.MULTILINE)
    expected = [
        (key, keys(table)[key][0].replace("`", ""))
        for table, rows in wrong.items()
        for key in rows
        if key not in TABLES[name][table]
    ]
    assert len(expected) > 8
    bare = [(key, re.sub(r", not below .*", "", value)) for key, value in expected]
    assert [(key, extent or words) for key, extent, words in told] == [
        (key, value.replace('"', "") if "…" in value else value) for key, value in bare
    ]


def literal(default: str) -> str | None:
    """A default that is a value, and no sentence; durations in seconds."""
    found = re.match(r'`?("[^"]*"|\d+|true|false|\[\])`?', default)
    seconds = re.fullmatch(r'"(\d+)(s|m|h)"', found[1]) if found else None
    return str(int(seconds[1]) * {"s": 1, "m": 60, "h": 3600}[seconds[2]]) if seconds else found and found[1]


@pytest.mark.parametrize("name", TABLES)
def test_the_defaults_are_those_of_the_reference(name, tmp_path):
    for table, needed in TABLES[name].items():
        said = asked(name, tmp_path, {table: needed}, "-T", "-q")
        shown = dict(re.findall(r"^(\w+) = (.*?) +# default$", said.partition(HEADERS[table])[2], re.MULTILINE))
        for key, (_, default) in keys(table).items():
            if key not in needed and not default.startswith("`https"):
                assert (key, literal(shown.get(key, ""))) == (key, literal(default))


# For each key of a program's first table a value that is not its default.
OTHERS = {
    "fpwd": {
        "log_level": "debug", "log_format": "json", "access_log": "off", "access_format": "json", "log_query": True,
        "log_address": "masked", "drain_timeout": "1s", "loops": 2, "reply_memory": "1MiB", "inspector": True,
    },
    "fpw-relay": {
        "slot_listen": "127.0.0.1:1", "loops": 2, "log_level": "debug", "log_format": "json", "access_log": "off",
        "access_format": "json", "log_query": True, "log_address": "masked", "max_body": "1MiB", "queue_timeout": "1s",
        "queue_limit": 1, "visit_timeout": "1s", "idle_timeout": "1s", "park_time": "1s", "resend_window": "1s",
        "max_connections_per_address": 1,
        "max_waiting_visitors": 1,
        "max_slots": 1,
        "min_upload_rate": "1B",
        "drain_timeout": "1s", "trusted_proxies": ["127.0.0.1"], "public_scheme": "https", "allow_weak_token": True,
    },
}  # fmt: skip
LISTENERS = {"fpwd": ["admin_listen"], "fpw-relay": ["listen", "tls_listen", "admin_listen"]}
FILES = {"fpwd": [], "fpw-relay": ["tls_certificate", "tls_key"]}


@pytest.mark.parametrize("name", TABLES)
def test_the_keys_that_need_a_restart_are_those_of_the_reference(name, start, tmp_path, authority):
    table = next(iter(TABLES[name]))
    assert {*OTHERS[name], *LISTENERS[name], *FILES[name]} == {*keys(table)}
    program = start(Fpwd(tmp_path, {}) if name == "fpwd" else FpwRelay(tmp_path))
    eventually(lambda: program.admin("/healthz")[0] == 200)
    changed = OTHERS[name] | {key: f"127.0.0.1:{free_port()}" for key in LISTENERS[name]}
    changed |= dict(zip(FILES[name], map(str, authority.certificate("localhost")), strict=False))
    program._rewrite({table: changed})
    program.wait_for_line("the configuration was reloaded")
    program.signal(signal.SIGTERM)
    program.exit_code()
    told = re.findall(r"\[\w+\] (\w+) has changed: restart", program.text)
    sentences = re.findall(r"^- (`.*`) need a restart; the log says so", CONFIGURATION, re.MULTILINE)
    sentence = sentences[[*TABLES].index(name)]
    assert sorted(told) == sorted(re.findall(r"`(\w+)`", sentence))


# What is to be found in docs/troubleshooting.md.


def sources(*names: str) -> str:
    files = [file for name in names for file in (ROOT / "Sources").rglob(name)]
    assert len(files) >= len(names)
    return "\n".join(file.read_text() for file in files)


def named(lines: Iterable[str]) -> set[str]:
    """What stands as code in the first cells of tables."""
    return {word for line in lines if line.startswith("| `") for word in re.findall(r"`([^`]+)`", line.split(" | ")[0])}


def test_every_reason_of_an_error_page_is_explained():
    explained = named(re.search(r"## The visitor sees.*?\n## ", TROUBLESHOOTING, re.DOTALL)[0].splitlines())
    faults = re.search(r"reasons = \[(.*?)\]", sources("UpstreamFault.swift"), re.DOTALL)[1]
    fpwd = set(re.findall(r'"([a-z-]+)"', faults))
    refusals = set(re.findall(r'case \.\w+: "([a-z-]+)"', sources("VisitRefusal.swift")))
    access = set(re.findall(r'case \w+ = "([a-z-]+)"', sources("AccessRefusal.swift")))
    failures = re.search(r"enum VisitFailure.*?\n}", sources("HostMachine.swift"), re.DOTALL)[0]
    pages = set(re.findall(r'reason: "([a-z-]+)"', (ROOT / "Sources/FPWRelay/Visitor/ErrorPage.swift").read_text()))
    relay = set(re.findall(r'"([a-z-]+)"', failures)) | pages
    groups = [fpwd, refusals, access, relay]
    assert [len(group) > 5 for group in groups] == [True] * 4
    assert set().union(*groups) == explained


def test_every_line_of_the_log_that_is_explained_is_one_that_a_program_writes():
    heads = r"in the log|in fpw-relay's log|line"
    logs = re.findall(rf"^\| (?:{heads}) \|.*?\n\n", TROUBLESHOOTING, re.DOTALL | re.MULTILINE)
    texts = {text for table in logs for text in named(table.splitlines())}
    assert len(texts) > 20
    written = sources("*.swift")
    pieces = {piece.strip() for text in texts for piece in re.split("…|; ", text) if len(piece.strip()) > 6}
    assert {piece for piece in pieces if re.sub(r"\d+ times in \d+ s", " times in ", piece) not in written} == set()
