"""How a run ends: errors as text on stderr, and the exit code."""

from __future__ import annotations

import sys
import traceback

import typer

from imgpipe.errors import ExitCode, ImgpipeError
from imgpipe.render.untrusted import printable


def translation(error: Exception) -> ImgpipeError | None:
    """Return the error as one of ours; ``None`` for a bug. botocore is only looked at where a command has loaded it."""
    if isinstance(error, ImgpipeError):
        return error
    if isinstance(error, OSError):
        return ImgpipeError(
            str(error), hint="mend that, then run the command again; --debug shows where it came up"
        )
    if "botocore" not in sys.modules:
        return None
    from imgpipe.aws import errors

    return errors.translation(error)


def failed(error: ImgpipeError, *, where: str, debug: bool) -> int:
    """Say what failed, AWS's code and what to do next, in the pipeline that ``where`` leads to; return the exit code."""
    if debug:
        traceback.print_exception(error)
    code = f" ({error.aws_code})" if error.aws_code and error.aws_code not in error.message else ""
    typer.echo(f"Error: {_line(error.message)}{code}", err=True)
    steps = [error.hint, *(f"imgpipe {where}{command}" for command in error.next)]
    if any(steps):
        typer.echo(f"  Next: {_line('; '.join(filter(None, steps)))}", err=True)
    return error.exit_code


def ended(end: SystemExit) -> int:
    """Return typer's own exit code; Ctrl-C is told what to do next, and a reader that has had enough, as ``head`` has, is no failure."""
    if isinstance(end.__context__, BrokenPipeError):
        return ExitCode.SUCCESS
    if end.code == ExitCode.INTERRUPTED:
        typer.echo(
            "\nInterrupted. Run the same command again: it begins with what is there.", err=True
        )
    return end.code if isinstance(end.code, int) else ExitCode.SUCCESS


def _line(text: str) -> str:
    return printable(" ".join(text.splitlines()))
