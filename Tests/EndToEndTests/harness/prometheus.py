"""A real Prometheus with the rules of packaging/prometheus, and what it says about the programs."""

from __future__ import annotations

import json
import re
import urllib.parse
import urllib.request
from pathlib import Path

from harness.program import Program, eventually, free_port
from harness.programs import Fpwd, FpwRelay

PACKAGING = Path(__file__).parents[3] / "packaging"
RULES = PACKAGING / "prometheus/fpw.rules.yml"
DASHBOARD = PACKAGING / "grafana/fpwd-and-fpw-relay.json"

# An alert as (name, what it is about): the tunnel, the host, or nothing.
Alert = tuple[str, str]


def replaced(pattern: str, by: str, text: str) -> str:
    changed, count = re.subn(pattern, by, text)
    assert count, f"nothing matches {pattern}"
    return changed


class Prometheus(Program):
    """Scrapes both programs as packaging/prometheus/prometheus.yml says, but hurries.

    In its copies of the files an interval is a second, `for` two seconds, and a rate is one over five seconds.
    """

    def __init__(self, folder: Path, daemon: Fpwd, relay: FpwRelay):
        self.port = free_port()
        configuration = (PACKAGING / "prometheus/prometheus.yml").read_text()
        for address, program in (("127.0.0.1:9882", daemon), ("127.0.0.1:9883", relay)):
            configuration = replaced(re.escape(address), f"127.0.0.1:{program.admin_port}", configuration)
        (folder / "prometheus.yml").write_text(replaced(r"\b15s\b", "1s", configuration))
        rules = replaced(r"\bfor: \w+", "for: 2s", RULES.read_text())
        (folder / "fpw.rules.yml").write_text(replaced(r"\[\d+m\]", "[5s]", rules))
        options = [f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/data"]
        options += [f"--web.listen-address=127.0.0.1:{self.port}", "--log.level=warn"]
        super().__init__(["prometheus", *options], cwd=folder)
        eventually(self._is_ready, within=30)

    def _is_ready(self) -> bool:
        assert self.is_running, f"prometheus ended:\n{self.text}"
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/-/ready", timeout=5):
                return True
        except OSError:
            return False

    def query(self, expression: str) -> list[dict]:
        """The series of an instant query."""
        return self._get("query", query=expression)["result"]

    @property
    def alerts(self) -> list[dict]:
        return self._get("alerts")["alerts"]

    def wait_for_alerts(self, *expected: Alert, within: float = 30) -> list[dict]:
        """Waits until exactly these fire; as Prometheus tells them."""
        seen: list[set[Alert]] = []

        def fire() -> list[list[dict]]:
            firing = [alert for alert in self.alerts if alert["state"] == "firing"]
            seen.append({named(alert["labels"]) for alert in firing})
            return [firing] if seen[-1] == set(expected) else []

        try:
            return eventually(fire, within, every=0.2)[0]
        except AssertionError:
            nearest = min(seen, key=lambda alerts: len(alerts ^ set(expected)))
            raise AssertionError(f"{sorted(expected)} should fire; at best: {sorted(nearest)}") from None

    def _get(self, path: str, **parameters: str) -> dict:
        url = f"http://127.0.0.1:{self.port}/api/v1/{path}?{urllib.parse.urlencode(parameters)}"
        with urllib.request.urlopen(url, timeout=10) as response:
            return json.load(response)["data"]


def named(labels: dict[str, str]) -> Alert:
    return labels["alertname"], labels.get("tunnel") or labels.get("host") or ""


class Dashboard:
    """The Grafana dashboard, as far as one can look at it without Grafana."""

    def __init__(self) -> None:
        self.model: dict = json.loads(DASHBOARD.read_text())
        self.panels: list[dict] = self.model["panels"]
        self.variables = {variable["name"]: variable for variable in self.model["templating"]["list"]}

    @property
    def expressions(self) -> list[str]:
        """Those of all panels and annotations, with everything chosen for each variable."""
        queries = [target for panel in self.panels for target in panel.get("targets", [])]
        return [self._chosen(query["expr"]) for query in queries + self.model["annotations"]["list"]]

    def _chosen(self, expression: str) -> str:
        expression = expression.replace("$__rate_interval", "5s")
        for name, variable in self.variables.items():
            expression = expression.replace(f"${name}", variable.get("allValue", ""))
        assert "$" not in expression, f"a variable that is not declared: {expression}"
        return expression
