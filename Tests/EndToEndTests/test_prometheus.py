"""Prometheus: both programs' metrics, and the rules, the scrape configuration and the dashboard of packaging/."""

import json
import re
import signal
import subprocess
from pathlib import Path

import pytest

from harness.documents import FENCED, blocks
from harness.program import Program, eventually, free_port
from harness.programs import HOST
from harness.prometheus import DASHBOARD, PACKAGING, RULES, Dashboard


def promtool(*arguments: str | Path, text: str | None = None) -> str:
    """What promtool said; fails where it found something."""
    done = subprocess.run(["promtool", *arguments], input=text, capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def families(program) -> set[str]:
    """The names of a program's metrics, as their series are called."""
    types = re.findall(r"^# TYPE (\w+) (\w+)$", program.admin("/metrics")[1], re.MULTILINE)
    endings = {"histogram": ("_bucket", "_sum", "_count")}
    return {name + ending for name, kind in types for ending in ("", *endings.get(kind, ()))}


def test_promtool_finds_nothing_to_say_about_the_metrics(tunnel):
    path = tunnel(f"http://127.0.0.1:{free_port()}")
    assert {path.visitor.visit(method).status for method in ("GET", "POST", "BREW")} == {502}
    path.visitor.visit("POST", "/", [("fpw-host", HOST), ("fpw-token", "not-the-token")])
    path.visitor.say(b"no http\r\n\r\n")
    for program in (path.daemon, path.relay):
        assert promtool("check", "metrics", text=program.admin("/metrics")[1]) == ""


@pytest.mark.parametrize(
    "command", ["check rules fpw.rules.yml", "test rules fpw.rules.test.yml", "check config prometheus.yml"]
)
def test_promtool_accepts(command):
    *words, name = command.split()
    promtool(*words, PACKAGING / "prometheus" / name)


def test_promtool_accepts_the_questions_of_the_documents(tmp_path):
    asked = [block for document in FENCED for block in blocks(document) if block.kind == "promql"]
    expressions = [line.split("  #")[0].strip() for block in asked for line in block.text.splitlines()]
    assert len(expressions) > 3
    rules = [{"record": f"question:{number}", "expr": text} for number, text in enumerate(expressions)]
    (tmp_path / "rules.yml").write_text(json.dumps({"groups": [{"name": "questions", "rules": rules}]}))
    promtool("check", "rules", tmp_path / "rules.yml")
    described = (PACKAGING.parent / "docs/metrics.md").read_text()
    named = {name.removesuffix("_bucket") for text in expressions for name in re.findall(r"\bfpwd?_[a-z_]+", text)}
    assert {name for name in named if f"| `{name}` |" not in described} == set()


def test_every_alert_has_a_test_and_stands_in_the_documents_table():
    alerts = re.findall(r"- alert: (\w+)", RULES.read_text())
    assert len(alerts) > 10
    tests = (PACKAGING / "prometheus/fpw.rules.test.yml").read_text()
    assert set(re.findall(r'alertname="(\w+)"', tests)) == set(alerts)
    document = (PACKAGING.parent / "docs/operations.md").read_text()
    assert re.findall(r"^\| `(Fpw\w+)` \|", document, re.MULTILINE) == alerts


@pytest.mark.parametrize("file", [RULES, DASHBOARD], ids=lambda file: file.name)
def test_every_metric_that_is_named_exists(tunnel, upstream, file):
    path = tunnel(upstream)
    named = set(re.findall(r"\b(?:fpwd|fpw_relay|process)_[a-z_]+", file.read_text()))
    assert len(named) > 10
    assert named - families(path.daemon) - families(path.relay) == set()


def test_the_dashboard_is_one_that_grafana_takes():
    dashboard = Dashboard()
    model = dashboard.model
    assert (model["title"], model["uid"], model["schemaVersion"]) == ("fpwd and fpw-relay", "fpwd-and-fpw-relay", 38)
    assert list(dashboard.variables) == ["datasource", "instance", "tunnel", "host"]
    numbers = [panel["id"] for panel in dashboard.panels]
    assert len(numbers) > 20
    assert len(set(numbers)) == len(numbers)
    cells = [
        (x, y)
        for place in (panel["gridPos"] for panel in dashboard.panels)
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]
    assert len(set(cells)) == len(cells), "panels overlap"
    assert {x for x, _ in cells} == set(range(24))
    # A dashboard with a data source of its own would have to be edited before it can be used.
    assert set(re.findall(r'"uid": "([^"]*)"', DASHBOARD.read_text())) == {model["uid"], "${datasource}"}


def test_metrics_agree_with_what_wrk_saw(tunnel, nginx_files, start):
    nginx, _ = nginx_files
    path = tunnel(nginx, workers=4)
    script = Path(__file__).parent / "parts/visits.lua"
    wrk = start(Program(["wrk", "-t4", "-c4", "-d60s", "-H", f"Host: {HOST}", "-s", script, path.relay.url]))
    eventually(lambda: len(wrk.lines_with("a thread has all its answers")) == 4, within=30)
    wrk.signal(signal.SIGINT)
    assert wrk.exit_code() == 0
    assert json.loads(wrk.lines[-1]) == {"requests": 1000, "200": 500, "404": 500}
    missing = len(path.visitor.visit(target="/missing").body)
    expected = {
        (path.daemon, "fpwd_visits_total", ("code", "200")): 500,
        (path.daemon, "fpwd_visits_total", ("code", "404")): 501,
        (path.daemon, "fpwd_visits_total", ("method", "GET")): 1001,
        (path.daemon, "fpwd_sent_bytes_total", ("tunnel", "demo")): 500 * 1024 + 501 * missing,
        (path.daemon, "fpwd_reply_duration_seconds_count", ("tunnel", "demo")): 1001,
        (path.daemon, "fpwd_upstream_duration_seconds_count", ("tunnel", "demo")): 1001,
        (path.relay, "fpw_relay_visits_total", ("code", "2xx")): 500,
        (path.relay, "fpw_relay_visits_total", ("code", "4xx")): 501,
        (path.relay, "fpw_relay_sent_bytes_total", ("host", HOST)): 500 * 1024 + 501 * missing,
    }

    def counted() -> dict:
        return {key: key[0].metric(key[1], **dict([key[2]])) for key in expected}

    eventually(lambda: counted() == expected)
