"""Requests that are none, or that two readers may understand differently (RFC 9112 §2.2, §3, §5, §6, §7.1, §11.2)."""

CHUNKED = "Transfer-Encoding: chunked"
LENGTH = "Content-Length: {length}"

# Lines of a head that has a body; `{length}` is the body's.
FRAMINGS = {
    # Both, in every order and dress.
    "CL.TE": [LENGTH, CHUNKED],
    "TE.CL": [CHUNKED, LENGTH],
    "CL 0, TE": ["Content-Length: 0", CHUNKED],
    "TE, CL 0": [CHUNKED, "Content-Length: 0"],
    "CL, TE identity": [LENGTH, "Transfer-Encoding: identity"],
    "CL empty, TE": ["Content-Length:", CHUNKED],
    "CL, te in capitals": [LENGTH, "TRANSFER-ENCODING: CHUNKED"],
    # Transfer codings that are not chunked, or not in the end, or not alone.
    "TE chunked, identity": ["Transfer-Encoding: chunked, identity"],
    "TE identity, chunked": ["Transfer-Encoding: identity, chunked"],
    "TE gzip, chunked": ["Transfer-Encoding: gzip, chunked"],
    "TE chunked twice in a list": ["Transfer-Encoding: chunked, chunked"],
    "TE twice": [CHUNKED, CHUNKED],
    "TE twice, identity first": ["Transfer-Encoding: identity", CHUNKED],
    "TE twice, identity last": [CHUNKED, "Transfer-Encoding: identity"],
    "TE xchunked": ["Transfer-Encoding: xchunked"],
    "TE chunkedx": ["Transfer-Encoding: chunkedx"],
    "TE quoted": ['Transfer-Encoding: "chunked"'],
    "TE in apostrophes": ["Transfer-Encoding: 'chunked'"],
    "TE with a parameter": ["Transfer-Encoding: chunked;q=1"],
    "TE with a comma before": ["Transfer-Encoding: ,chunked"],
    "TE with a comma behind": ["Transfer-Encoding: chunked,"],
    "TE empty": ["Transfer-Encoding:"],
    "TE of a space": ["Transfer-Encoding: "],
    "TE cow": ["Transfer-Encoding: cow"],
    "TE with a vertical tab": ["Transfer-Encoding: \x0bchunked"],
    "TE with a form feed": ["Transfer-Encoding: chunked\x0c"],
    "TE with NUL": ["Transfer-Encoding: chunked\0"],
    "TE with a no-break space": ["Transfer-Encoding:\xa0chunked"],
    "TE with 0x85": ["Transfer-Encoding: chunked\x85"],
    "TE with a long s": ["Transfer-Encoding: chunked\xff"],
    "TE bare CR before": ["Transfer-Encoding:\rchunked"],
    "TE bare CR behind": ["Transfer-Encoding: chunked\r"],
    "TE behind a bare LF": [LENGTH + "\nTransfer-Encoding: chunked"],
    "TE behind a bare CR": [LENGTH + "\rTransfer-Encoding: chunked"],
    "TE folded": ["Transfer-Encoding:\r\n chunked"],
    "TE folded by a tab": ["Transfer-Encoding:\r\n\tchunked"],
    "TE in a folded line": ["X: y\r\n Transfer-Encoding: chunked", LENGTH],
    # Names that are nearly it.
    "TE with a space before the colon": [LENGTH, "Transfer-Encoding : chunked"],
    "TE with a tab before the colon": [LENGTH, "Transfer-Encoding\t: chunked"],
    "TE with NUL in its name": [LENGTH, "Transfer-Encoding\0: chunked"],
    "TE behind a space": [LENGTH, " Transfer-Encoding: chunked"],
    "TE behind a tab": [LENGTH, "\tTransfer-Encoding: chunked"],
    "TE with a vertical tab in its name": [LENGTH, "Transfer-Encoding\x0b: chunked"],
    "TE with a soft hyphen": [LENGTH, "Transfer\xadEncoding: chunked"],
    "CL with a space before the colon": ["Content-Length : {length}"],
    "CL without a colon": ["Content-Length {length}"],
    "a line without a colon": [LENGTH, "nonsense"],
    "a name that is empty": [LENGTH, ": x"],
    # Lengths.
    "CL twice": [LENGTH, "Content-Length: 0"],
    "CL twice, the other way": ["Content-Length: 0", LENGTH],
    "CL twice, the same": [LENGTH, LENGTH],
    "CL in a list": ["Content-Length: {length}, {length}"],
    "CL in a list that differs": ["Content-Length: 0, {length}"],
    "CL negative": ["Content-Length: -1"],
    "CL with a plus": ["Content-Length: +{length}"],
    "CL in hexadecimal": ["Content-Length: 0x10"],
    "CL with an exponent": ["Content-Length: 1e2"],
    "CL with a fraction": ["Content-Length: {length}.0"],
    "CL with an underscore": ["Content-Length: 1_0"],
    "CL with a space inside": ["Content-Length: 1 0"],
    "CL with letters behind": ["Content-Length: {length}x"],
    "CL quoted": ['Content-Length: "{length}"'],
    "CL with a semicolon": ["Content-Length: {length};"],
    "CL of 2^64": ["Content-Length: 18446744073709551616"],
    "CL of 2^63": ["Content-Length: 9223372036854775808"],
    "CL of 400 digits": ["Content-Length: " + "9" * 400],
    "CL in other digits": ["Content-Length: \xb2"],
    "CL with NUL": ["Content-Length: {length}\0"],
    "CL empty": ["Content-Length:"],
    "CL folded": ["Content-Length:\r\n {length}"],
}


