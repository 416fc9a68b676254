"""From a command's flags to what the core needs: settings, the pipeline they mean, the screen."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from imgpipe.cli._commands import row_of
from imgpipe.errors import UsageError

if TYPE_CHECKING:
    import typer

    from imgpipe.aws.account import Aws
    from imgpipe.pipeline import Pipeline
    from imgpipe.render._screen import Screen
    from imgpipe.settings import Settings


@dataclass
class Run:
    """One run of the command line: what was typed, and the screen as soon as there is one.

    ``command``, ``output`` and ``debug`` are what the bare arguments say, for an error that comes
    before there are settings. ``same_pipeline`` are the options that lead to the same pipeline, and
    ``arguments`` are all that was typed, in its order.
    """

    command: str
    output: str
    debug: bool
    same_pipeline: str
    arguments: Sequence[str] = ()
    flags: Mapping[str, Any] = field(default_factory=dict)
    screen: Screen | None = None


def settings(ctx: typer.Context, **flags: object) -> tuple[Settings, Screen]:
    """Return the settings of this run and its screen; a flag of the command not given is ``None``.

    Raises:
        SettingsError: see ``imgpipe.settings.load``.
        UsageError: the command has no such ``--output``.
    """
    from imgpipe.render._screen import Screen
    from imgpipe.settings import load

    chosen = load({**ctx.obj.flags, **flags}, os.environ, ctx.obj.flags["config"])
    name = ctx.command_path.removeprefix("imgpipe ")
    outputs = row_of(name).outputs
    if chosen.output not in outputs:
        raise UsageError(f"{name} has no {chosen.output}", hint=f"it has {', '.join(outputs)}")
    ctx.obj.screen = Screen(
        name,
        output=chosen.output,
        quiet=chosen.quiet,
        debug=chosen.debug,
        same_pipeline=ctx.obj.same_pipeline,
    )
    for warning in chosen.warnings:
        ctx.obj.screen.say(f"Warning: {warning}")
    return chosen, ctx.obj.screen


def connected(ctx: typer.Context, **flags: object) -> tuple[Pipeline, Screen]:
    """Return the pipeline that the settings mean, and the screen.

    Starts the embedded AWS if ``--local`` asks for it and it does not run. The account's id is
    asked for at once, so that wrong credentials show first.

    Raises:
        SettingsError, UsageError: see ``settings``.
        CredentialsError, LocalError: see ``imgpipe.aws.account`` and ``imgpipe.local``.
    """
    chosen, screen = settings(ctx, **flags)
    return connect(chosen), screen


def connect(chosen: Settings) -> Pipeline:
    """Return the pipeline of the settings ``chosen``. Raises as ``connected``."""
    from imgpipe.aws.errors import translated
    from imgpipe.pipeline import Pipeline

    if chosen.debug:
        _log_calls()
    aws, chosen = _embedded(chosen) if chosen.local else (_account(chosen), chosen)
    with translated():
        return Pipeline.of(chosen, aws)


def _account(chosen: Settings) -> Aws:
    from imgpipe.aws import account

    # boto3 itself reads AWS_DEFAULT_REGION only; AWS's other SDKs, and people, say AWS_REGION.
    region = chosen.region or os.environ.get("AWS_REGION") or None
    return account.connect(
        profile=chosen.profile or None, region=region, endpoint_url=chosen.endpoint_url or None
    )


def _embedded(chosen: Settings) -> tuple[Aws, Settings]:
    from imgpipe import local
    from imgpipe.aws import account

    emulator = local.start(local.directory(os.environ))
    credentials = account.Credentials(emulator.access_key, emulator.secret_key)
    region = chosen.region or emulator.region
    aws = account.connect(region=region, endpoint_url=emulator.url, credentials=credentials)
    return aws, replace(chosen, region=region)


def _log_calls() -> None:
    import logging

    logging.basicConfig(format="%(asctime)s %(name)s: %(message)s")
    logging.getLogger("imgpipe").setLevel(logging.DEBUG)
