"""imgpipe.toml: found from the working directory upwards, and read."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from imgpipe.errors import SettingsError
from imgpipe.settings.origin import Kind, Origin, line_numbers

FILE: Final = "imgpipe.toml"
CONFIG_VARIABLE: Final = "IMGPIPE_CONFIG"
# tomllib's time grows with the square of a key's parts, so a stranger's file could take for ever.
_MOST_CHARACTERS: Final = 64_000


@dataclass(frozen=True)
class SettingsFile:
    """A settings file; without a ``path`` there is none, and it says nothing.

    Attributes:
        path: as it is shown to people; what the file names lies beside it.
        values: its keys and tables.
        lines: the line of each key, as ``line_numbers`` tells them.
        warnings: sentences about files that were passed over.
    """

    path: Path | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    lines: Mapping[str, int] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The path, for messages."""
        return str(self.path or FILE)

    @property
    def folder(self) -> Path:
        """The directory that paths in the file are relative to."""
        return (self.path or Path(FILE)).parent

    def origin(self, key: str) -> Origin:
        """Return where ``key`` stands: ``imgpipe.toml:3``; no line, if none is known."""
        line = self.lines.get(key)
        return Origin(Kind.FILE, f"{self.name}:{line}" if line else self.name)


def settings_file(environ: Mapping[str, str], config: Path | None) -> SettingsFile:
    """Read the file that ``config`` or IMGPIPE_CONFIG names, else the nearest imgpipe.toml.

    Raises:
        SettingsError: a file that was named does not exist, or the file cannot be read.
    """
    if path := config or (Path(environ[CONFIG_VARIABLE]) if environ.get(CONFIG_VARIABLE) else None):
        return _read(path, ())

    passed_over = []
    for path in _upwards():
        if not _is_trusted(path):
            passed_over.append(
                f"{path} belongs to another user and was passed over; --config {path} takes it"
            )
            continue
        return _read(path, tuple(passed_over))
    return SettingsFile(warnings=tuple(passed_over))


def _upwards() -> Iterator[Path]:
    """Yield every imgpipe.toml from here to the home directory, or to the root outside of it."""
    home, here = Path(), Path()
    with suppress(RuntimeError):
        home = Path.home()
    with suppress(OSError):  # a working directory that was deleted has no way up
        here = Path.cwd()
    for depth, folder in enumerate((here, *here.parents)):
        if _is_there(folder / FILE):
            yield Path(*[os.pardir] * depth, FILE)
        if folder == home:
            return


def _is_there(path: Path) -> bool:
    """Say whether there is such a file; Path.exists raises where a folder is closed to us."""
    with suppress(OSError):
        return path.exists()
    return False


def _is_trusted(path: Path) -> bool:
    """Say whether a file further up is ours or root's: in /tmp, say, anybody may put one.

    git guards its own search in the same way (safe.directory): https://git-scm.com/docs/git-config
    """
    if path == Path(FILE) or not hasattr(os, "getuid"):
        return True
    return path.stat().st_uid in {os.getuid(), 0}


def _read(path: Path, warnings: tuple[str, ...]) -> SettingsFile:
    try:
        # Editors on Windows put a byte order mark first, which is no TOML.
        with path.open(encoding="utf-8-sig") as file:
            return parsed(path, file.read(_MOST_CHARACTERS + 1), warnings)
    except FileNotFoundError:
        raise SettingsError(
            f"{path} does not exist", hint=f"check --config and {CONFIG_VARIABLE}"
        ) from None
    except UnicodeDecodeError:
        raise SettingsError(
            f"{path} is not UTF-8, which TOML must be",
            hint="save it as UTF-8 in your editor; Windows PowerShell's > writes UTF-16",
        ) from None
    except OSError as error:
        raise SettingsError(
            f"{path} cannot be read: {error}", hint="mend it, or name another file with --config"
        ) from None


def parsed(path: Path, text: str, warnings: tuple[str, ...] = ()) -> SettingsFile:
    """Return what ``text`` says, as the settings file at ``path``.

    Raises:
        SettingsError: it is no TOML, or more than anybody would write.
    """
    try:
        return SettingsFile(path, _values(text), line_numbers(text), warnings)
    except (ValueError, RecursionError) as error:
        raise SettingsError(
            f"{path} cannot be read: {_told(error)}",
            hint="mend it, or name another file with --config",
        ) from None


def _values(text: str) -> dict[str, Any]:
    if len(text) > _MOST_CHARACTERS:
        raise ValueError(f"it has more than {_MOST_CHARACTERS:,} characters")
    return tomllib.loads(text)


def _told(error: ValueError | RecursionError) -> str:
    """Python counts its own calls, and the digits of a whole number."""
    if isinstance(error, RecursionError):
        return "values are nested too deep in it"
    return str(error).partition("; use sys.")[0]
