"""Inputs that nobody thought of: small damage to good ones, the same for the same seed."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence

# Bytes that readers of HTTP and of text have disagreed about.
ODD = [
    b"\r",
    b"\n",
    b"\r\n",
    b"\n\n",
    b"\0",
    b"\t",
    b" ",
    b"\x0b",
    b"\x0c",
    b"\x7f",
    b"\x85",
    b"\xa0",
    b"\xff",
    b":",
    b",",
    b";",
]
NUMBERS = [b"0", b"-1", b"+1", b"00", b"1e1", b"0x1", b"65536", b"2147483648", b"18446744073709551616", b"9" * 40]


class Mutator:
    """`pieces` are what is put in beside odd bytes: words of the language that is spoken."""

    def __init__(self, seed: object, pieces: Sequence[bytes] = ()):
        self._random = random.Random(repr(seed))
        self._pieces = [*ODD, *pieces]
        self._edits = [
            self._flip,
            self._insert,
            self._insert,
            self._delete,
            self._repeat,
            self._renumber,
            self._shuffle,
            self._cut,
        ]

    def many(self, bases: Sequence[bytes], count: int) -> Iterator[bytes]:
        for _ in range(count):
            text = self._random.choice(bases)
            for _ in range(self._random.choice([1, 1, 1, 2, 2, 3, 5])):
                text = self._random.choice(self._edits)(text)
            yield text

    def _place(self, text: bytes) -> int:
        return self._random.randrange(len(text) + 1)

    def _flip(self, text: bytes) -> bytes:
        place = self._place(text)
        return text[:place] + bytes([self._random.randrange(256)]) + text[place + 1 :]

    def _insert(self, text: bytes) -> bytes:
        """Mostly where something begins or ends."""
        borders = [match.end() for match in re.finditer(rb"[\r\n:,;= /\"]", text)]
        place = self._random.choice(borders) if borders and self._random.random() < 0.7 else self._place(text)
        return text[:place] + self._random.choice(self._pieces) + text[place:]

    def _span(self, text: bytes) -> tuple[int, int]:
        start = self._place(text)
        return start, min(len(text), start + self._random.choice([1, 1, 2, 4, 16, 64]))

    def _delete(self, text: bytes) -> bytes:
        start, end = self._span(text)
        return text[:start] + text[end:]

    def _repeat(self, text: bytes) -> bytes:
        start, end = self._span(text)
        return text[:end] + text[start:end] * self._random.choice([1, 1, 2, 50]) + text[end:]

    def _renumber(self, text: bytes) -> bytes:
        found = list(re.finditer(rb"[0-9]+", text))
        if not found:
            return text
        match = self._random.choice(found)
        return text[: match.start()] + self._random.choice(NUMBERS) + text[match.end() :]

    def _shuffle(self, text: bytes) -> bytes:
        """Puts a line somewhere else, or also somewhere else."""
        lines = text.split(b"\n")
        line = self._random.choice(lines)
        if self._random.random() < 0.5:
            lines.remove(line)
        lines.insert(self._random.randrange(len(lines) + 1), line)
        return b"\n".join(lines)

    def _cut(self, text: bytes) -> bytes:
        return text[: self._place(text)] if self._random.random() < 0.3 else text
