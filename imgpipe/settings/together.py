"""Checks on settings that bear on each other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from imgpipe.errors import SettingsError


def require_two_buckets(values: Mapping[str, Any]) -> None:
    """Raise ``SettingsError`` where one bucket is to be both: its function would start itself."""
    source = values.get("source_bucket")
    if source and source == values.get("destination_bucket"):
        raise SettingsError(
            f"source_bucket and destination_bucket are both {source!r}",
            hint="name two buckets: a function that writes where it reads would start itself"
            " over and over",
        )


def require_one_role(values: Mapping[str, Any]) -> None:
    """Raise ``SettingsError`` where a role of somebody's own is to be like one that we make."""
    for key in ("permissions_boundary", "role_path"):
        if values.get("role_arn") and values.get(key):
            raise SettingsError(
                f"role_arn names a role of your own, and {key} is of one that imgpipe makes",
                hint="set one of the two",
            )
