"""The command line: one file per command, and the only place that imports typer.

A command turns its flags into settings, calls the core once and renders one value. It imports the core inside its
function, so that ``--help`` loads neither boto3 nor Pillow.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from imgpipe import __version__
from imgpipe.cli import (
    _global_options,
    _report,
    demo,
    invoke,
    list_metadata,
    local,
    logs,
    preview,
    setup,
    status,
    teardown,
    upload,
)
from imgpipe.errors import ExitCode

app = typer.Typer(
    name="imgpipe",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("setup")(setup.command)
app.command("upload", no_args_is_help=True)(upload.command)
app.command("list-metadata")(list_metadata.command)
app.command("logs")(logs.command)
app.command("status")(status.command)
app.command("invoke", no_args_is_help=True)(invoke.command)
app.command("preview", no_args_is_help=True)(preview.command)
app.command("teardown")(teardown.command)
app.command("demo")(demo.command)
app.add_typer(local.app, name="local")


def run(arguments_given: Sequence[str]) -> int:
    """Run the command line and return its exit code; every error imgpipe knows becomes text on stderr, a bug stays a traceback."""
    try:
        app(args=_global_options.hoisted(arguments_given), prog_name="imgpipe")
    except SystemExit as end:
        return _report.ended(end)
    except Exception as error:
        if (ours := _report.translation(error)) is None:
            raise
        return _report.failed(
            ours, where=_global_options.where(arguments_given), debug="--debug" in arguments_given
        )
    return ExitCode.SUCCESS


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"imgpipe {__version__}")
        raise typer.Exit


@app.callback(
    epilog="These options may stand before or behind the command. To try everything without an AWS account: imgpipe demo"
)
def root(
    ctx: typer.Context,
    profile: Annotated[
        str | None, typer.Option(help="Profile of ~/.aws to use.", show_default=False)
    ] = None,
    region: Annotated[
        str | None, typer.Option(help="AWS region, such as eu-central-1.", show_default=False)
    ] = None,
    stage: Annotated[
        str | None,
        typer.Option(
            help="Name of a second, independent pipeline beside the default one.",
            show_default=False,
        ),
    ] = None,
    local: Annotated[
        bool | None,
        typer.Option(
            "--local", help="Use the embedded AWS instead of an account.", show_default=False
        ),
    ] = None,
    endpoint_url: Annotated[
        str | None, typer.Option(help="Address of another AWS emulator.", show_default=False)
    ] = None,
    config: Annotated[
        Path | None, typer.Option(help="Settings file.", show_default="imgpipe.toml here")
    ] = None,
    output: Annotated[
        str | None, typer.Option(help="table, json, or (list-metadata) csv.", show_default="table")
    ] = None,
    quiet: Annotated[
        bool | None, typer.Option("--quiet", help="Only data and errors.", show_default=False)
    ] = None,
    debug: Annotated[
        bool | None,
        typer.Option("--debug", help="Show tracebacks and AWS calls.", show_default=False),
    ] = None,
    version: Annotated[
        bool,
        typer.Option(
            "--version", help="Show the version and exit.", callback=_version, is_eager=True
        ),
    ] = False,
) -> None:
    """A serverless image pipeline in your AWS account: set it up, use it, see what it does, take it away without a trace."""
    flags = {
        "profile": profile,
        "region": region,
        "stage": stage,
        "local": local,
        "endpoint_url": endpoint_url,
    }
    ctx.obj = {**flags, "config": config, "output": output, "quiet": quiet, "debug": debug}
