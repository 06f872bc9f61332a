"""The benchmark itself: every system answers, and its figures are computed as they should be."""

import json
import sys
from pathlib import Path

import pytest

from bench.chart import svg
from bench.goals import COLUMNS, Goal, Limit
from bench.loads import Sample
from bench.results import Results, rate
from bench.tunnels import Figure
from harness.program import Program
from harness.programs import binary


def results(**rates: list[float]) -> Results:
    """Visits a second by system, round by round."""
    found = Results()
    for system, rounds in rates.items():
        for value in rounds:
            found.add(system, "kept-50", Sample(rate=value, asked=10))
    return found


PLAIN = COLUMNS["plain"]


@pytest.mark.timeout(120)
def test_a_short_run_has_an_answer_from_every_system(start, tmp_path):
    file = tmp_path / "bench.json"
    systems, loads = ["nginx", "limit", "fpwd", "fpwd-tls", "fpwd-http2"], ["kept-1", "fresh-10"]
    options = ["--check", "--duration=1", "--rounds=1", f"--json={file}"]
    options += [f"--systems={','.join(systems)}", f"--loads={','.join(loads)}"]
    command = [sys.executable, "-Bm", "bench", *options]
    bench = start(Program(command, {"FPW_BIN_DIR": str(binary("fpwd").parent)}, Path(__file__).parent))
    assert bench.exit_code(within=100) == 0
    samples = json.loads(file.read_text())["samples"]
    assert {system: list(of) for system, of in samples.items()} == {system: loads for system in systems}
    bench.wait_for_line("goal for fpwd and fpw-relay", "TLS and HTTP/2")


def test_a_ratio_is_the_median_of_the_rounds_ratios():
    found = results(fpwd=[10, 50, 30], nginx=[100, 100, 50])
    assert found.ratio("fpwd", "nginx", "kept-50", rate) == 0.5


def test_a_round_without_an_answer_counts_in_no_ratio():
    found = results(fpwd=[10, 0, 30], nginx=[100, 100, 50])
    assert found.ratio("fpwd", "nginx", "kept-50", rate) == pytest.approx(0.35)


def test_a_goal_is_met_where_one_of_its_limits_is():
    def goal(*bounds: float) -> Goal:
        return Goal(
            "",
            tuple(
                Limit(lambda found, _: found.median("fpwd", "kept-50", rate), "µs", at_most=bound) for bound in bounds
            ),
        )

    found = results(fpwd=[30])
    assert [goal(*bounds).judge(found, PLAIN).is_met for bounds in ([29, 31], [29], [30])] == [True, False, True]


def test_a_goal_that_was_not_measured_has_no_verdict():
    assert Goal("", (Limit(lambda *_: None, "µs", at_most=1),)).judge(results(), PLAIN) is None


def test_figures_survive_json_and_are_drawn():
    found = results(fpwd=[10, 20], nginx=[100, 200])
    read = Results.read(json.loads(json.dumps(found.plain())))
    assert read == found
    assert ">150</text>" in svg(read)


def test_a_figure_without_a_limit_is_within_it():
    assert [Figure("", 5, "ms", limit).is_within for limit in (None, 5, 4)] == [True, True, False]
