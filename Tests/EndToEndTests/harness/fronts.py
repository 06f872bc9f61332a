"""Configurations that the project ships for the servers of others before fpw-relay, adapted as their first lines say."""

from __future__ import annotations

from pathlib import Path

PACKAGING = Path(__file__).parents[3] / "packaging"


def shipped_nginx_site(port: int, relay_port: int, certificate: tuple[Path, Path], names: str) -> str:
    """packaging/nginx/fpw-relay.conf with the lines marked [1] to [4] adapted."""
    return _adapted(
        PACKAGING / "nginx/fpw-relay.conf",
        {
            "server 127.0.0.1:28820;": f"server 127.0.0.1:{relay_port};",
            "listen 443 ssl http2;": f"listen 127.0.0.1:{port} ssl http2;",
            "    listen [::]:443 ssl http2;\n": "",
            "server_name relay.example.org *.relay.example.org;": f"server_name {names};",
            "/etc/ssl/fpw-relay.pem": str(certificate[0]),
            "/etc/ssl/fpw-relay.key": str(certificate[1]),
        },
    )


def _adapted(file: Path, changes: dict[str, str]) -> str:
    text = file.read_text()
    for shipped, ours in changes.items():
        assert text.count(shipped) == 1, shipped
        text = text.replace(shipped, ours)
    return text
