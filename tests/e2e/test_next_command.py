"""The next command reaches the same pipeline: every global option in force is in it."""

from __future__ import annotations

import shlex
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from imgpipe.cli import GLOBAL_OPTIONS
from tests.support.shell import Shell, embedded, photo

if TYPE_CHECKING:
    from pathlib import Path

LEADING = frozenset({"--profile", "--region", "--stage", "--endpoint-url", "--config"})
"""All that say which pipeline, but ``--local``, which says it alone."""


@pytest.fixture(scope="module")
def account(shared_shell: Shell) -> tuple[Shell, list[str]]:
    """A shell, and global options that lead to the embedded AWS as if it were an account."""
    aws = embedded(shared_shell.state)
    keys = aws.session.get_credentials()
    folder: Path = shared_shell.folder
    (folder / "photo.jpg").write_bytes(photo(60, 40))
    (folder / "my settings.toml").write_text("memory = 1024\n", encoding="utf-8")
    (folder / "credentials").write_text(
        f"[somebody]\naws_access_key_id={keys.access_key}\n"
        f"aws_secret_access_key={keys.secret_key}\n",
        encoding="utf-8",
    )
    options = [
        *("--profile", "somebody", "--region", "eu-west-1", "--stage", "blue"),
        *(f"--endpoint-url={aws.endpoint_url}", "--config", "my settings.toml"),
    ]
    extra = {"AWS_SHARED_CREDENTIALS_FILE": str(folder / "credentials")}
    return replace(shared_shell, extra=extra), options


def test_these_are_all_options_that_lead_somewhere() -> None:
    """A new one must be tried here."""
    assert GLOBAL_OPTIONS.which_pipeline == LEADING | {"--local"}


@pytest.mark.parametrize("behind", [False, True])
@pytest.mark.parametrize(
    ("command", "code", "following"),
    [
        (["setup", "--dry-run"], 0, "setup"),
        (
            ["setup", "--dry-run", "--reset", "--no-protect", "--tag", "team=photo desk"],
            0,
            "setup --reset --tag 'team=photo desk' --no-protect",
        ),
        (["status"], 0, "setup --dry-run"),
        (["logs"], 0, "setup"),
        (["upload", "photo.jpg"], 1, "setup"),
        (["list-metadata"], 1, "setup"),
        (["invoke", "photo.jpg"], 1, "setup"),
    ],
)
def test_next_has_every_option_in_force(
    account: tuple[Shell, list[str]], command: list[str], code: int, following: str, behind: bool
) -> None:
    """On success and on error, wherever the options stood."""
    shell, options = account
    arguments = [*command, *options] if behind else [*options, *command]
    said = shell.run(*arguments, code=code).stderr
    assert f"Next: imgpipe {shlex.join(options)} {following}" in " ".join(said.split())


@pytest.mark.parametrize("command", [["upload", "photo.jpg"], ["list-metadata"]])
def test_next_has_them_as_json_too(account: tuple[Shell, list[str]], command: list[str]) -> None:
    """As it must be typed, in the error's ``next``."""
    shell, options = account
    error = shell.error(*options, *command, code=1)
    assert error["next"] == [f"imgpipe {shlex.join(options)} setup"]


def test_the_next_command_can_be_typed_as_it_is_said(account: tuple[Shell, list[str]]) -> None:
    """The setup that an error names means this stage in this region, and no other."""
    shell, options = account
    (following,) = shell.error(*options, "list-metadata", code=1)["next"]
    plan = shell.json(*shlex.split(following)[1:], "--dry-run")
    names = {each["title"]: each["name"] for each in plan["resources"]}
    assert names["source bucket"] == "imgpipe-blue-source-000000000000-eu-west-1-an"
