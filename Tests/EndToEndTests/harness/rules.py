"""What a tunnel's access rules pass and refuse (docs/configuration.md, "Who may visit")."""

from __future__ import annotations

import base64
import itertools
import re
from collections.abc import Iterator

# Targets below `paths = ["/hooks"]`, and others.
COVERED = ["/hooks", "/hooks/", "/hooks?a=/../b", "/hooks/x/y", "/hooks/a.b", "/hooks/a%2fb", "/hooks/%C3%A9"]
COVERED += ["/hooks/100%25", "/hooks/%E6%97%A5.%E6%9C%AC", "/hooks/Wait%E2%80%A6", "/hooks/AC%EF%BC%8FDC"]

ELSEWHERE = [
    *("/", "/admin", "/hooksx", "/Hooks", "/hook", "/hooks.html", "/x/hooks", "/?/hooks", "/hooks;x", "/hooks:80"),
    *("/hooks/..", "/hooks/../admin", "/hooks/./x", "/./hooks", "/x/../hooks", "/hooks/x/../../admin"),
    *("/hooks/%2e%2e/admin", "/hooks/%2E%2e/admin", "/hooks/.%2e/admin", "/hooks/..%2fadmin", "/hooks%2f..%2fadmin"),
    *("/hooks/%2e%2e%2fadmin", "/hooks/%252e%252e/admin", "/hooks/%25252e%25252e/admin", "/hooks/..%255cadmin"),
    *("/hooks/..;/admin", "/hooks/..;a=b/admin", "/hooks/..%3b/admin", "/hooks/.../admin", "/hooks/..%20/admin"),
    *("/hooks\\..\\admin", "/hooks/..\\admin", "/hooks/%5c..%5cadmin", "/hooks/..%5cadmin"),
    *("//hooks", "//hooks/x", "/hooks//x", "/hooks//../admin", "/hooks/%2fetc/passwd", "/%2fhooks"),
    *("/%68ooks", "/hooks%2fx", "/hooks%00/x", "/hooks/%00", "/hooks/..%00/admin", "/hooks/%0d%0ax", "/hooks%3fx"),
    *("/hooks/%c0%ae%c0%ae/admin", "/hooks/..%c0%afadmin", "/hooks/%ff", "/hooks/%u002e%u002e/x"),
    *("/hooks/%", "/hooks/%2"),
    # What becomes dots and slashes by compatibility, and what is not seen beside dots.
    *("/hooks/%ef%bc%8e%ef%bc%8e/admin", "/hooks/%e2%80%a4%e2%80%a4/admin", "/hooks/%e2%80%a5/admin"),
    *("/hooks/%e2%80%a6", "/hooks/%ef%b9%92./admin", "/hooks/..%ef%bc%8fadmin"),
    *("/hooks/..%e2%88%95admin", "/hooks/..%ef%bc%bcadmin"),
    *("/hooks/..%c2%a0/admin", "/hooks/..%c2%ad/admin", "/hooks/..%e2%80%8b/admin", "/hooks/.%25e2%2580%258b./admin"),
]

# Of s3cret, at the least cost.
BCRYPT = "$2y$04$abcdefghijklmnopqrstuuLZYjhNQAOdpbzt4WxWlUHjv1wsyH5DG"

# Nearly the user ann and the password s3cret.
NO_CREDENTIALS = [
    *(b"Basic", b"Basic ", b"Basic !!!!", b"Basic YW5u", b"Basic YW5uOnMzY3JldA"),
    *(b"Basic YW5uOnMzY3JldA==x", b"Basic YW5uOnMzY3JldA====", b"Basic " + b"A" * 4_000),
    *(b"Basic \xff\xfe", b"Basic " + base64.b64encode(b"ann:\xff\xfe")),
    *(b"Basic " + base64.b64encode(b"ann:s3cret\0"), b"Basic " + base64.b64encode(b"ann:" + b"x" * 300)),
    *(b"Basic " + base64.b64encode(b":"), b"Basic YW5uOnMzY3JldA==, Basic YW5uOnMzY3JldA=="),
]


def basic(user: str, password: str) -> tuple[str, str]:
    return "Authorization", "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def readings(target: str) -> Iterator[str]:
    """The paths that a web service may see, however often it decodes and whatever it cuts, folds and resolves."""
    decoded = [re.sub(r"(?i)%u00([0-9a-f]{2})", r"%\1", target.partition("?")[0])]
    for _ in range(4):
        decoded.append(re.sub(r"%([0-9a-fA-F]{2})", lambda escape: chr(int(escape[1], 16)), decoded[-1]))
    for text, *habits in itertools.product(decoded, *[(False, True)] * 5):
        for is_had, (pattern, folded) in zip(habits, _HABITS, strict=True):
            text = re.sub(pattern, folded, text) if is_had else text
        yield _resolved(text)


# Overlong UTF-8; backslashes; parameters of segments; what a C string ends at; empty segments.
_HABITS = [
    ("\xc0[\xae\xaf]|\xc1\x9c", lambda found: {"\xae": ".", "\xaf": "/", "\x9c": "\\"}[found[0][1]]),
    *((r"\\", "/"), (r";[^/]*", ""), ("(?s)\0.*", ""), ("/+", "/")),
]


def _resolved(path: str) -> str:
    segments: list[str] = []
    for segment in path.split("/")[1:]:
        if segment == "..":
            segments = segments[:-1]
        elif segment != ".":
            segments.append(segment)
    return "/" + "/".join(segments)
