"""Configurations that the project ships for the servers of others before fpw-relay, adapted as they say."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

PACKAGING = Path(__file__).parents[3] / "packaging"
Certificate = tuple[Path, Path]


def shipped_nginx_site(port: int, relay_port: int, certificate: Certificate, names: str) -> str:
    """packaging/nginx/fpw-relay.conf with the lines marked [1] to [4] adapted."""
    return _adapted(
        (PACKAGING / "nginx/fpw-relay.conf").read_text(),
        {
            "server 127.0.0.1:28820;": f"server 127.0.0.1:{relay_port};",
            "listen 443 ssl http2;": f"listen 127.0.0.1:{port} ssl http2;",
            "    listen [::]:443 ssl http2;\n": "",
            "server_name relay.example.org *.relay.example.org;": f"server_name {names};",
            "/etc/ssl/fpw-relay.pem": str(certificate[0]),
            "/etc/ssl/fpw-relay.key": str(certificate[1]),
        },
    )


def shipped_nginx_for_relays(port: int, relay_ports: Sequence[int], certificate: Certificate, names: str) -> str:
    """The same with the block of packaging/nginx/fpw-relays.conf, for two relays."""
    site = shipped_nginx_site(port, 0, certificate, names)
    block, count = re.subn(r"upstream fpw_relay \{.*?\n\}\n", "", site, flags=re.DOTALL)
    assert count == 1
    return _with_relays((PACKAGING / "nginx/fpw-relays.conf").read_text(), relay_ports) + block


def shipped_caddyfile(port: int, relay_port: int, certificate: Certificate, names: Sequence[str]) -> str:
    """packaging/caddy/Caddyfile with the lines marked [1] to [3] adapted, and nothing that listens elsewhere."""
    text = _adapted(
        (PACKAGING / "caddy/Caddyfile").read_text(),
        {
            "*.example.org {": ", ".join(f"https://{name}:{port}" for name in names) + " {\n\tbind 127.0.0.1",
            "/etc/caddy/tls/fullchain.pem": str(certificate[0]),
            "/etc/caddy/tls/privkey.pem": str(certificate[1]),
            "127.0.0.1:28820 {": f"127.0.0.1:{relay_port} {{",
        },
    )
    return "{\n\tadmin off\n\tauto_https disable_redirects\n\tskip_install_trust\n}\n" + text


def shipped_haproxy(port: int, relay_ports: Sequence[int], certificate: Path) -> str:
    """packaging/haproxy/haproxy.cfg with the lines marked [1] to [3] adapted; the certificate holds its key."""
    text = (PACKAGING / "haproxy/haproxy.cfg").read_text()
    changes = {"bind :443": f"bind 127.0.0.1:{port}", "/etc/haproxy/fpw-relay.pem": str(certificate)}
    return _with_relays(_adapted(text, changes), relay_ports)


def _with_relays(text: str, ports: Sequence[int]) -> str:
    addresses = re.findall(r"^ *server .*?(10\.0\.0\.\d+:28820)", text, re.MULTILINE)
    head, mark, servers = text.rpartition("`listen` of each relay.")
    assert mark
    return (
        head
        + mark
        + _adapted(servers, {shipped: f"127.0.0.1:{port}" for shipped, port in zip(addresses, ports, strict=True)})
    )


def _adapted(text: str, changes: dict[str, str]) -> str:
    for shipped, ours in changes.items():
        assert text.count(shipped) == 1, shipped
        text = text.replace(shipped, ours)
    return text
