"""Header objects that would break out of a message, or are none (PROTOCOL.md §5)."""

from __future__ import annotations

# Each holds a name, a value or a type that `fpw-header` may not have.
BAD_FIELDS: list[dict[str, object]] = [
    *({"X-A": "x\r\nX-B: y"}, {"X-A": "x\nX-B: y"}, {"X-A": "x\rX-B: y"}, {"X-A": "x\r\n X-B: y"}),
    *({"X-A": "x\u0000y"}, {"X-A": "x\u0001y"}, {"X-A": "x\u007fy"}, {"X-A": ["fine", "x\r\ny"]}),
    *({"": "x"}, {"X A": "x"}, {"X-A:": "x"}, {"X-A\r\nX-B": "y"}, {"X-\u00e9": "x"}, {":authority": "evil"}),
    *({"X-A": 1}, {"X-A": None}, {"X-A": True}, {"X-A": {"b": "c"}}, {"X-A": ["x", 1]}, {"X-A": [["x"]]}),
]

# Texts that are no object of strings.
BAD_OBJECTS = [
    *(b"", b"x", b"[]", b'"x"', b"1", b"null", b"{", b"{}x", b'{"a":"b",}', b'{"a":"1","a":"2"}', b"{'a':'b'}"),
    *(b'{"a"}', b'{"a":"\\q"}', b'{"a":"\\ud800"}', b'{"a":"\\u12"}', b'{"a":"b"', b'{"a":["b",]}'),
    *(b"[" * 5000, b'{"a":' * 5000),
]