# What follows a head that announces chunks.
BAD_CHUNKS = [
    *(
        b"x\r\n",
        b"-1\r\n",
        b"+1\r\n",
        b"0x1\r\n",
        b"1 \r\na\r\n0\r\n\r\n",
        b" 1\r\na\r\n0\r\n\r\n",
        b"\r\n",
        b"1\na\r\n0\r\n\r\n",
    ),
    *(
        b"1\r\nab\r\n0\r\n\r\n",
        b"1\r\na0\r\n\r\n",
        b"1\r\na\n0\r\n\r\n",
        b"1\r\na\rx0\r\n\r\n",
        b"1\x0b\r\na\r\n0\r\n\r\n",
    ),
    *(
        b"ffffffffffffffff\r\n",
        b"10000000000000001\r\n",
        b"8000000000000000\r\n",
        b"f" * 300 + b"\r\n",
        b"1;" + b"x" * 300 + b"\r\n",
    ),
    *(
        b"1,\r\na\r\n0\r\n\r\n",
        b"1;\0\r\na\r\n0\r\n\r\n",
        b"1;a\nb\r\na\r\n0\r\n\r\n",
        b"0\r\nbad trailer\r\n\r\n",
        b"0\r\nA : b\r\n\r\n",
    ),
    *(
        b"0\r\n a: b\r\n\r\n",
        b"0\r\na: b\n\r\n\r\n",
        b"0\r\na: \0\r\n\r\n",
        b"1;a\rb\r\na\r\n0\r\n\r\n",
        b"0\n\r\n",
        b"1_0\r\n",
    ),
]


