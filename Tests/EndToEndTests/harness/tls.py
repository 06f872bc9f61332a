"""Certificates of a test's own authority, made by openssl."""

from __future__ import annotations

import os
import ssl
import subprocess
from pathlib import Path

CLOCK = "/usr/$LIB/faketime/libfaketimeMT.so.1"


class Authority:
    """A certificate authority in a folder; `file` is what a client trusts."""

    def __init__(self, folder: Path, name: str):
        self._folder = folder
        self.file = folder / f"{name}.pem"
        self._key = folder / f"{name}.key"
        self._openssl(
            "req",
            "-x509",
            "-days",
            "2",
            "-subj",
            f"/CN={name}",
            *self._new_key(self._key),
            "-out",
            self.file,
            "-addext",
            "keyUsage=critical,keyCertSign",
        )

    def certificate(self, *names: str, folder: Path | None = None, at: str | None = None) -> tuple[Path, Path]:
        """A server's certificate for DNS names and 127.0.0.1, and its key; for 30 days from now or from `at`."""
        certificate, key = ((folder or self._folder) / f"{names[0]}.{kind}" for kind in ("pem", "key"))
        alternatives = ",".join([*(f"DNS:{name}" for name in names), "IP:127.0.0.1"])
        self._openssl(
            "req",
            "-x509",
            "-days",
            "30",
            "-subj",
            f"/CN={names[0]}",
            *self._new_key(key),
            "-out",
            certificate,
            "-CA",
            self.file,
            "-CAkey",
            self._key,
            "-addext",
            f"subjectAltName={alternatives}",
            "-addext",
            "basicConstraints=critical,CA:FALSE",
            at=at,
        )
        return certificate, key

    def server(self, *names: str) -> ssl.SSLContext:
        """TLS as a server of those names has it."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*self.certificate(*names))
        return context

    def _new_key(self, file: Path) -> list[str | Path]:
        return ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", file]

    def _openssl(self, *arguments: str | Path, at: str | None = None) -> None:
        clock = {"LD_PRELOAD": CLOCK, "FAKETIME": f"@{at}"} if at else {}
        subprocess.run(["openssl", *arguments], env=os.environ | clock, check=True, capture_output=True, timeout=30)
