"""The results as a picture, docs/bench.svg; from those of an earlier run by

python -m bench.chart ../../.build/bench.json ../../docs/bench.svg
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from html import escape
from pathlib import Path

from bench.results import Results, rate
from bench.systems import SYSTEMS
from bench.table import number

WIDTH, LABELS, VALUES, LEFT = 870, 270, 70, 8
BAR, GAP = 11, 9
STYLE = """
text { font: 13px system-ui, sans-serif; fill: #24292f }
.title { font-weight: 600 }
.value { font-size: 11px; fill: #57606a }
.first { fill: #0969da }
.second { fill: #8cc2f5 }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 }
  .value { fill: #9da7b3 }
  .first { fill: #58a6ff }
  .second { fill: #1f4f8a }
}"""
# A title, and what the two bars of a system are: a load and its name in the legend.
PANELS = [
    (
        "Visits a second, 50 visitors",
        ("kept-50", "kept connections"),
        ("fresh-50", "a fresh connection for each visit"),
    ),
    ("100 MiB, MiB a second", ("download", "down"), ("upload", "up")),
]


def svg(results: Results) -> str:
    """Light and dark, as the reader's system is."""
    parts: list[str] = []
    y = 8
    for title, *bars in PANELS:
        values = {system: [results.median(system, load, rate) or 0 for load, _ in bars] for system in results.samples}
        parts += _legend(title, [name for _, name in bars], y)
        y += 40
        scale = (WIDTH - LABELS - VALUES) / (max(map(max, values.values()), default=0) or 1)
        for system, pair in values.items():
            parts += _bars(SYSTEMS[system][0], pair, scale, y)
            y += 2 * BAR + GAP
        y += 14
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{y}" viewBox="0 0 {WIDTH} {y}" role="img">'
    return "\n".join([head, f"<style>{STYLE}</style>", *parts, "</svg>", ""])


def _legend(title: str, names: list[str], y: int) -> Iterator[str]:
    yield f'<text class="title" x="{LEFT}" y="{y + 14}">{escape(title)}</text>'
    x = LABELS
    for kind, name in zip(("first", "second"), names, strict=True):
        yield f'<rect class="{kind}" x="{x}" y="{y + 4}" width="{BAR}" height="{BAR}"/>'
        yield f'<text x="{x + 18}" y="{y + 14}">{escape(name)}</text>'
        x += 160


def _bars(label: str, pair: list[float], scale: float, y: int) -> Iterator[str]:
    yield f'<text x="{LEFT}" y="{y + BAR + 5}">{escape(label)}</text>'
    for row, (kind, value) in enumerate(zip(("first", "second"), pair, strict=True)):
        top, width = y + row * BAR, value * scale
        yield f'<rect class="{kind}" x="{LABELS}" y="{top}" width="{width:.1f}" height="{BAR - 1}"/>'
        yield f'<text class="value" x="{LABELS + width + 6:.1f}" y="{top + BAR - 2}">{number(value)}</text>'


if __name__ == "__main__":
    Path(sys.argv[2]).write_text(svg(Results.read(json.loads(Path(sys.argv[1]).read_text()))))
