"""The user's own files that a watermark needs: its image and its font.

Settings only name them. They are looked at by the commands that need them, so that a file that is
gone keeps nobody from looking at the pipeline or from taking it away.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from handler.checks import web_font
from imgpipe.errors import SettingsError


def contents(paths: Sequence[Path]) -> dict[str, bytes]:
    """Read the files; return each one's content by its name in the folder they are deployed into.

    Raises:
        SettingsError: one cannot be read, is a web font, or two of different folders share a name.
    """
    files: dict[str, bytes] = {}
    for path in paths:
        content = _content(path)
        if files.setdefault(path.name, content) != content:
            other = next(one for one in paths if one.name == path.name)
            raise SettingsError(
                f"{other} and {path} have the same name",
                hint="rename one: both are deployed into one folder",
            )
    return files


def missing(paths: Sequence[Path]) -> tuple[Path, ...]:
    """Return those among the files that are not there."""
    return tuple(path for path in paths if not path.is_file())


def _content(path: Path) -> bytes:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise SettingsError(
            f"the watermark's file {path} does not exist",
            hint="its path is relative to imgpipe.toml",
        ) from None
    except OSError as error:
        raise SettingsError(
            f"the watermark's file {path} cannot be read: {error.strerror}",
            hint="check the path and its permissions",
        ) from None
    if kind := web_font(content):
        raise SettingsError(
            f"the watermark's file {path} is a web font ({kind})",
            hint="take the TrueType or OpenType font it was made from",
        )
    return content
