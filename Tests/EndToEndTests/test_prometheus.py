"""Both programs' metrics, as promtool and wrk see them."""

import json
import subprocess
from pathlib import Path

from harness.program import eventually, free_port
from harness.programs import HOST


def promtool(*arguments: str | Path, text: str | None = None) -> str:
    """What promtool said; fails where it found something."""
    done = subprocess.run(["promtool", *arguments], input=text, capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_promtool_finds_nothing_to_say_about_the_metrics(tunnel):
    path = tunnel(f"http://127.0.0.1:{free_port()}")
    assert {path.visitor.visit(method).status for method in ("GET", "POST", "BREW")} == {502}
    path.visitor.visit("POST", "/", [("fpw-host", HOST), ("fpw-token", "not-the-token")])
    path.visitor.say(b"no http\r\n\r\n")
    for program in (path.daemon, path.relay):
        assert promtool("check", "metrics", text=program.admin("/metrics")[1]) == ""


def test_metrics_agree_with_what_wrk_saw(tunnel, nginx_files):
    nginx, _ = nginx_files
    path = tunnel(nginx, workers=4)
    script = Path(__file__).parent / "parts/visits.lua"
    # wrk sleeps for its duration even if all threads have stopped by then.
    command = ["wrk", "-t4", "-c4", "-d3s", "-H", f"Host: {HOST}", "-s", script, path.relay.url]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30)
    saw = json.loads(done.stdout.splitlines()[-1])
    assert saw == {"requests": 1000, "200": 500, "404": 500}, done.stdout
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
