"""Who can read a token, and who must not."""

from harness.programs import TOKEN

FILE = "/etc/fpw/demo.token"


def test_neither_account_reads_the_others_tokens(served, debian):
    served()
    for account, file in (("_fpw-relay", "/etc/fpw/demo.token"), ("_fpwd", "/etc/fpw-relay/demo.token")):
        refused = debian.attempt("runuser", "-u", account, "--", "cat", file)
        assert (refused.returncode, "Permission denied" in refused.stdout) == (1, True), refused.stdout


def test_a_token_that_everyone_can_read_is_refused_and_the_old_one_stays_in_use(served, debian):
    site = served()
    debian.path(FILE).chmod(0o644)
    assert debian.attempt("systemctl", "reload", "fpwd").returncode == 1
    assert FILE in debian.wait_for_journal("fpwd", "/etc/fpw.conf:")
    assert site.visitor.visit().status == 200


def test_a_token_that_the_service_cannot_read_is_named(served, debian):
    site = served()
    debian.write(FILE, TOKEN, 0o600)
    assert debian.attempt("systemctl", "restart", "fpwd").returncode == 1
    assert FILE in debian.wait_for_journal("fpwd", "/etc/fpw.conf:")
    debian.run("chgrp", "_fpwd", FILE)
    debian.path(FILE).chmod(0o640)
    debian.run("systemctl", "start", "fpwd")
    site.wait_until_ready()


def test_a_credential_that_only_systemd_can_read_is_used(served, debian):
    debian.write("/root/demo.token", TOKEN, 0o600)
    with debian.drop_in("fpwd", "LoadCredential=demo.token:/root/demo.token"):
        site = served({"token_file": "/run/credentials/fpwd.service/demo.token"})
        assert site.visitor.visit().status == 200
