#!/usr/bin/env python3
"""Makes a manual page: scripts/manual.py PAGE

PAGE is one of packaging/man/. A line `.\\" insert FILE: HEADING` in it is replaced by what stands below that heading of a document
of this repository, so that what the keys of a configuration mean is written once. Of Markdown only what the documents use is known.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
INSERT = re.compile(r'\.\\" insert (\S+): (.+)')
HEADING = re.compile(r"(#+) (.*)")


def indented(fenced: re.Match) -> str:
    """A fenced block as an indented one, whose comments are no headings and whose empty lines belong to it."""
    return "\n".join(" " * 4 + text for text in fenced[1].splitlines())


def section(document: str, heading: str) -> list[str]:
    """The lines below a heading, up to the next one of its rank or above."""
    text = (ROOT / document).read_text()
    lines = re.sub(r"^```\w+\n(.*?)^```$", indented, text, flags=re.DOTALL | re.MULTILINE).splitlines()
    if heading not in lines:
        sys.exit(f"{document} has no line '{heading}', which a manual page inserts")
    below = lines[lines.index(heading) + 1 :]
    rank = len(HEADING.match(heading)[1])
    ends = (i for i, line in enumerate(below) if (found := HEADING.match(line)) and len(found[1]) <= rank)
    return below[: next(ends, len(below))]


def plain(text: str) -> str:
    """Text whose signs mean nothing to roff."""
    return text.replace("\\", "\\e")


def inline(text: str) -> str:
    """Code in bold, links as their text; what else is emphasised stays as it is."""
    parts = re.split(r"`([^`]+)`", text.replace("**", ""))
    for i, part in enumerate(parts):
        if i % 2:
            parts[i] = "\\fB" + plain(part).replace("-", "\\-") + "\\fR"
        else:
            parts[i] = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", plain(part))
    return "".join(parts)


def line(text: str) -> str:
    """A line that roff takes for no request."""
    return "\\&" + text if text[:1] in (".", "'") else text


def sentences(text: str) -> list[str]:
    return [line(part) for part in re.split(r"(?<=[.?!]) (?=[A-Z\\])", inline(text))]


def row(cells: list[str]) -> list[str]:
    """A row of a table: the first cell names it; of four, the middle ones are values and default."""
    first, *rest = cells
    text = rest[-1]
    if len(rest) == 3:
        text += f". Value: {rest[0]}. Default: {rest[1]}."
    elif len(rest) > 1:
        text = "; ".join(cell for cell in rest if cell)
    return [f".It {inline(first)}", *sentences(text)]


def table(lines: list[str]) -> list[str]:
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [".Bl -tag -width Ds", *(word for entry in cells[2:] for word in row(entry)), ".El"]


def items(lines: list[str], kind: str) -> list[str]:
    texts: list[str] = []
    for text in lines:
        if found := re.match(r"(?:-|\d+\.) +(.*)", text):
            texts.append(found[1])
        else:
            texts[-1] += " " + text.strip()
    return [f".Bl -{kind} -width Ds", *(word for text in texts for word in [".It", *sentences(text)]), ".El"]


def block(lines: list[str]) -> list[str]:
    """A paragraph, heading, list, table or example."""
    first = lines[0]
    if found := HEADING.match(first):
        return [f".Ss {inline(found[2])}", *(block(lines[1:]) if lines[1:] else [])]
    if first.startswith("    "):
        return [".Bd -literal -offset indent", *(line(plain(text[4:]).replace("-", "\\-")) for text in lines), ".Ed"]
    if first.startswith("|"):
        return table(lines)
    if re.match(r"(-|\d+\.) ", first):
        return items(lines, "bullet" if first[0] == "-" else "enum")
    return [".Pp", *sentences(" ".join(lines))]


def mdoc(lines: list[str]) -> list[str]:
    blocks = "\n".join(lines).strip().split("\n\n")
    made = [text for part in blocks for text in block(part.splitlines())]
    # A heading begins a paragraph by itself.
    return [text for i, text in enumerate(made) if text != ".Pp" or (i and not made[i - 1].startswith(".Ss"))]


def page(source: str) -> str:
    made: list[str] = []
    for text in source.splitlines():
        found = INSERT.fullmatch(text)
        made += mdoc(section(found[1], found[2])) if found else [text]
    return "\n".join(made) + "\n"


if __name__ == "__main__":
    sys.stdout.write(page(Path(sys.argv[1]).read_text()))
