"""From a command's flags to what the core needs: settings, and the account behind them."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from imgpipe.errors import UsageError

if TYPE_CHECKING:
    import typer

    from imgpipe.aws.account import Aws
    from imgpipe.pipeline.names import Names
    from imgpipe.settings import Settings


@dataclass(frozen=True)
class Connected:
    """A command's surroundings. ``aws`` is an account, or the embedded AWS with ``--local``."""

    settings: Settings
    aws: Aws
    names: Names

    @property
    def output(self) -> str:
        """How to show data: ``table``, ``json`` or ``csv``."""
        return self.settings.output

    @property
    def quiet(self) -> bool:
        """Whether to leave out narration and progress."""
        return self.settings.quiet


def settings(ctx: typer.Context, **flags: object) -> Settings:
    """Return the settings of this run; ``flags`` are the command's own, ``None`` where not given.

    Raises:
        SettingsError: see ``imgpipe.settings.load``.
        UsageError: csv is asked of a command that has no rows.
    """
    from imgpipe.settings import load

    chosen = load({**ctx.obj, **flags}, os.environ, ctx.obj["config"])
    if chosen.output == "csv" and ctx.info_name != "list-metadata":
        raise UsageError(
            f"{ctx.info_name} has no csv", hint="take --output json, or list-metadata, which has"
        )
    return chosen


def connected(ctx: typer.Context, **flags: object) -> Connected:
    """Return settings and account; starts the embedded AWS if ``--local`` asks for it and it does not run.

    Raises:
        SettingsError, CredentialsError, LocalError: see ``imgpipe.settings``, ``imgpipe.aws`` and ``imgpipe.local``.
    """
    return connect(settings(ctx, **flags))


def connect(chosen: Settings) -> Connected:
    """Return the account that the settings lead to; its id is asked for at once, so wrong credentials show first."""
    from imgpipe.aws.errors import translated
    from imgpipe.pipeline.names import Names

    if chosen.debug:
        _log_calls()
    aws, found = _embedded(chosen) if chosen.local else _account(chosen)
    with translated():
        return Connected(found, aws, Names.of(found, aws.account, aws.region))


def _account(chosen: Settings) -> tuple[Aws, Settings]:
    from imgpipe.aws import account

    # boto3 itself reads AWS_DEFAULT_REGION only; AWS's other SDKs, and people, say AWS_REGION.
    region = chosen.region or os.environ.get("AWS_REGION") or None
    return account.connect(
        profile=chosen.profile or None, region=region, endpoint_url=chosen.endpoint_url or None
    ), chosen


def _embedded(chosen: Settings) -> tuple[Aws, Settings]:
    from imgpipe import local
    from imgpipe.aws import account

    emulator = local.start(local.directory(os.environ))
    credentials = account.Credentials(emulator.access_key, emulator.secret_key)
    region = chosen.region or emulator.region
    return account.connect(
        region=region, endpoint_url=emulator.url, credentials=credentials
    ), replace(chosen, region=region)


def _log_calls() -> None:
    import logging

    logging.basicConfig(format="%(asctime)s %(name)s: %(message)s")
    logging.getLogger("imgpipe").setLevel(logging.DEBUG)
