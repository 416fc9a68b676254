"""The user's own files that a watermark needs: its image and its font.

Settings only name them. They are looked at by the commands that need them, so that a file that is
gone keeps nobody from looking at the pipeline or from taking it away.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from handler.checks import web_font
from handler.formats import HEAD_BYTES, sniff
from imgpipe.errors import SettingsError

# How TrueType, OpenType and their collections begin:
# https://learn.microsoft.com/en-us/typography/opentype/spec/otff#organization-of-an-opentype-font
_FONTS: Final = (b"\0\1\0\0", b"OTTO", b"ttcf", b"true", b"typ1")


def contents(paths: Sequence[Path]) -> dict[str, bytes]:
    """Read the files; return each one's content by its name in the folder they are deployed into.

    Raises:
        SettingsError: one cannot be read, is neither picture nor font, or two of different
            folders share a name.
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
    content = _bytes(path)
    if kind := web_font(content):
        raise SettingsError(
            f"the watermark's file {path} is a web font ({kind})",
            hint="take the TrueType or OpenType font it was made from",
        )
    if not sniff(content[:HEAD_BYTES]) and not content.startswith(_FONTS):
        raise SettingsError(
            f"the watermark's file {path} is neither a picture nor a font",
            hint="an imgpipe.toml of somebody else's may name a file that is none of its business",
        )
    return content


def _bytes(path: Path) -> bytes:
    if path.exists() and not path.is_file():
        raise SettingsError(
            f"the watermark's file {path} is no file", hint="name a picture or a font"
        )
    try:
        return path.read_bytes()
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
