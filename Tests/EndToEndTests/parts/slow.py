"""An upstream that takes its time, for visitors by the thousand: `python -m parts.slow PORT SECONDS`."""

from __future__ import annotations

import asyncio
import sys

from parts.wire import response

ANSWER = response(200, [("Content-Type", "text/plain")], b"at last\n")


async def main(port: int, seconds: float) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await reader.readuntil(b"\r\n\r\n"):
                await asyncio.sleep(seconds)
                writer.write(ANSWER)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", port, backlog=4096) as server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), float(sys.argv[2])))