# Heads; `{host}` is served, `{canary}` too, and SIZES are longer than a head may be.
HEADS = [
    # Lines.
    *(
        "GET / HTTP/1.1\nHost: {host}\n\n",
        "GET / HTTP/1.1\r\nHost: {host}\n\r\n",
        "GET / HTTP/1.1\nHost: {host}\r\n\r\n",
    ),
    *(
        "GET / HTTP/1.1\r\nHost: {host}\r\r\n\r\n",
        "GET / HTTP/1.1\r\nA: b\r\n c\r\nHost: {host}\r\n\r\n",
        "\n\nGET / HTTP/1.1\r\nHost: {host}\r\n\r\n",
    ),
    *(
        "GET / HTTP/1.1\r\n Host: {host}\r\n\r\n",
        "GET / HTTP/1.1\r\n\tHost: {host}\r\nHost: {host}\r\n\r\n",
        "\r\n\r\n\r\nGET / HTTP/1.1\r\n\r\n",
    ),
    # The request line.
    *(
        "GET /  HTTP/1.1\r\nHost: {host}\r\n\r\n",
        "GET  / HTTP/1.1\r\nHost: {host}\r\n\r\n",
        "GET\t/ HTTP/1.1\r\nHost: {host}\r\n\r\n",
    ),
    *(
        "GET / HTTP/1.1 \r\nHost: {host}\r\n\r\n",
        " GET / HTTP/1.1\r\nHost: {host}\r\n\r\n",
        "GET /a b HTTP/1.1\r\nHost: {host}\r\n\r\n",
    ),
    *(
        "GET / HTTP/2.0\r\nHost: {host}\r\n\r\n",
        "GET / HTTP/1.10\r\nHost: {host}\r\n\r\n",
        "GET / HTTP/11\r\nHost: {host}\r\n\r\n",
        "GET /\r\n\r\n",
    ),
    *(
        "GET / http/1.1\r\nHost: {host}\r\n\r\n",
        "GET / HTTP/1,1\r\nHost: {host}\r\n\r\n",
        "GET / HTTPS/1.1\r\nHost: {host}\r\n\r\n",
        "GET\r\n\r\n",
    ),
    *(
        "GET / HTTP/0.9\r\nHost: {host}\r\n\r\n",
        "GET /\xe9 HTTP/1.1\r\nHost: {host}\r\n\r\n",
        "GET /\x7f HTTP/1.1\r\nHost: {host}\r\n\r\n",
    ),
    *(
        "G(T / HTTP/1.1\r\nHost: {host}\r\n\r\n",
        "G\xc9T / HTTP/1.1\r\nHost: {host}\r\n\r\n",
        "GET evil HTTP/1.1\r\nHost: {host}\r\n\r\n",
    ),
    *(
        "GET \\ HTTP/1.1\r\nHost: {host}\r\n\r\n",
        "GET * HTTP/1.1\r\nHost: {host}\r\n\r\n",
        "GET @evil/ HTTP/1.1\r\nHost: {host}\r\n\r\n",
    ),
    *(
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        "GET /{long} HTTP/1.1\r\nHost: {host}\r\n\r\n",
    ),
    # Who is visited.
    *(
        "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost:\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: {host}\r\nHost: {host}\r\n\r\n",
    ),
    *(
        "GET / HTTP/1.1\r\nHost: {host}\r\nhost: {canary}\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: {host}, {canary}\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a@{host}\r\n\r\n",
    ),
    *(
        "GET / HTTP/1.1\r\nHost: {host} {canary}\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: {host}/\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: {host}:80a\r\n\r\n",
    ),
    *(
        "GET / HTTP/1.1\r\nHost: {host}\0.{canary}\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: {host}:99999\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: http://{host}\r\n\r\n",
    ),
    *(
        "GET / HTTP/1.1\r\nHost: .{host}\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: {host}..\r\n\r\n",
        "GET / HTTP/1.1\r\nHost : {host}\r\n\r\n",
    ),
    *(
        "GET / HTTP/1.1\r\nHost: {host}#.{canary}\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: {host}?\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: [::1\r\n\r\n",
    ),
    *(
        "GET http:///x HTTP/1.1\r\nHost: {host}\r\n\r\n",
        "GET http://a@{host}/ HTTP/1.1\r\nHost: {host}\r\n\r\n",
        "GET ftp://{host}/ HTTP/1.1\r\nHost: {host}\r\n\r\n",
    ),
    *(
        "GET http:/{host}/ HTTP/1.1\r\nHost: {host}\r\n\r\n",
        "GET http://{host}\\@{canary}/ HTTP/1.1\r\nHost: {host}\r\n\r\n",
        "GET http://{host}:x/ HTTP/1.1\r\nHost: {host}\r\n\r\n",
    ),
    *("CONNECT / HTTP/1.1\r\nHost: {host}\r\n\r\n", "GET http://{host}/ HTTP/1.1\r\n\r\n"),
    # Fields.
    *(
        "GET / HTTP/1.1\r\nHost: {host}\r\nA\x01: b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: {host}\r\nA: \x01\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: {host}\r\nA: b\0\r\n\r\n",
    ),
    *(
        "GET / HTTP/1.1\r\nHost: {host}\r\nA B: c\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: {host}\r\n\xc9: c\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: {host}\r\n(: c\r\n\r\n",
    ),
    *(
        "GET / HTTP/1.1\r\nHost: {host}\r\nA: {huge}\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: {host}\r\n{many}\r\n",
        "GET / HTTP/1.1\r\nHost: {host}\r\n{huge}: b\r\n\r\n",
    ),
    "GET / HTTP/1.0\r\nHost: {host}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
]
SIZES = {"long": "a" * 20_000, "huge": "a" * 200_000, "many": "A: b\r\n" * 400}
