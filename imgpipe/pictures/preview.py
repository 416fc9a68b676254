"""Previews.

What the function would make of local pictures, made here by the very same code, without AWS.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from time import perf_counter
from typing import TYPE_CHECKING, Final

from handler import image
from handler.keys import processed_key
from imgpipe.errors import PartialError, SettingsError, UsageError
from imgpipe.pictures import files, workers
from imgpipe.pictures.files import LocalFile
from imgpipe.settings import assets

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from handler.recipe import Recipe
    from imgpipe.settings import Settings

_MEGABYTE: Final = 1024 * 1024


@dataclass(frozen=True)
class Rendered:
    """A rendition as it was written.

    The ``key`` it would have in the destination bucket, its sides in pixels, its ``size`` in bytes.
    """

    path: Path
    key: str
    rendition: str
    width: int
    height: int
    size: int
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class Preview:
    """What became of one picture, in so many ``seconds``.

    A result for each rendition, or the ``reason`` why there is none.
    """

    file: LocalFile
    seconds: float
    results: tuple[Rendered, ...] = ()
    reason: str = ""


@dataclass(frozen=True)
class _Work:
    seconds: float
    pictures: tuple[image.Picture, ...] = ()
    reason: str = ""


def sources(paths: Sequence[Path], folder: Path | None) -> tuple[LocalFile, ...]:
    """Return the pictures among ``paths``.

    What a directory holds beneath ``folder`` are earlier results, and left out.

    Raises:
        UsageError: a path is missing or cannot be read, or there is no picture.
    """
    found = files.pictures(paths)
    named, results = set(paths), folder.resolve() if folder else None
    every = [*found.pictures, *found.refused]
    chosen = [
        file
        for file in every
        if results is None or file.path in named or not file.path.resolve().is_relative_to(results)
    ]
    if not chosen:
        raise UsageError(
            f"all pictures lie in {folder}, where the results go",
            hint="name another directory with -o",
        )
    return tuple(chosen)


def prepare(folder: Path) -> None:
    """Make sure that ``folder`` is there and can be written into; ``UsageError`` if not."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        TemporaryFile(dir=folder).close()
    except OSError as error:
        raise UsageError(
            f"{folder} cannot be written into: {error.strerror}",
            hint="name another directory with -o",
        ) from None


def previews(chosen: Sequence[LocalFile], settings: Settings, folder: Path) -> Iterator[Preview]:
    """Render every file by the settings' recipe, and write the results to ``folder``.

    The function's memory and time bound each.

    They come in the files' order. An earlier result is replaced; a source never is, and nothing
    is written outside ``folder``.

    Raises:
        SettingsError: a watermark's file cannot be used.
    """
    originals = frozenset(_identity(file.path) for file in chosen if file.path.exists())
    with _side_by_side(settings.assets) as folder_of_assets:
        budget = image.Budget(settings.memory * _MEGABYTE, _seconds(settings))
        work = partial(_rendered, recipe=settings.recipe, budget=budget, assets=folder_of_assets)
        for file, rendered in zip(chosen, workers.each(work, chosen), strict=True):
            yield _written(file, rendered, folder, originals)


def _seconds(settings: Settings) -> float | None:
    """Return the time that a picture has, as in the function; without a fork it is not bounded.

    Bounded, decoders that may end their process are run in one of their own.
    """
    return float(settings.timeout) if hasattr(os, "fork") else None


def raise_for_failures(found: Sequence[Preview]) -> None:
    """Raise ``PartialError`` if there is a source without results."""
    if failed := sum(bool(preview.reason) for preview in found):
        raise PartialError(
            f"{failed} of {len(found)} pictures gave no result",
            hint="the reason stands beside each",
        )


@contextmanager
def _side_by_side(paths: Sequence[Path]) -> Iterator[Path]:
    """Put the watermark's files into one folder, as they lie beside the deployed handler."""
    with TemporaryDirectory(prefix="imgpipe-assets-") as folder:
        for name, content in assets.contents(paths).items():
            Path(folder, name).write_bytes(content)
        yield Path(folder)


def _rendered(file: LocalFile, recipe: Recipe, budget: image.Budget, assets: Path) -> _Work:
    began = perf_counter()
    try:
        pictures = image.render(_body(file, recipe.limits.bytes), recipe, budget, assets)
    except image.Rejected as rejection:
        return _Work(perf_counter() - began, reason=str(rejection))
    except (OSError, ValueError) as error:
        raise SettingsError(
            f"the watermark cannot be drawn: {error}",
            hint="its image must be a PNG, its font TrueType or OpenType",
        ) from error
    return _Work(perf_counter() - began, pictures)


def _body(file: LocalFile, limit: int) -> bytes:
    if file.size > limit:
        raise image.Rejected(f"the file has {file.size:,} bytes; at most {limit:,} are read")
    try:
        return file.path.read_bytes()
    except OSError as error:
        raise image.Rejected(f"the file cannot be read: {error.strerror}") from None


def _written(
    file: LocalFile, rendered: _Work, folder: Path, originals: frozenset[tuple[int, int]]
) -> Preview:
    try:
        results = tuple(_result(file, picture, folder, originals) for picture in rendered.pictures)
    except OSError as error:
        return Preview(
            file,
            rendered.seconds,
            reason=f"the result cannot be written: {error.strerror or error}",
        )
    return Preview(file, rendered.seconds, results, rendered.reason)


def _result(
    file: LocalFile, picture: image.Picture, folder: Path, originals: frozenset[tuple[int, int]]
) -> Rendered:
    key = processed_key(file.key, picture.name, picture.extension if picture.changed_format else "")
    path = folder / key
    if not path.resolve().is_relative_to(folder.resolve()):
        raise PermissionError(f"{path} leads out of {folder}")
    if path.exists() and _identity(path) in originals:
        raise PermissionError(f"{path} is itself one of the pictures to preview")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(picture.body)
    return Rendered(
        path,
        key,
        picture.name,
        picture.width,
        picture.height,
        len(picture.body),
        picture.warnings,
    )


def _identity(path: Path) -> tuple[int, int]:
    """Return what tells a file under all its names.

    Links, and file systems that do not mind the case.
    """
    status = path.stat()
    return status.st_dev, status.st_ino
