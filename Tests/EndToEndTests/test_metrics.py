"""/metrics: both formats as Prometheus's own parsers read them, and the page that lists all metrics."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from prometheus_client import parser
from prometheus_client.openmetrics import parser as open_parser

from harness.program import eventually

PAGE = Path(__file__).parents[2] / "docs/metrics.md"
OPEN_METRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"
PROGRAMS = {"fpwd": "daemon", "fpw-relay": "relay"}


@pytest.fixture
def programs(tunnel, upstream):
    """Both, after a visit that was answered and one that was not."""
    running = tunnel(upstream)
    assert running.visitor.visit().status == 200
    upstream.__exit__()
    assert running.visitor.visit(method="POST", body=b"x").status == 502
    # The visitor may have the answer before it is counted.
    eventually(lambda: 'code="502"' in running.daemon.ask("/metrics").text)
    return running


def families(program, accept: str) -> dict[str, object]:
    answer = program.ask("/metrics", {"Accept": accept})
    assert answer.status == 200
    if accept == OPEN_METRICS:
        assert answer.get("content-type") == OPEN_METRICS
        read = open_parser.text_string_to_metric_families(answer.text)
    else:
        assert answer.get("content-type") == "text/plain; version=0.0.4; charset=utf-8"
        read = parser.text_string_to_metric_families(answer.text)
    return {family.name: family for family in read}


def documented(program: str) -> dict[str, tuple[str, set[str]]]:
    """Type and labels of the metrics that the page lists for a program."""
    metrics, section = {}, ""
    for line in PAGE.read_text().splitlines():
        if line.startswith("## "):
            section = line.removeprefix("## ")
        row = re.match(r"\| `([a-z_]+)` \| (\w+) \|([^|]*)\|", line)
        if row and section in (program, "Both"):
            metrics[row[1]] = row[2], set(re.findall(r"`(\w+)`", row[3]))
    assert len(metrics) > 15, f"{PAGE} is not recognised"
    return metrics


@pytest.mark.parametrize("name", PROGRAMS)
def test_both_formats_say_the_same(name, programs):
    program = getattr(programs, PROGRAMS[name])
    plain, opened = families(program, "*/*"), families(program, OPEN_METRICS)
    types = [{name: family.type for name, family in each.items()} for each in (plain, opened)]
    assert types[0] == types[1]
    for family in opened.values():
        assert family.documentation.endswith("."), f"{family.name} explains nothing"
        if not family.name.startswith("process_"):
            assert labels(family) == labels(plain[family.name])


def labels(family) -> list[dict[str, str]]:
    """Of each sample; the formats write the bounds of buckets differently."""
    return [{name: value for name, value in sample.labels.items() if name != "le"} for sample in family.samples]


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_page_lists_all_metrics_and_no_others(name, programs):
    found = families(getattr(programs, PROGRAMS[name]), "*/*")
    page = documented(name)
    types = {
        f"{family.name}_total" if family.type == "counter" else family.name: family.type for family in found.values()
    }
    assert types == {name: kind for name, (kind, _) in page.items()}
    for family in found.values():
        for sample in family.samples:
            listed = page[f"{family.name}_total" if family.type == "counter" else family.name][1]
            assert set(sample.labels) - {"le"} == listed, f"{sample} has other labels than the page says"
