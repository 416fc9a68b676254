"""Commands on a real terminal of 80 columns: nothing breaks in the middle of a word."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urlsplit

import pytest
from rich.cells import cell_len

from imgpipe import cdn
from scripts import session
from tests.support.shell import Shell, photo
from tests.support.terminal import on_terminal

if TYPE_CHECKING:
    from collections.abc import Callable

COMMANDS = (
    "setup --dry-run",
    "setup",
    "upload holiday",
    "list-metadata",
    "logs --since 1h",
    "status",
    "teardown --dry-run",
)
SESSION = "the README's session"
NAME = "a day at the beach.jpg"


@pytest.fixture(scope="module")
def shown(shared_shell: Shell) -> Callable[[str], list[str]]:
    """What each command shows on 80 columns, one after another on one embedded AWS."""
    folder = shared_shell.folder / "holiday"
    folder.mkdir()
    (folder / NAME).write_bytes(photo(400, 300))
    (folder / "broken.jpg").write_bytes(photo()[:3000])
    lines = {}
    for command in COMMANDS:
        if command == "setup":
            lines[SESSION] = session.recorded(shared_shell)
        code = 4 if "upload" in command else 0
        lines[command] = on_terminal(shared_shell, "--local", *command.split(), code=code)
    return lines.__getitem__


@pytest.mark.parametrize("command", COMMANDS)
def test_no_line_is_longer_than_the_terminal(
    shown: Callable[[str], list[str]], command: str
) -> None:
    """A terminal would break it wherever it ends; only an address may, for it has no words."""
    lines = shown(command)
    assert len(lines) > 2
    assert [line for line in lines if cell_len(line) > 80 and len(line.split()) > 1] == []


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("setup --dry-run", ["to create", "source bucket", "Next: imgpipe --local setup"]),
        ("setup", ["unchanged", "source bucket", "distribution id", "imgpipe --local upload"]),
        ("upload holiday", [NAME, "Results below http", "processed", "rejected"]),
        ("list-metadata", [f"processed-{NAME}", "3, newest first"]),
        ("logs --since 1h", [f"processed {NAME}", "rejected broken.jpg"]),
        ("status", ["in sync", "failures waiting"]),
        ("teardown --dry-run", ["source bucket", "(3 objects and versions)", "Nothing was"]),
    ],
)
def test_what_matters_is_there_and_whole(
    shown: Callable[[str], list[str]], command: str, words: list[str]
) -> None:
    """Names above all."""
    text = "\n".join(shown(command))
    assert [word for word in words if word not in text] == []


def test_a_picture_is_drawn_for_a_terminal_alone(
    shared_shell: Shell, shown: Callable[[str], list[str]]
) -> None:
    """As wide as it is, though nothing answers questions here; in a pipe its row is all."""
    assert shown("setup")
    lines = on_terminal(shared_shell, "--local", "show", NAME)
    assert {line.count("\N{UPPER HALF BLOCK}") for line in lines} == {0, 40}
    piped = shared_shell.run("--local", "show", f"processed-{NAME}").stdout
    assert f"processed-{NAME}" in piped
    assert "\x1b" not in piped
    assert "\N{UPPER HALF BLOCK}" not in piped


def test_a_browser_is_opened_for_a_terminal_alone(
    shared_shell: Shell, shown: Callable[[str], list[str]]
) -> None:
    """With the address that is printed; the rejected ones are a file that nobody else reads."""
    assert shown("setup")
    browser = shared_shell.folder / "browser"
    browser.write_text('#!/bin/sh\necho "$1" >> "$0.opened"\n')
    browser.chmod(0o755)
    shell = replace(shared_shell, extra={**shared_shell.extra, "BROWSER": f"{browser} %s"})
    (address,) = [line for line in on_terminal(shell, "--local", "open") if "http" in line]
    on_terminal(shell, "--local", "open", "--print")
    picture = shell.json("--local", "open", NAME)
    assert picture == {"url": f"{address}processed-{quote(NAME)}", "opened": False}
    assert (shell.folder / "browser.opened").read_text().split() == [address]
    assert {cdn.fetch(each).status for each in (address, picture["url"])} == {200}
    listed = Path(unquote(urlsplit(shell.json("--local", "open", "--rejected")["url"]).path))
    assert listed.stat().st_mode & 0o777 == 0o600
    assert "broken.jpg" in listed.read_text()
    assert NAME not in listed.read_text()


def test_the_readmes_session_is_what_its_commands_say(shown: Callable[[str], list[str]]) -> None:
    """After a change of words run ``python -m scripts.session``."""
    made = session.picture(shown(SESSION))
    assert session.words(made) == session.words(session.SVG.read_text(encoding="utf-8"))
    assert not re.search(r"url\(\W*http|@font-face|@import|<image", made)
