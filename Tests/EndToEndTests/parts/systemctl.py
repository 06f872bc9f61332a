"""What systemctl does for the commands of the documents, on a machine without systemd: starts, stops and reloads the services that
a Debian machine would have, as their users."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

RUN = Path("/run/systemctl")


class Service:
    def __init__(self, unit: str):
        self.unit = unit.removesuffix(".service")
        self.program, _, self.instance = self.unit.partition("@")
        self._pid_file = RUN / f"{self.unit}.pid"

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
        user = f"_{self.program}"
        environment = {"PATH": os.environ["PATH"]}
        for kind in ("RUNTIME", "STATE", "LOGS"):
            folder = Path({"RUNTIME": "/run", "STATE": "/var/lib", "LOGS": "/var/log"}[kind]) / self.unit.replace("@", "-")
            subprocess.run(["install", "-d", "-m", "750", "-o", user, "-g", user, folder], check=True)
            environment[f"{kind}_DIRECTORY"] = str(folder)
        with Path(f"/var/log/{self.unit}.journal").open("ab") as log:
            as_user = ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups"]
            command = [*as_user, self.program, "-c", self.file]
            process = subprocess.Popen(
                command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, env=environment, start_new_session=True
            )
        self._pid_file.write_text(str(process.pid))
        while process.poll() is None and self._ask("status"):
            time.sleep(0.02)
        if process.poll() is not None:
            sys.exit(f"{self.unit} ended: {Path(log.name).read_text()}")

    @property
    def file(self) -> str:
        if self.instance:
            return f"/etc/{'fpw' if self.program == 'fpwd' else self.program}/{self.instance}.conf"
        return {"fpwd": "/etc/fpw.conf"}.get(self.program, f"/etc/{self.program}.conf")

    def _ask(self, *words: str) -> int:
        return subprocess.run([self.program, *words, "-c", self.file], capture_output=True).returncode

    def stop(self) -> None:
        if pid := self.pid:
            os.kill(pid, signal.SIGTERM)
            while self.pid:
                time.sleep(0.02)

    def restart(self) -> None:
        self.stop()
        self.start()

    def reload(self) -> None:
        subprocess.run([self.program, "-t", "-q", "-c", self.file], check=True)
        if not self.pid:
            sys.exit(f"{self.unit} does not run")
        os.kill(self.pid, signal.SIGHUP)

    def status(self) -> None:
        sys.exit(0 if self.pid else 3)


class Proxy:
    """nginx or Caddy, which Debian starts when it installs them."""

    COMMANDS = {
        "nginx": (["nginx"], ["nginx", "-s", "reload"]),
        "caddy": (["caddy", "start", "--config", "/etc/caddy/Caddyfile"], ["caddy", "reload", "--config", "/etc/caddy/Caddyfile"]),
    }

    def __init__(self, unit: str):
        self.unit = unit

    def reload(self) -> None:
        runs = subprocess.run(["pgrep", "-x", self.unit, "-P", "1"], capture_output=True).returncode == 0
        with Path(f"/var/log/{self.unit}.journal").open("a+b") as log:
            if subprocess.run(self.COMMANDS[self.unit][runs], stdout=log, stderr=log).returncode != 0:
                sys.exit(Path(log.name).read_text())

    start = restart = reload


def main(verb: str, *rest: str) -> None:
    RUN.mkdir(exist_ok=True)
    for unit in [word for word in rest if not word.startswith("-")]:
        service = (Proxy if unit in Proxy.COMMANDS else Service)(unit)
        if verb != "enable":
            getattr(service, verb)()
        elif "--now" in rest:
            service.start()


if __name__ == "__main__":
    main(*sys.argv[1:])
