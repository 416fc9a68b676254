"""The command line: one file a command, and the only place that imports typer.

A command turns its flags into settings, calls the core, and hands one value to the screen. It
imports the core inside its function, so that ``--help`` loads neither boto3 nor Pillow.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Final

import typer
from typer.main import get_command

from imgpipe import __version__
from imgpipe.cli import _report
from imgpipe.cli._commands import name_in
from imgpipe.cli._context import Run
from imgpipe.cli._global_options import WHICH_PIPELINE, GlobalOptions
from imgpipe.cli._group import CONTEXT, CommandGroup
from imgpipe.errors import ExitCode

app = typer.Typer(
    name="imgpipe",
    cls=CommandGroup,
    rich_markup_mode=None,
    no_args_is_help=True,
    context_settings=CONTEXT,
)


def _show_version(asked: bool) -> None:
    if asked:
        typer.echo(f"imgpipe {__version__}")
        raise typer.Exit


@app.callback(
    epilog="These options may stand before or behind the command. "
    "To try everything without an AWS account: imgpipe demo"
)
def root(
    ctx: typer.Context,
    profile: Annotated[
        str | None,
        typer.Option(
            help="Profile of ~/.aws to use.", show_default=False, rich_help_panel=WHICH_PIPELINE
        ),
    ] = None,
    region: Annotated[
        str | None,
        typer.Option(
            help="AWS region, such as eu-central-1.",
            show_default=False,
            rich_help_panel=WHICH_PIPELINE,
        ),
    ] = None,
    stage: Annotated[
        str | None,
        typer.Option(
            help="Name of a second, independent pipeline beside the default one.",
            show_default=False,
            rich_help_panel=WHICH_PIPELINE,
        ),
    ] = None,
    local: Annotated[
        bool | None,
        typer.Option(
            "--local",
            help="Use the embedded AWS instead of an account.",
            show_default=False,
            rich_help_panel=WHICH_PIPELINE,
        ),
    ] = None,
    endpoint_url: Annotated[
        str | None,
        typer.Option(
            help="Address of another AWS emulator.",
            show_default=False,
            rich_help_panel=WHICH_PIPELINE,
        ),
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option(
            help="Settings file.",
            show_default="imgpipe.toml here",
            rich_help_panel=WHICH_PIPELINE,
        ),
    ] = None,
    output: Annotated[
        str | None,
        typer.Option(help="table, json, or (list-metadata) csv.", show_default="table"),
    ] = None,
    quiet: Annotated[
        bool | None, typer.Option("--quiet", help="Only data and errors.", show_default=False)
    ] = None,
    debug: Annotated[
        bool | None,
        typer.Option("--debug", help="Show tracebacks and AWS calls.", show_default=False),
    ] = None,
    version: Annotated[  # noqa: ARG001 - its callback answers
        bool,
        typer.Option(
            "--version", help="Show the version and exit.", callback=_show_version, is_eager=True
        ),
    ] = False,
) -> None:
    """A serverless image pipeline in your AWS account.

    Set it up, use it, see what it does, take it away without a trace.
    """
    ctx.obj.flags = {
        "profile": profile,
        "region": region,
        "stage": stage,
        "local": local,
        "endpoint_url": endpoint_url,
        "config": config,
        "output": output,
        "quiet": quiet,
        "debug": debug,
    }


_ROOT: Final = get_command(app)
GLOBAL_OPTIONS: Final = GlobalOptions.of(_ROOT)


def run(arguments: Sequence[str]) -> int:
    """Run the command line on ``arguments`` and return the exit code.

    Every error that imgpipe knows is told on stderr; a bug stays a traceback.
    """
    this = Run(
        command=name_in(GLOBAL_OPTIONS.split(arguments)[1]),
        output=GLOBAL_OPTIONS.value("--output", arguments) or os.environ.get("IMGPIPE_OUTPUT", ""),
        debug="--debug" in arguments,
        same_pipeline=GLOBAL_OPTIONS.to_same_pipeline(arguments),
        arguments=arguments,
    )
    try:
        code = _ROOT.main(
            args=GLOBAL_OPTIONS.in_front(arguments),
            prog_name="imgpipe",
            standalone_mode=False,
            obj=this,
        )
    except SystemExit as end:
        return _report.ended(end)
    except Exception as error:
        if (code := _report.failed(this, error)) is None:
            raise
        return code
    if code == ExitCode.INTERRUPTED:
        _report.interrupted(this)
    return code if isinstance(code, int) else ExitCode.SUCCESS
