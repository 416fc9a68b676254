"""A whole run, everything turned on that talks: no credential, token or signature in any output."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import pytest

from tests.support.shell import Shell, embedded, photo

TOKEN: Final = "FwoGZXIvYXdzEXAMPLEtokenThatNobodyMaySee/////"
# What signs a request, in a header or in a URL:
# https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
SIGNED: Final = re.compile(
    r"X-Amz-(Signature|Security-Token|Credential)|Signature=|AWS4-HMAC", re.IGNORECASE
)
RUN: Final[Sequence[tuple[int, Sequence[str]]]] = (
    (0, ["setup"]),
    (0, ["upload", "photo.jpg"]),
    (2, ["upload", "missing.jpg"]),
    (4, ["upload", "broken.jpg"]),
    (0, ["status"]),
    (0, ["list-metadata"]),
    (0, ["logs", "--all", "--since", "1h"]),
    (0, ["invoke", "photo.jpg"]),
    (0, ["teardown", "--yes"]),
    (1, ["upload", "photo.jpg"]),
)


@pytest.fixture(scope="module")
def account(shared_shell: Shell) -> Shell:
    """A shell that knows the embedded AWS as an account, by keys of its own."""
    aws = embedded(shared_shell.state)
    keys = aws.session.get_credentials()
    nowhere = str(shared_shell.folder / "nowhere")
    (shared_shell.folder / "photo.jpg").write_bytes(photo(60, 40))
    (shared_shell.folder / "broken.jpg").write_bytes(photo(60, 40)[:200])
    known = {
        "AWS_ACCESS_KEY_ID": keys.access_key,
        "AWS_SECRET_ACCESS_KEY": keys.secret_key,
        "AWS_REGION": aws.region,
        "AWS_CONFIG_FILE": nowhere,
        "AWS_SHARED_CREDENTIALS_FILE": nowhere,
    }
    return replace(shared_shell, extra=known)


def said(shell: Shell, *arguments: str) -> str:
    """All that a command writes, however it ends."""
    process = shell.start("--debug", *arguments)
    stdout, stderr = process.communicate(timeout=180)
    return f"{' '.join(arguments)} -> {process.returncode}\n{stdout}{stderr}"


@pytest.fixture(scope="module")
def outputs(account: Shell) -> list[str]:
    """What a run says, and what it says with a wrong secret and with a token that is none."""
    told = [said(account, "--local", *arguments) for _, arguments in RUN]
    wrong = {"AWS_SECRET_ACCESS_KEY": "wrong-secret-wrong-secret"}
    address = {"IMGPIPE_ENDPOINT_URL": str(embedded(account.state).endpoint_url)}
    for extra in (wrong, {"AWS_SESSION_TOKEN": TOKEN}):
        stranger = replace(account, extra={**account.extra, **address, **extra})
        told.append(said(stranger, "status"))
    return told


def test_the_run_went_as_it_should(outputs: list[str]) -> None:
    """And said much: else there would be nothing to look through."""
    ends = [int(text.split(" -> ")[1].split("\n")[0]) for text in outputs[: len(RUN)]]
    assert ends == [code for code, _ in RUN]
    assert sum(map(len, outputs)) > 10_000


def test_no_output_holds_a_secret(account: Shell, outputs: list[str]) -> None:
    """Neither the commands', nor the embedded AWS's own log."""
    secret, key = account.extra["AWS_SECRET_ACCESS_KEY"], account.extra["AWS_ACCESS_KEY_ID"]
    log = (account.state / "log").read_text(encoding="utf-8", errors="replace")
    for text in (*outputs, log):
        assert not [each for each in (secret, key, TOKEN, "wrong-secret") if each in text]
        assert not SIGNED.search(text), SIGNED.search(text)
