"""The Debian packages under test, and the same as an older version."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Debs:
    fpwd: Path
    fpw_relay: Path

    @classmethod
    def inside(cls, folder: Path) -> Debs:
        found = [sorted(folder.glob(f"{name}_*.deb")) for name in ("fpwd", "fpw-relay")]
        assert all(len(files) == 1 for files in found), f"one package of each is expected in {folder}: run `make deb`"
        return cls(*(files[0] for files in found))

    @property
    def both(self) -> list[Path]:
        return [self.fpwd, self.fpw_relay]


def older(debs: Debs, folder: Path) -> Debs:
    """The packages once more with a version below their own."""
    return Debs(*(_as_version("0.0.1~before", deb, folder) for deb in debs.both))


def _as_version(version: str, deb: Path, folder: Path) -> Path:
    name = deb.name.partition("_")[0]
    tree, result = folder / name, folder / f"{name}_{version}.deb"
    subprocess.run(["dpkg-deb", "--raw-extract", deb, tree], check=True)
    control = tree / "DEBIAN/control"
    control.write_text(re.sub(r"^Version: .*$", f"Version: {version}", control.read_text(), flags=re.MULTILINE))
    subprocess.run(["dpkg-deb", "-Znone", "--build", tree, result], check=True, stdout=subprocess.DEVNULL)
    return result
