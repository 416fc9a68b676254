"""Everything that can be set, as one frozen value: flag > environment > imgpipe.toml > default."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

from handler.checks import (
    InvalidSettingError,
    UnknownKeyError,
    boolean,
    checks_of,
    choice,
    integer,
    setting,
)
from handler.delivery_settings import DeliverySettings
from handler.page_settings import PageSettings
from handler.recipe import Recipe
from handler.schema import Removed
from imgpipe.errors import SettingsError
from imgpipe.settings import checks, delivery_table, page_table, picture_tables, runtimes, together
from imgpipe.settings.file import CONFIG_VARIABLE, SettingsFile, settings_file
from imgpipe.settings.origin import Kind, Origin

ENVIRONMENT: Final = "IMGPIPE_"
# Read by the modules that own them, before there are any settings.
_OTHER_VARIABLES: Final = frozenset({CONFIG_VARIABLE, "IMGPIPE_CACHE_DIR", "IMGPIPE_STATE_DIR"})
_BOOLEANS: Final = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}


@dataclass(frozen=True)
class Settings:
    """What one run of imgpipe goes by.

    Each field with a check is a key of imgpipe.toml and, in capitals, an ``IMGPIPE_`` variable.
    ``memory`` is in MB, ``timeout`` in seconds. Empty bucket names stand for the default ones, an
    empty region for boto3's own; ``None`` leaves what stands as it is.

    Attributes:
        recipe: what a picture becomes; its watermarks' files are named as the function finds them.
        assets: those files here. Nobody has looked whether they are there: see ``settings.assets``.
        page: how the page introduces itself, and whether there is one.
        delivery: which renditions are made on demand.
        template: the folder of a design of one's own for it; nobody has looked into it.
        file: the settings file that was found, ``None`` if there was none.
        origins: where each value came from that is not a default, by its key (``picture.width``).
        warnings: sentences about what was found beside the settings, and left out.
    """

    profile: str = setting("", checks.line)
    region: str = setting("", checks.region)
    endpoint_url: str = setting("", checks.url)
    local: bool = setting(default=False, check=boolean)
    stage: str = setting("default", checks.stage)
    prefix: str = setting("imgpipe", checks.prefix)
    source_bucket: str = setting("", checks.bucket)
    destination_bucket: str = setting("", checks.bucket)
    adopt: tuple[str, ...] = setting((), checks.buckets)
    permissions: str = setting("least", choice("least", "managed"))
    permissions_boundary: str = setting("", checks.policy_arn)
    role_path: str = setting("", checks.role_path)
    role_arn: str = setting("", checks.role_arn)
    architecture: str = setting("arm64", choice("arm64", "x86_64"))
    runtime: str = setting(runtimes.DEFAULT, choice(*runtimes.RUNTIMES))
    memory: int = setting(448, integer(128, 10240))
    timeout: int = setting(60, integer(1, 900))
    log_retention_days: int = setting(14, checks.retention_days)
    deletion_protection: bool = setting(default=False, check=boolean)
    keep_backup: bool = setting(default=False, check=boolean)
    protect: bool | None = setting(None, boolean)
    retain: tuple[str, ...] | None = setting(None, checks.retain)
    alarms: str = setting("", checks.email)
    daily_budget: int = setting(5, integer(1, 1_000_000))
    domain: str = setting("", checks.domain)
    certificate_arn: str = setting("", checks.certificate_arn)
    pillow_layer_arn: str = setting("", checks.layer_arn)
    jpeg_xl: bool = setting(default=False, check=boolean)
    removed: str = setting("follow", choice(*map(str, Removed)))
    preset: str = setting("none", choice("none", "web"))
    output: str = setting("table", choice("table", "json", "csv"))
    quiet: bool = setting(default=False, check=boolean)
    debug: bool = setting(default=False, check=boolean)
    tags: tuple[tuple[str, str], ...] = ()
    recipe: Recipe = field(default_factory=Recipe)
    assets: tuple[Path, ...] = ()
    page: PageSettings = field(default_factory=PageSettings)
    delivery: DeliverySettings = field(default_factory=DeliverySettings)
    template: Path | None = None
    file: Path | None = field(default=None, compare=False)
    origins: Mapping[str, Origin] = field(default_factory=dict, compare=False, repr=False)
    warnings: tuple[str, ...] = field(default=(), compare=False)


_Found = dict[str, tuple[Any, Origin]]
"""Values that were set somewhere, by key, each with the place."""


def load(
    flags: Mapping[str, Any], environ: Mapping[str, str] = os.environ, config: Path | None = None
) -> Settings:
    """Merge flags, environment and file into settings; a flag that is ``None`` was not given.

    Raises:
        SettingsError: an unknown key, a bad value, or an unreadable file; it names the place,
            the key and what is allowed.
    """
    return merged(flags, environ, settings_file(environ, config))


def merged(flags: Mapping[str, Any], environ: Mapping[str, str], file: SettingsFile) -> Settings:
    """Return the settings of flags, environment and ``file``. Raises as ``load``."""
    found = _from_file(file) | _from_environment(environ) | _from_flags(flags)
    values = {key: value for key, (value, _) in found.items()}
    together.require_fitting(values)
    recipe = picture_tables.recipe(file.values, values.get("preset", ""), file.name)
    page = page_table.page_settings(file)
    return Settings(
        **values,
        tags=_tags(file, flags.get("tags") or ()),
        recipe=picture_tables.deployed(recipe),
        assets=picture_tables.asset_paths(recipe, file.folder),
        page=page_table.deployed(page),
        delivery=delivery_table.delivery_settings(file),
        template=page_table.template(page, file.folder),
        file=file.path,
        origins=picture_tables.origins(file) | {key: origin for key, (_, origin) in found.items()},
        warnings=(*file.warnings, *_unknown_variables(environ)),
    )


def _from_file(file: SettingsFile) -> _Found:
    known = {*_CHECKS, *picture_tables.TABLES, page_table.TABLE, delivery_table.TABLE, "tags"}
    for key in sorted(set(file.values) - known):
        error = UnknownKeyError(key, file.values[key], ", ".join(sorted(known)))
        raise checks.refusal(error, f"{file.name}: ")
    return {
        key: (_checked(key, value, f"{file.name}: {key}"), file.origin(key))
        for key, value in file.values.items()
        if key in _CHECKS
    }


def _from_environment(environ: Mapping[str, str]) -> _Found:
    return {
        key: (_checked(key, _parsed(key, environ[name]), name), Origin(Kind.VARIABLE, name))
        for name, key in _VARIABLES.items()
        if environ.get(name)
    }


def _from_flags(flags: Mapping[str, Any]) -> _Found:
    options = {key: f"--{key.replace('_', '-')}" for key in _CHECKS}
    return {
        key: (_checked(key, flags[key], option), Origin(Kind.FLAG, option))
        for key, option in options.items()
        if flags.get(key) is not None
    }


def _unknown_variables(environ: Mapping[str, str]) -> list[str]:
    """Return a warning for each variable that looks like ours and is not.

    Another program's, or a newer imgpipe's, must not stop this one; a slip must not go unnoticed.
    """
    known = {*_VARIABLES, *_OTHER_VARIABLES}
    unknown = {name for name in environ if name.startswith(ENVIRONMENT)} - known
    return [
        f"unknown environment variable {name}{_nearest(name, known) or ' is ignored'}"
        for name in sorted(unknown)
    ]


def _nearest(name: str, known: set[str]) -> str:
    """Compare without what all have in common, which would make every name a near one."""
    keys = [variable.removeprefix(ENVIRONMENT) for variable in known]
    near = get_close_matches(name.removeprefix(ENVIRONMENT), keys, n=1)
    return f"; did you mean {ENVIRONMENT}{near[0]}?" if near else ""


def _parsed(key: str, text: str) -> object:
    if _CHECKS[key] is boolean:
        return _BOOLEANS.get(text.lower(), text)
    if isinstance(_CHECKS[key], checks.Names):
        return [name.strip() for name in text.split(",")]
    if isinstance(getattr(Settings, key), int):
        return checks.whole_or_text(text)
    return text


def _checked(key: str, value: object, name: str) -> object:
    try:
        _CHECKS[key](name, value)
    except InvalidSettingError as error:
        raise checks.refusal(error) from None
    return checks.kept(_CHECKS[key], value)


def _tags(file: SettingsFile, options: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    in_file = file.values.get("tags", {})
    if not isinstance(in_file, dict):
        raise SettingsError(f"{file.name}: tags is not a table", hint="write [tags], then keys")
    checks.tags(file.name, in_file)

    pairs = [option.partition("=") for option in options]
    for key, equals, value in pairs:
        if not equals:
            raise checks.refusal(InvalidSettingError("--tag", key, "pairs KEY=VALUE"))
        checks.tags("--tag", {key: value})
    return tuple(sorted({**in_file, **{key: value for key, _, value in pairs}}.items()))


_CHECKS: Final = checks_of(Settings)
_VARIABLES: Final = {ENVIRONMENT + key.upper(): key for key in _CHECKS}
