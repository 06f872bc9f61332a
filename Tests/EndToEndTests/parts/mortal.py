"""An upstream that is killed in the middle of every answer: `python -m parts.mortal PORT`.

Each connection has a process of its own, which kills itself (SIGKILL), so that it is the kernel that ends the
connection. `/length/5000/100` announces 5000 bytes and dies after 100 of them; `/chunked/5000/5000` says them all, but
not that they were all.
"""

from __future__ import annotations

import os
import signal
import socket
import sys


def answer_and_die(sock: socket.socket) -> None:
    request = b""
    while b"\r\n\r\n" not in request:
        if not (data := sock.recv(1 << 16)):
            return
        request += data
    framing, size, after = request.split(b" ", 2)[1].decode().strip("/").split("/")
    sock.sendall(said(framing, int(size), int(after)))
    os.kill(os.getpid(), signal.SIGKILL)


def said(framing: str, size: int, after: int) -> bytes:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\n"
    if framing == "length":
        return head + b"Content-Length: %d\r\n\r\n" % size + bytes(after)
    first, second = after // 2, after - after // 2
    chunks = (b"%x\r\n%b\r\n" % (length, bytes(length)) for length in (first, second) if length)
    return head + b"Transfer-Encoding: chunked\r\n\r\n" + b"".join(chunks)


def main() -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=512) as listener:
        while True:
            sock, _ = listener.accept()
            if os.fork() == 0:
                try:
                    answer_and_die(sock)
                finally:
                    os._exit(1)
            sock.close()


if __name__ == "__main__":
    main()
