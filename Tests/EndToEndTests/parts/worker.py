"""An independent worker in the deployed spelling, with `requests`: what serves the public relay today.

    python -m parts.worker --relay URL --host NAME [--token TOKEN] --upstream URL [--threads N] [--ca FILE]

It knows no extensions: no `fpw-slot`, no features. Each thread is a slot; it prints a line when it first polls.
"""

from __future__ import annotations

import argparse
import json
import threading
import time
from collections.abc import Iterator

import requests
from urllib3.util import SKIP_HEADER

HOP_BY_HOP = {
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "content-length",
    "host",
    "expect",
}


class Worker:
    def __init__(self, relay: str, host: str, token: str, upstream: str, ca: str | None = None):
        self.relay, self.upstream = relay, upstream.rstrip("/")
        self.poll_fields = {
            "fpw-host": host,
            "fpw-token": token,
            "user-agent": "php-worker-v1",
            "content-type": "application/octet-stream",
        }
        self.to_relay, self.to_upstream = requests.Session(), requests.Session()
        for session in (self.to_relay, self.to_upstream):
            session.trust_env = False
            session.headers.clear()
        if ca:
            self.to_relay.verify = ca

    def run(self) -> None:
        """One slot, for ever: each reply is the next poll."""
        fields, body = {}, b""
        while True:
            try:
                answer = self.to_relay.post(self.relay, headers=self.poll_fields | fields, data=body, timeout=200)
                fields, body = {}, b""
                if answer.status_code == 200 and "fpw-rid" in answer.headers:
                    fields, body = self.forward(answer)
                elif answer.status_code >= 300 or answer.content:
                    print(f"relay says {answer.status_code}: {answer.text[:200]}", flush=True)
                    time.sleep(1)
            except requests.RequestException as error:
                print(f"relay failed: {error}", flush=True)
                fields, body = {}, b""
                time.sleep(0.2)

    def forward(self, visit: requests.Response) -> tuple[dict[str, str], bytes]:
        sent = json.loads(visit.headers["fpw-header"])
        fields = {
            name: ", ".join(value) if isinstance(value, list) else value
            for name, value in sent.items()
            if name.lower() not in HOP_BY_HOP
        }
        fields["X-Forwarded-For"] = visit.headers["fpw-uip"]
        for name in ("accept-encoding", "user-agent"):
            if name not in {field.lower() for field in fields}:
                fields[name] = SKIP_HEADER
        answer = self.to_upstream.request(
            visit.headers["fpw-method"],
            self.upstream + visit.headers["fpw-url"],
            headers=fields,
            data=visit.content,
            allow_redirects=False,
            stream=True,
            timeout=60,
        )
        body = answer.raw.read(decode_content=False)
        reply = {
            "fpw-rid": visit.headers["fpw-rid"],
            "fpw-status": str(answer.status_code),
            "fpw-header": json.dumps(dict(repeated(answer.raw.headers))),
        }
        return reply, body


def repeated(fields) -> Iterator[tuple[str, str | list[str]]]:
    for name in fields:
        if name.lower() not in HOP_BY_HOP:
            values = fields.getlist(name)
            yield name.title(), values if len(values) > 1 else values[0]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--relay", required=True)
    parser.add_argument("--host", required=True)
    parser.add_argument("--token", default="21a018194adc44e7")
    parser.add_argument("--upstream", required=True)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--ca")
    options = parser.parse_args()
    said = (options.relay, options.host, options.token, options.upstream, options.ca)
    workers = [Worker(*said) for _ in range(options.threads)]
    threads = [threading.Thread(target=worker.run) for worker in workers]
    for thread in threads:
        thread.start()
    print(f"polling with {len(threads)} slots", flush=True)


if __name__ == "__main__":
    main()
