"""The page's side of imgpipe.toml: the table ``[gallery]``."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from handler.page_settings import PageSettings
from imgpipe.settings import group_table
from imgpipe.settings.file import SettingsFile

TABLE: Final = "gallery"


def page_settings(file: SettingsFile) -> PageSettings:
    """Return what the file says of the page, its template's folder as it stands there.

    Raises:
        SettingsError: an unknown key or a bad value.
    """
    return group_table.read(file, TABLE, PageSettings)


def template(settings: PageSettings, folder: Path) -> Path | None:
    """Return the folder of the page's template, from imgpipe.toml's ``folder``."""
    return folder / settings.template if settings.template else None


def deployed(settings: PageSettings) -> PageSettings:
    """Return the settings as the function gets them: of the template the name alone."""
    return replace(settings, template=Path(settings.template).name)


def flat(settings: PageSettings) -> dict[str, Any]:
    """Return every setting of the page by its key."""
    return group_table.flat(TABLE, settings)
