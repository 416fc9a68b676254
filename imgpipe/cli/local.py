"""``imgpipe local``: the embedded AWS by hand. Commands with ``--local`` start it themselves."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated

import typer

from imgpipe.cli import _context
from imgpipe.errors import UsageError
from imgpipe.render.untrusted import printable

if TYPE_CHECKING:
    from pathlib import Path

app = typer.Typer(help="The embedded AWS: an account on this machine.", no_args_is_help=True)


@app.command()
def start(
    ctx: typer.Context,
    port: Annotated[
        int | None,
        typer.Option(
            min=1, max=65535, help="Port on 127.0.0.1.", show_default="its last one, or a free one"
        ),
    ] = None,
) -> None:
    """Start it, or say where it runs. It goes on running until it is stopped."""
    from imgpipe import local

    emulator = local.start(_state(), port)
    _say(ctx, f"The embedded AWS runs at {emulator.url}\n  Next: imgpipe --local setup")


@app.command()
def stop(ctx: typer.Context) -> None:
    """Stop it. What is in it is kept for the next start."""
    from imgpipe import local

    _say(ctx, "Stopped; its contents are kept." if local.stop(_state()) else "It was not running.")


@app.command()
def status(ctx: typer.Context) -> None:
    """Show whether and where it runs."""
    from imgpipe import local
    from imgpipe.render import local as render

    state = _state()
    render.status(local.find(state), state, _context.settings(ctx))


@app.command()
def reset(
    ctx: typer.Context,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Stop it and delete all that is in it."""
    from imgpipe import local

    if not (yes or _agreed()):
        _say(ctx, "Nothing was changed.")
        return
    local.reset(_state())
    _say(ctx, "The embedded AWS is empty.")


@app.command()
def logs(
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on until Ctrl-C.")] = False,
) -> None:
    """Print its own log. For the pipeline's: imgpipe --local logs."""
    from imgpipe import local

    lines = local.follow_log if follow else local.log_lines
    with suppress(KeyboardInterrupt):
        for line in lines(_state()):
            typer.echo(printable(line))


@app.command()
def env() -> None:
    """Print shell lines for aws-cli and SDKs. Use: eval "$(imgpipe local env)"."""
    from imgpipe import local

    typer.echo(local.exports(local.start(_state())))


def _state() -> Path:
    from imgpipe import local

    return local.directory(os.environ)


def _say(ctx: typer.Context, text: str) -> None:
    if not _context.settings(ctx).quiet:
        typer.echo(text, err=True)


def _agreed() -> bool:
    if sys.stdin is None or not sys.stdin.isatty():
        raise UsageError(
            "reset asks before it deletes, and there is no terminal to ask on",
            hint="if you mean it",
            next=("local reset --yes",),
        )
    return typer.confirm("Delete everything in the embedded AWS?", default=False, err=True)
