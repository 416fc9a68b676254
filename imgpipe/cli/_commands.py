"""THE table of commands: from it come registration, grouped help, the reference and the tests.

A command is one row here, and the function ``command`` of the module that its name leads to:
``list-metadata`` is ``imgpipe.cli.list_metadata``, ``local start`` is ``imgpipe.cli.local.start``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Panel(StrEnum):
    """The headings of ``imgpipe --help``, in their order."""

    DEPLOY = "Deploy"
    PICTURES = "Pictures"
    LOOK = "Look"
    SETTINGS = "Settings"
    LOCAL = "Local"


@dataclass(frozen=True)
class Row:
    """One command: its ``name`` as typed, its heading, and its line of help.

    ``outputs`` are the values that ``--output`` may have for it, and ``goes_on`` says what to do
    after Ctrl-C.
    """

    name: str
    panel: Panel
    help: str
    outputs: tuple[str, ...] = ("table", "json")
    goes_on: str = "run the same command again: it begins with what is there"

    @property
    def module(self) -> str:
        """The module that holds the command."""
        return f"imgpipe.cli.{self.name.replace('-', '_').replace(' ', '.')}"


COMMANDS: Final = (
    Row("setup", Panel.DEPLOY, "Put the pipeline into the account, or bring it up to date."),
    Row("rollback", Panel.DEPLOY, "Serve the version again that the last setup replaced."),
    Row("rotate", Panel.DEPLOY, "Sign addresses with a new key; the one before still holds."),
    Row("pause", Panel.DEPLOY, "Let nothing be processed for a while; nothing is lost."),
    Row("resume", Panel.DEPLOY, "Process again, and catch up with what came meanwhile."),
    Row("teardown", Panel.DEPLOY, "Take it all away: objects, rows, resources and logs."),
    Row("deployer-policy", Panel.DEPLOY, "Print the least that IAM must allow who runs imgpipe."),
    Row(
        "upload",
        Panel.PICTURES,
        "Upload pictures, and follow each to its result.",
        goes_on="run it again with --skip-existing: it sends what is not there yet",
    ),
    Row(
        "watch", Panel.PICTURES, "Upload what is in a folder, and what appears in it, until Ctrl-C."
    ),
    Row("preview", Panel.PICTURES, "Show what would become of pictures, here, without AWS."),
    Row("invoke", Panel.PICTURES, "Run the function on an uploaded picture, or on any event."),
    Row("retry", Panel.PICTURES, "Run pictures again that failed for good."),
    Row("download", Panel.PICTURES, "Download results or originals into a folder."),
    Row("reprocess", Panel.PICTURES, "Make pictures again: those named, all, or what is stale."),
    Row("reprocess status", Panel.PICTURES, "Show how batch jobs are, and what failed of one."),
    Row("rm", Panel.PICTURES, "Delete pictures, and all that was made of them, everywhere."),
    Row("invalidate", Panel.PICTURES, "Let CloudFront's edges forget pictures, or everything."),
    Row("reconcile", Panel.PICTURES, "Find and mend where originals and results differ."),
    Row("gallery", Panel.PICTURES, "Make the page anew, or write its template for your design."),
    Row(
        "list-metadata",
        Panel.LOOK,
        "List what became of the pictures, newest first.",
        outputs=("table", "json", "csv"),
    ),
    Row("url", Panel.LOOK, "Print a picture's address at any size, or a whole <img> of all."),
    Row("status", Panel.LOOK, "Show every resource's state, the address, and what waits."),
    Row("doctor", Panel.LOOK, "Examine every link, door and quota, each with its fix."),
    Row("open", Panel.LOOK, "Open the page, a picture, or the list of rejected ones."),
    Row("show", Panel.LOOK, "Show one picture: its rows, and itself in the terminal."),
    Row("explain", Panel.LOOK, "Tell one picture's story, and which step of it is missing."),
    Row("failures", Panel.LOOK, "List what failed for good, and why."),
    Row("logs", Panel.LOOK, "Show what the function says."),
    Row("metrics", Panel.LOOK, "Show how many pictures, how fast, and what failed, as charts."),
    Row("cost", Panel.LOOK, "Show the month's bill and its end, or estimate one beforehand."),
    Row("config init", Panel.SETTINGS, "Write a commented imgpipe.toml, and its schema."),
    Row("config show", Panel.SETTINGS, "Show every setting in force, and where it came from."),
    Row("config set", Panel.SETTINGS, "Change one setting of the file, and keep its comments."),
    Row("config pull", Panel.SETTINGS, "Write the live settings into an imgpipe.toml."),
    Row(
        "demo",
        Panel.LOCAL,
        "Show the whole job without an account, on the embedded AWS.",
        outputs=("table",),
    ),
    Row("local start", Panel.LOCAL, "Start the embedded AWS, or say where it runs."),
    Row("local stop", Panel.LOCAL, "Stop it; what is in it is kept for the next start."),
    Row("local status", Panel.LOCAL, "Show whether and where it runs."),
    Row("local logs", Panel.LOCAL, "Print its own log; the pipeline's: imgpipe --local logs."),
    Row("local env", Panel.LOCAL, "Print shell lines for aws-cli and SDKs."),
    Row("local reset", Panel.LOCAL, "Stop it and delete all that is in it."),
)
GROUPS: Final = {
    "config": "The settings: imgpipe.toml, and what is live.",
    "local": "The embedded AWS: an account on this machine.",
}
"""What ``imgpipe GROUP --help`` begins with, for the commands of two words."""


def name_in(words: Sequence[str]) -> str:
    """Return the name of the command that ``words`` begin with; empty if they name none."""
    names = {row.name for row in COMMANDS}
    pair, single = " ".join(words[:2]), " ".join(words[:1])
    return next((name for name in (pair, single) if name in names), "")


def row_of(name: str) -> Row:
    """Return the row of the command ``name``; ``KeyError`` if there is none."""
    return {row.name: row for row in COMMANDS}[name]
