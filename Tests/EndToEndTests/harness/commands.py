"""What there is to say of single commands of the documents; one of which nothing is said is run and must end with 0."""

_DOCKER = [
    "cd packaging",
    "install -d -m 700 compose/secrets",
    "openssl rand -hex 16 | install -m 644 /dev/stdin compose/secrets/token",
    "docker compose up --detach --build --wait",
    "curl --fail --header 'Host: www.example.org' http://127.0.0.1:28820/",
    "docker compose exec fpwd fpwd status",
    "docker compose down",
    "cd ..",
    "docker build --file packaging/Dockerfile --target fpwd --tag fpwd .",
    "docker run --detach --name fpwd --add-host host.docker.internal:host-gateway "
    "--volume /etc/fpw.conf:/etc/fpw.conf:ro fpwd",
    "docker exec fpwd fpwd status",
    "docker kill --signal HUP fpwd",
    "docker stop --time 40 fpwd",
    "docker run --rm --interactive --tty --add-host host.docker.internal:host-gateway "
    "--volume fpwd-names:/var/lib/fpwd fpwd http://host.docker.internal:3000",
    "docker build --file packaging/Dockerfile --target fpw-relay --tag fpw-relay .",
    "docker run --detach --name fpw-relay --publish 127.0.0.1:28820:28820 "
    '--volume "$PWD/packaging/compose/fpw-relay.conf:/etc/fpw-relay.conf:ro" '
    '--volume "$PWD/packaging/compose/secrets/token:/run/secrets/token:ro" fpw-relay',
]

# Commands that are not run, and why.
NOT_RUN = {
    "make": "builds for ten minutes; every run of the tests has done it",
    "make test": "is this",
    "make deb": "every run of the tests has done it",
    "sudo apt-get install ./.build/deb/fpwd_*.deb ./.build/deb/fpw-relay_*.deb": "needs a real systemd",
    "apt-get install certbot": "changes the machine that runs the tests",
    "apt-get install nginx-light": "the same",
    "apt-get install caddy": "the same",
    "apt-get install prometheus": "the same",
    "certbot certonly --manual --preferred-challenges dns --cert-name example.org "
    "-d 'example.org' -d '*.example.org'": (
        "asks Let's Encrypt; a certificate of the tests' authority lies where it would put its own"
    ),
    "editor /etc/prometheus/prometheus.yml": "is a person's work, and packaging/prometheus/prometheus.yml its result",
    "systemctl reload prometheus": "none runs here; test_alerts.py runs one with these files",
} | dict.fromkeys(_DOCKER, "needs a container engine; test_container.py does by hand what the files say")

# What is run in the place of a command: the same without a build.
INSTEAD = {"make demo": "scripts/demo.sh"}

# Commands that run until Ctrl-C, and what they say when they serve. Those of `STAYING` go on.
SERVING = {
    "make demo": "Ctrl-C ends it.",
    "fpwd 3000": "Ctrl-C ends it.",
    "fpwd --host blog 3000": "https://blog.28820.com/  →",
    "fpwd --host my-hooks 3000": "https://my-hooks.28820.com/  →",
    "fpwd --once 3000": "Ctrl-C ends it.",
    "fpwd https://10.0.0.5": "Ctrl-C ends it.",
    "fpwd unix:/run/app.sock": "Ctrl-C ends it.",
    "FPW_HOST=blog.28820.com fpwd 80": "https://blog.28820.com/  →",
    "FPW_TOKEN=$(cat /etc/fpw/blog.token) fpwd --host test.example.org 3000": "https://test.example.org/  →",
    "python3 -m http.server --bind 127.0.0.1 3000": "Serving HTTP",
}
STAYING = {"python3 -m http.server --bind 127.0.0.1 3000"}

# What a reader types where a command asks.
_MAKES_PASSWORDS = (
    "printf '{}:%s\\n' \"$(openssl passwd -6)\" | install -m 640 -g _fpwd /dev/stdin /etc/fpw/{}.passwords"
)
_PASSWORD = "correct-horse\ncorrect-horse\n"
TYPED = {
    _MAKES_PASSWORDS.format("anna", "blog"): _PASSWORD,
    _MAKES_PASSWORDS.format("family", "family"): _PASSWORD,
    "install -m 640 -g _fpwd /dev/stdin /etc/fpw/blog.token": "cat /etc/fpw-relay/token",
}

# Commands that stand in sentences only; they are run, too.
IN_SENTENCES = {"fpw-relay ready", "fpw-relay status --url"}

# In sentences, what only names a part of a command.
FORMS = {
    "fpwd [--host NAME] [--once] UPSTREAM",
    "htpasswd -B",
    "htpasswd -B -c FILE NAME",
    "systemctl status",
    "systemctl stop",
    "promtool test rules",
    "ss -ltnp",
    "journalctl -u fpwd",
    "chgrp _fpwd FILE",
    "chmod 640 FILE",
    "chmod o-rwx FILE",
    "docker stop",
    "apt-get purge",
    "apt-get remove",
    "valgrind --tool=callgrind",
    "python3 -m parts.page_mock",
}
