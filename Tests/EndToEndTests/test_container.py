"""packaging/Dockerfile and packaging/compose.yml. No container engine is needed: what they say is followed by hand."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from harness.container import DOCKERFILE, PACKAGING, Composed, is_ignored, stages
from harness.documents import ROOT
from harness.machine import TOKEN, Machine
from harness.program import eventually
from harness.programs import binary

PROGRAMS = ["fpwd", "fpw-relay"]

# Where a program's libraries come from. What the image has already, as its own tools need it, is None.
PACKAGES = {
    "libcurl.so.4": "libcurl4",
    "libstdc++.so.6": "libstdc++6",
    **dict.fromkeys(["libc.so.6", "libm.so.6", "libgcc_s.so.1", "libcrypt.so.1"]),
    **dict.fromkeys(["ld-linux-x86-64.so.2", "ld-linux-aarch64.so.1"]),
}


def test_the_dockerfile_is_one_that_hadolint_has_nothing_to_say_about():
    hadolint = Path(sys.executable).parent / "hadolint"
    done = subprocess.run([hadolint, DOCKERFILE], capture_output=True, text=True, timeout=30)
    assert (done.returncode, done.stdout) == (0, "")


def test_what_is_copied_is_there():
    images = stages()
    assert list(images) == ["build", *PROGRAMS]
    made = " ".join(images["build"].all("RUN"))
    for image in images.values():
        for origin, sources in image.copies:
            for source in sources:
                if origin == "build":
                    assert source.startswith("/out/") and f".build/release/{source.removeprefix('/out/')}" in made
                else:
                    assert (ROOT / source).exists() and not is_ignored((ROOT / source).relative_to(ROOT))


def test_a_build_gets_all_that_it_reads_and_nothing_that_is_large():
    for folder in ("Sources", "Tests", "scripts", "config"):
        files = [file.relative_to(ROOT) for file in (ROOT / folder).rglob("*") if file.is_file()]
        assert len(files) > 1
        assert [file for file in files if is_ignored(file) and not file.name.startswith(".")] == []
    assert not is_ignored((ROOT / "Package.swift").relative_to(ROOT))
    for name in (".build", ".git", ".build-e2e", "docs", "packaging/compose/secrets/token"):
        assert is_ignored((ROOT / name).relative_to(ROOT))


@pytest.mark.measures
@pytest.mark.parametrize("name", PROGRAMS)
def test_an_image_has_the_libraries_of_its_program(name):
    told = subprocess.run(["readelf", "--dynamic", binary(name)], capture_output=True, text=True, check=True).stdout
    if "libswiftCore.so" in told:
        pytest.skip("a build for tests, which does not hold Swift's libraries")
    needed = {PACKAGES[library] for library in re.findall(r"\(NEEDED\).*\[(.*)\]", told)} - {None}
    certificates = {"ca-certificates"} if name == "fpwd" else set()
    assert stages()[name].packages == needed | certificates


@pytest.mark.parametrize("name", PROGRAMS)
def test_an_image_runs_as_a_user_without_privileges_and_with_the_sample_configuration(name):
    image = stages()[name]
    assert int(image.last("USER").split(":")[0]) > 0
    file = {"fpwd": "fpw.conf"}.get(name, f"{name}.conf")
    assert ("", [f"config/{file}"]) in list(image.copies)
    assert subprocess.run([binary(name), "-t", "-q", "-c", ROOT / "config" / file]).returncode == 0


@pytest.mark.fpwd
@pytest.mark.fpw_relay
def test_the_composed_services_serve_a_visitor(tmp_path, authority):
    with Machine(tmp_path, authority, ["80"]) as machine:
        composed = Composed(machine)
        composed.up(TOKEN)
        eventually(lambda: composed.is_healthy("fpwd"))
        visit = re.search(r"^curl .*28820/$", (ROOT / "docs/container.md").read_text(), re.MULTILINE)[0]
        done = machine.run(visit)
        assert (done.returncode, "from the service" in done.stdout) == (0, True), done.stdout


def test_the_secret_of_the_compose_file_is_where_the_document_puts_it():
    source = re.search(r"file: \./(\S+)}", (PACKAGING / "compose.yml").read_text())[1]
    assert f"/dev/stdin {source}\n" in (ROOT / "docs/container.md").read_text()
    assert f"packaging/{source.rpartition('/')[0]}/" in (ROOT / ".gitignore").read_text()
