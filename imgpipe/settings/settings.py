"""Everything that can be set, as one frozen value built once: flag > environment > imgpipe.toml > default."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Final

from handler.recipe import Recipe
from imgpipe.errors import SettingsError
from imgpipe.settings import checks, picture_tables

FILE: Final = "imgpipe.toml"
ENVIRONMENT: Final = "IMGPIPE_"
# Read by the modules that own them, before there are any settings.
_OTHER_VARIABLES: Final = frozenset({"IMGPIPE_CONFIG", "IMGPIPE_CACHE_DIR", "IMGPIPE_STATE_DIR"})


@dataclass(frozen=True)
class Settings:
    """What one run of imgpipe goes by. Each plain field is a key of imgpipe.toml and, in capitals, an ``IMGPIPE_`` variable.

    ``memory`` is in MB, ``timeout`` in seconds. Empty bucket names stand for the default ones, an empty region for
    boto3's own. ``assets`` are the local files deployed beside the handler: a watermark's image, a font.
    """

    profile: str = ""
    region: str = ""
    endpoint_url: str = ""
    local: bool = False
    stage: str = "default"
    prefix: str = "imgpipe"
    source_bucket: str = ""
    destination_bucket: str = ""
    permissions: str = "least"
    architecture: str = "arm64"
    memory: int = 448
    timeout: int = 60
    log_retention_days: int = 14
    deletion_protection: bool = False
    pillow_layer_arn: str = ""
    preset: str = "none"
    output: str = "table"
    quiet: bool = False
    debug: bool = False
    tags: tuple[tuple[str, str], ...] = ()
    recipe: Recipe = field(default_factory=Recipe)
    assets: tuple[Path, ...] = ()


def load(
    flags: Mapping[str, Any], environ: Mapping[str, str] = os.environ, config: Path | None = None
) -> Settings:
    """Merge flags, environment and file into settings; a flag that is ``None`` was not given.

    Raises:
        SettingsError: an unknown key, a bad value, or an unreadable file; it names the place, the key and what is allowed.
    """
    path = config or (Path(environ["IMGPIPE_CONFIG"]) if environ.get("IMGPIPE_CONFIG") else None)
    file = _read(path or Path(FILE), required=path is not None)
    where = str(path or FILE)
    values = _from_file(file, where) | _from_environment(environ) | _from_flags(flags)
    return _complete(values, file, where, extra_tags=flags.get("tags") or ())


def _read(path: Path, *, required: bool) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        if required:
            raise SettingsError(
                f"{path} does not exist", hint="check --config and IMGPIPE_CONFIG"
            ) from None
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(
            f"{path} cannot be read: {error}", hint="mend it, or name another file with --config"
        ) from None


def _from_file(file: Mapping[str, Any], where: str) -> dict[str, Any]:
    known = {*_CHECKS, *picture_tables.TABLES, "tags"}
    if unknown := sorted(set(file) - known):
        raise SettingsError(
            f"{where}: unknown key {unknown[0]!r}", hint=f"allowed are {', '.join(sorted(known))}"
        )
    return {
        key: _checked(key, value, f"{where}: {key}")
        for key, value in file.items()
        if key in _CHECKS
    }


def _from_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    ours = {
        name: value
        for name, value in environ.items()
        if name.startswith(ENVIRONMENT) and value and name not in _OTHER_VARIABLES
    }
    known = {ENVIRONMENT + key.upper(): key for key in _CHECKS}
    if unknown := sorted(set(ours) - set(known)):
        raise SettingsError(
            f"unknown environment variable {unknown[0]}",
            hint=f"allowed are {', '.join(sorted({*known, *_OTHER_VARIABLES}))}",
        )
    return {
        known[name]: _checked(known[name], _parsed(known[name], value), name)
        for name, value in ours.items()
    }


def _from_flags(flags: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: _checked(key, value, f"--{key.replace('_', '-')}")
        for key, value in flags.items()
        if value is not None and key in _CHECKS
    }


def _parsed(key: str, text: str) -> Any:
    default = _DEFAULTS[key]
    if isinstance(default, bool):
        return {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}.get(
            text.lower(), text
        )
    if isinstance(default, int):
        return int(text) if text.strip().isdecimal() else text
    return text


def _checked(key: str, value: Any, where: str) -> Any:
    try:
        return _CHECKS[key](value)
    except ValueError as error:
        raise SettingsError(f"{where} is {value!r}", hint=f"allowed {error}") from None


def _complete(
    values: dict[str, Any], file: Mapping[str, Any], where: str, extra_tags: tuple[str, ...]
) -> Settings:
    settings = Settings(**values)
    if settings.source_bucket and settings.source_bucket == settings.destination_bucket:
        raise SettingsError(
            f"source_bucket and destination_bucket are both {settings.source_bucket!r}",
            hint="name two buckets: a function that writes where it reads would start itself over and over",
        )
    recipe = picture_tables.recipe(file, settings.preset, where)
    assets = picture_tables.assets(recipe, Path(where).parent)
    return replace(
        settings,
        tags=_tags(file, where, extra_tags),
        recipe=picture_tables.deployed(recipe),
        assets=assets,
    )


def _tags(
    file: Mapping[str, Any], where: str, extra: tuple[str, ...]
) -> tuple[tuple[str, str], ...]:
    tags = dict(file.get("tags", {}))
    for pair in extra:
        key, equals, value = pair.partition("=")
        if not equals:
            raise SettingsError(f"--tag is {pair!r}", hint="allowed is KEY=VALUE")
        tags[key] = value
    for key, value in tags.items():
        try:
            checks.tag(key, value)
        except ValueError as error:
            raise SettingsError(
                f"{where}: tag {key!r} is {value!r}", hint=f"allowed {error}"
            ) from None
    return tuple(sorted(tags.items()))


_DEFAULTS: Final = {f.name: f.default for f in fields(Settings) if f.default is not MISSING}
_CHECKS: Final[dict[str, Callable[[Any], Any]]] = {
    "profile": checks.text,
    "region": checks.region,
    "endpoint_url": checks.url,
    "local": checks.boolean,
    "stage": checks.stage,
    "prefix": checks.prefix,
    "source_bucket": checks.bucket,
    "destination_bucket": checks.bucket,
    "permissions": checks.choice("least", "managed"),
    "architecture": checks.choice("arm64", "x86_64"),
    "memory": checks.integer(128, 10240),
    "timeout": checks.integer(1, 900),
    "log_retention_days": checks.retention,
    "deletion_protection": checks.boolean,
    "pillow_layer_arn": checks.layer_arn,
    "preset": checks.choice("none", "web"),
    "output": checks.choice("table", "json", "csv"),
    "quiet": checks.boolean,
    "debug": checks.boolean,
}
