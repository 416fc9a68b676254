"""How a run ends badly: which error it was, told on the screen, and the exit code."""

from __future__ import annotations

import sys
import traceback
from typing import TYPE_CHECKING

import typer
from typer._click.exceptions import ClickException, NoArgsIsHelpError

from imgpipe.cli._commands import row_of
from imgpipe.errors import ExitCode, ImgpipeError, InterruptedRunError, UsageError

if TYPE_CHECKING:
    from imgpipe.cli._context import Run
    from imgpipe.render._screen import Screen


def failed(run: Run, error: Exception) -> int | None:
    """Tell of ``error`` and return the exit code; ``None`` for a bug, of which nothing is told.

    A reader that has had enough, as ``head`` has, is no failure.
    """
    if isinstance(error, BrokenPipeError):
        raise error  # the console script answers
    if isinstance(error, NoArgsIsHelpError):
        error.show()
        return ExitCode.USAGE
    ours = translation(error)
    if ours is None:
        return None
    if run.debug:
        traceback.print_exception(error)
    _screen(run).fail(ours)
    return ours.exit_code


def ended(end: SystemExit) -> int:
    """Return the exit code where typer or rich ends the process itself.

    Both do where the reader is gone; one that has had enough, as ``head`` has, is no failure.
    """
    if isinstance(end.__context__, BrokenPipeError):
        return ExitCode.SUCCESS
    return end.code if isinstance(end.code, int) else ExitCode.FAILURE


def interrupted(run: Run) -> None:
    """Say after Ctrl-C what stands, and which command goes on."""
    screen = _screen(run)
    screen.say()  # the terminal's ^C has no line of its own
    screen.fail(InterruptedRunError("interrupted", hint=row_of(run.command).goes_on))


def translation(error: Exception) -> ImgpipeError | None:
    """Return ``error`` as one of ours; ``None`` for a bug.

    botocore's are only looked at where a command has loaded it.
    """
    if isinstance(error, ImgpipeError):
        return error
    if isinstance(error, typer.Abort):
        return UsageError("nobody answered the question", hint="--yes answers it")
    if isinstance(error, ClickException):
        return _usage(error)
    if isinstance(error, OSError):
        return ImgpipeError(str(error), hint="mend that, then run it again; --debug says more")
    if "botocore" not in sys.modules:
        return None
    from imgpipe.aws import errors

    return errors.translation(error)


def _usage(error: ClickException) -> UsageError:
    """Return what typer says of the command line; the command's help knows better."""
    context = getattr(error, "ctx", None)
    command = context.command_path.removeprefix("imgpipe").strip() if context else ""
    return UsageError(error.format_message().rstrip("."), next=(f"{command} --help".strip(),))


def _screen(run: Run) -> Screen:
    """Return the run's screen, or one for an error that came before there were settings."""
    from imgpipe.render._screen import Screen

    if run.screen:
        return run.screen
    return Screen(run.command, output=run.output or "table", same_pipeline=run.same_pipeline)
