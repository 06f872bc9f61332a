"""packaging/Dockerfile and packaging/compose.yml, as far as one can follow them without a container engine."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from harness.documents import ROOT
from harness.machine import Machine
from harness.program import Program, eventually

PACKAGING = ROOT / "packaging"
DOCKERFILE = PACKAGING / "Dockerfile"


@dataclass
class Stage:
    """An image, or what one is made from."""

    name: str
    steps: list[tuple[str, str]] = field(default_factory=list)

    def all(self, instruction: str) -> list[str]:
        return [text for name, text in self.steps if name == instruction]

    def last(self, instruction: str) -> str:
        return self.all(instruction)[-1]

    @property
    def copies(self) -> Iterator[tuple[str, list[str]]]:
        """The stage from which is copied, or nothing for the context, and what is copied."""
        for text in self.all("COPY"):
            words = text.split()
            origin = next((word.removeprefix("--from=") for word in words if word.startswith("--from=")), "")
            yield origin, [word for word in words[:-1] if not word.startswith("--")]

    @property
    def packages(self) -> set[str]:
        found = re.findall(r"apt-get install ((?:[^&]|&(?!&))*)", " ".join(self.all("RUN")))
        return {word for words in found for word in words.split() if not word.startswith("-")}

    @property
    def environment(self) -> dict[str, str]:
        return dict(word.split("=", 1) for text in self.all("ENV") for word in text.split())

    @property
    def health_check(self) -> list[str]:
        return json.loads(self.last("HEALTHCHECK").partition("CMD ")[2])


def stages() -> dict[str, Stage]:
    lines = [line for line in DOCKERFILE.read_text().splitlines() if not line.startswith("#")]
    found: list[Stage] = []
    for line in "\n".join(lines).replace("\\\n", " ").splitlines():
        instruction, _, text = line.partition(" ")
        if instruction == "FROM":
            found.append(Stage(text.split(" AS ")[1]))
        if instruction:
            found[-1].steps.append((instruction, text))
    return {stage.name: stage for stage in found}


def is_ignored(path: Path) -> bool:
    """By packaging/Dockerfile.dockerignore; what is below an ignored folder is so, too."""
    lines = (PACKAGING / "Dockerfile.dockerignore").read_text().splitlines()
    patterns = [line for line in lines if line and not line.startswith("#")]
    folders = [path, *path.parents][:-1]
    return any(_matches(part, pattern) for part in folders for pattern in patterns)


def _matches(path: Path, pattern: str) -> bool:
    expression = re.escape(pattern).replace(r"\*\*/", "(.*/)?").replace(r"\*", "[^/]*")
    return re.fullmatch(expression, str(path)) is not None


class Composed:
    """The services of packaging/compose.yml that are ours, run by hand on a machine as the images say."""

    def __init__(self, machine: Machine):
        self._machine = machine
        self._model = yaml.safe_load((PACKAGING / "compose.yml").read_text())
        self._images = stages()

    def up(self, secret: str) -> None:
        self._machine.run("systemctl stop fpwd fpw-relay")
        for name in self._model["secrets"]:
            self._machine.write(f"/run/secrets/{name}", secret + "\n")
        for name in ("relay", "fpwd"):
            waits_for = self._model["services"][name].get("depends_on", {})
            for other in waits_for:
                eventually(lambda other=other: self.is_healthy(other))
            self._start(self._model["services"][name])

    def is_healthy(self, name: str) -> bool:
        check = self._images[self._model["services"][name]["build"]["target"]].health_check
        return self._machine.run(shlex.join(check)).returncode == 0

    def _start(self, service: dict) -> Program:
        image = self._images[service["build"]["target"]]
        user, _, group = image.last("USER").partition(":")
        for volume in service["volumes"]:
            source, place, access = volume.split(":")
            assert access == "ro"
            self._machine.write(place, (PACKAGING / source).read_text())
        for mount in service["tmpfs"]:
            place, _, options = mount.partition(":")
            if options:
                given = dict(option.split("=") for option in options.split(","))
                self._machine.run(f"install -d -m {given['mode']} -o {given['uid']} -g {given['gid']} {place}")
        variables = shlex.join(f"{name}={value}" for name, value in image.environment.items())
        as_user = f"setpriv --reuid={user} --regid={group} --clear-groups --no-new-privs --bounding-set=-all"
        return self._machine.begin(f"-i {variables} {as_user} {shlex.join(json.loads(image.last('ENTRYPOINT')))}")
