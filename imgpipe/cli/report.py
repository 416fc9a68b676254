"""How a run ends: errors as text on stderr, and the exit code."""

from __future__ import annotations

import os
import sys
import traceback

import typer

from imgpipe.errors import ExitCode, ImgpipeError


def translation(error: Exception) -> ImgpipeError | None:
    """Return the error as one of ours; ``None`` for a bug. botocore is only looked at where a command has loaded it."""
    if isinstance(error, ImgpipeError):
        return error
    if "botocore" not in sys.modules:
        return None
    from imgpipe import aws

    return aws.translation(error)


def failed(error: ImgpipeError, *, debug: bool) -> int:
    """Say what failed, AWS's code and what to do next; return the exit code."""
    if debug:
        traceback.print_exception(error)
    code = f" ({error.code})" if error.code and error.code not in error.message else ""
    typer.echo(f"Error: {printable(error.message)}{code}", err=True)
    if error.hint:
        typer.echo(f"  Next: {printable(error.hint)}", err=True)
    return error.exit_code


def ended(end: SystemExit) -> int:
    """Return typer's own exit code; Ctrl-C is told what to do next."""
    if end.code == ExitCode.INTERRUPTED:
        typer.echo("\nInterrupted. Run the same command again: it goes on where it stopped.", err=True)
    return end.code if isinstance(end.code, int) else ExitCode.SUCCESS


def broken_pipe() -> int:
    """End quietly when the reader of our output has gone, as ``head`` does; Python must not flush into it once more."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return ExitCode.SUCCESS


def printable(text: str) -> str:
    """Return the text on one line, control characters shown rather than sent to the terminal: it may hold a hostile name."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in " ".join(text.split("\n")))
