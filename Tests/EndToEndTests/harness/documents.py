"""The documents as a reader follows them: blocks of commands, files and output, in order (docs/README.md)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).parents[3]

# PROTOCOL.md holds no commands, and its text is not this repository's to fence.
DOCUMENTS = sorted({ROOT / "README.md", ROOT / "README.zh-CN.md", ROOT / "SECURITY.md", *ROOT.glob("docs/*.md")})
FENCED = [document for document in DOCUMENTS if document.name != "PROTOCOL.md"]

# What a block may hold: commands, what a program prints or a drawing, questions to Prometheus, or a file.
FILES = {"toml", "ini", "logrotate", "nginx", "caddyfile", "yaml"}
KINDS = {"sh", "text", "promql"} | FILES

_PROGRAMS = {
    *(
        "apt-get",
        "caddy",
        "cat",
        "certbot",
        "chgrp",
        "chmod",
        "curl",
        "docker",
        "fpwd",
        "fpw-relay",
        "htpasswd",
        "install",
    ),
    *(
        "journalctl",
        "ln",
        "make",
        "mandoc",
        "mkdir",
        "mkpasswd",
        "nginx",
        "openssl",
        "pkill",
        "promtool",
        "python3",
        "sed",
    ),
    *("ss", "sudo", "systemctl", "valgrind"),
}


@dataclass(frozen=True)
class Block:
    document: Path
    line: int
    kind: str
    text: str

    @property
    def path(self) -> str | None:
        """Where the file belongs: its first line is a comment with it."""
        found = re.match(r"# (/\S+)\n", self.text)
        return found and found[1]

    @cached_property
    def commands(self) -> list[str]:
        """Without comments; a line that ends with a backslash goes on with the next one."""
        lines = (re.sub(r"(^|\s+)# .*", "", line) for line in self.text.replace("\\\n", " ").splitlines())
        return [re.sub(r"\s+", " ", line).strip() for line in lines if line.strip()]

    def __str__(self) -> str:
        return f"{self.document.relative_to(ROOT)}:{self.line}"


def blocks(document: Path) -> list[Block]:
    found: list[Block] = []
    opened, kind = 0, ""
    lines = document.read_text().splitlines()
    for number, line in enumerate(lines, 1):
        if line.lstrip().startswith("```"):
            assert line.startswith("```"), f"{document}:{number}: a block stands at the margin"
            if opened:
                text = "".join(f"{line}\n" for line in lines[opened : number - 1])
                found.append(Block(document, opened, kind, text))
                opened = 0
            else:
                opened, kind = number, line.removeprefix("```")
        elif not opened:
            is_indented = re.match(r" {4}|\t", line) and not lines[number - 2].strip()
            assert not is_indented, f"{document}:{number}: a block is fenced and says what it holds"
    assert not opened, f"{document}:{opened}: a block without an end"
    return found


def inline_commands(document: Path) -> Iterator[str]:
    """What stands in a sentence and begins with a program's name and a blank."""
    prose = re.sub(r"^```.*?^```", "", document.read_text(), flags=re.DOTALL | re.MULTILINE)
    for text in re.findall(r"`([^`\n]+)`", prose):
        if text.split(" ")[0] in _PROGRAMS and " " in text:
            yield text


@dataclass(frozen=True)
class Story:
    """What one machine goes through: a document, or a part of one."""

    name: str
    blocks: tuple[Block, ...]

    @property
    def text(self) -> str:
        return "\n".join(block.text for block in self.blocks)

    @property
    def commands(self) -> list[str]:
        return [command for block in self.blocks if block.kind == "sh" for command in block.commands]

    @property
    def has_files(self) -> bool:
        return any(block.kind in FILES for block in self.blocks)

    def __str__(self) -> str:
        return self.name


def stories() -> list[Story]:
    """Those of all documents in which a command or a file stands; the Chinese README's are those of the English one.

    Each of the recipes is a story of its own, and where it has parts "With …", so is each way through it.
    """
    found = []
    for document in FENCED:
        if document.name != "README.zh-CN.md":
            found += [story for story in _ways(document) if story.commands or story.has_files]
    return found


def _ways(document: Path) -> list[Story]:
    if document.name != "recipes.md":
        return [Story(document.stem, tuple(blocks(document)))]
    recipes: dict[str, list[tuple[str, Block]]] = {}
    for block in blocks(document):
        recipe, part = _heading(document, block.line)
        recipes.setdefault(recipe, []).append((part if part.startswith("With ") else "", block))
    return [
        Story(" ".join([recipe, *way.split()[:2]]), tuple(block for part, block in held if part in ("", way)))
        for recipe, held in recipes.items()
        for way in sorted({part for part, _ in held} - {""}) or [""]
    ]


def _heading(document: Path, line: int) -> tuple[str, str]:
    """The recipe and the part of it in which a line stands."""
    recipe = part = ""
    for text in document.read_text().splitlines()[:line]:
        if text.startswith("## "):
            recipe, part = text.removeprefix("## "), ""
        elif text.startswith("### "):
            part = text.removeprefix("### ")
    return recipe, part
