"""What systemctl does for the commands of the documents, on a machine without systemd.

It starts, stops and reloads services as their units say, as far as commands, users and folders go.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

UNITS = Path("/usr/lib/systemd/system")
RUN = Path("/run/systemctl")


def settings(unit: Path) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in unit.read_text().splitlines():
        name, is_setting, value = line.partition("=")
        if is_setting and not line.startswith("#"):
            found.setdefault(name, []).append(value)
    return found


class Service:
    """A unit of packaging/debian. An instance differs by its file, as packaging/debian/rules makes it."""

    def __init__(self, name: str):
        self.name = name
        program, _, instance = name.partition("@")
        self._settings = settings(UNITS / f"{program}.service")
        self._instance = instance
        self._pid_file = RUN / f"{name}.pid"
        self._journal = Path(f"/var/log/{name}.journal")

    def _command(self, line: str) -> str:
        file = f"/etc/fpw/{self._instance}.conf" if self._instance else "/etc/fpw.conf"
        return line.replace("/etc/fpw.conf", file)

    @property
    def pid(self) -> int | None:
        try:
            pid = int(self._pid_file.read_text())
            os.kill(pid, 0)
        except (OSError, ValueError):
            return None
        return pid

    def start(self) -> None:
        if self.pid:
            return
        (user,), (command,) = self._settings["User"], self._settings["ExecStart"]
        environment = {"PATH": os.environ["PATH"]}
        for kind, place in (("Runtime", "/run"), ("State", "/var/lib"), ("Logs", "/var/log")):
            folder = f"{place}/{self._settings[f'{kind}Directory'][0]}"
            subprocess.run(["install", "-d", "-m", "750", "-o", user, "-g", user, folder], check=True)
            environment[f"{kind.upper()}_DIRECTORY"] = folder
        with self._journal.open("ab") as log:
            as_user = ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups"]
            for capability in self._settings.get("AmbientCapabilities", []):
                word = "+" + capability.removeprefix("CAP_").lower()
                as_user += [f"--inh-caps={word}", f"--ambient-caps={word}"]
            process = subprocess.Popen(
                [*as_user, *self._command(command).split()],
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                env=environment,
                start_new_session=True,
            )
        self._pid_file.write_text(str(process.pid))
        ask = self._command(command).replace(" -c ", " status -c ").split()
        while process.poll() is None and subprocess.run(ask, capture_output=True).returncode:
            time.sleep(0.02)
        if process.poll() is not None:
            sys.exit(f"{self.name} ended:\n{self._journal.read_text()}")

    def stop(self) -> None:
        if pid := self.pid:
            os.kill(pid, signal.SIGTERM)
            while self.pid:
                time.sleep(0.02)

    def restart(self) -> None:
        self.stop()
        self.start()

    def reload(self) -> None:
        for command in self._settings["ExecReload"]:
            subprocess.run(self._command(command), shell=True, check=True, env=os.environ | {"MAINPID": str(self.pid)})

    def status(self) -> None:
        sys.exit(0 if self.pid else 3)


# To start and to reload.
PROXIES = {
    "nginx": (["nginx"], ["nginx", "-s", "reload"]),
    "caddy": tuple(["caddy", verb, "--config", "/etc/caddy/Caddyfile"] for verb in ("start", "reload")),
}


class Proxy:
    """nginx or Caddy, which Debian starts when it installs them."""

    def __init__(self, name: str):
        self.name = name

    def reload(self) -> None:
        runs = subprocess.run(["pgrep", "-x", self.name, "-P", "1"], capture_output=True).returncode == 0
        with Path(f"/var/log/{self.name}.journal").open("a+b") as log:
            if subprocess.run(PROXIES[self.name][runs], stdout=log, stderr=log).returncode != 0:
                sys.exit(Path(log.name).read_text())

    start = restart = reload


def main(verb: str, *rest: str) -> None:
    RUN.mkdir(exist_ok=True)
    for name in [word for word in rest if not word.startswith("-")]:
        service = (Proxy if name in PROXIES else Service)(name)
        if verb != "enable":
            getattr(service, verb)()
        elif "--now" in rest:
            service.start()


if __name__ == "__main__":
    main(*sys.argv[1:])
