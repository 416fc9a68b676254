"""The table ``[delivery]`` of imgpipe.toml: renditions on demand."""

from __future__ import annotations

from typing import Any, Final

from handler.delivery_settings import DeliverySettings
from imgpipe.settings import group_table
from imgpipe.settings.file import SettingsFile

TABLE: Final = "delivery"


def delivery_settings(file: SettingsFile) -> DeliverySettings:
    """Return what the file says of renditions on demand.

    Raises:
        SettingsError: an unknown key or a bad value.
    """
    return group_table.read(file, TABLE, DeliverySettings)


def counting(told: DeliverySettings, wanted: DeliverySettings) -> dict[str, Any]:
    """Return what of ``told`` counts beside ``wanted``, by key: of what is off, that it is."""
    return flat(told) if wanted.enabled else {f"{TABLE}.enabled": told.enabled}


def switching_on(settings: DeliverySettings, name: str) -> tuple[str, ...]:
    """Return the command that goes on towards the setting ``name``: a setup, once it is set."""
    return ("setup",) if getattr(settings, name) else (f"config set {TABLE}.{name} true",)


def flat(settings: DeliverySettings) -> dict[str, Any]:
    """Return every setting of the table by its key."""
    return group_table.flat(TABLE, settings)
