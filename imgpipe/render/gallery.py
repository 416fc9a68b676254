"""What gallery shows: what of the page was written, and what CloudFront is to forget."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

from rich.progress import SpinnerColumn
from rich.text import Text

from handler.gallery import PAGE_PREFIX
from imgpipe.gallery.page import ENTRY
from imgpipe.pipeline.gallery import Rebuilt
from imgpipe.render._paper import Paper, wrapped
from imgpipe.render._screen import View
from imgpipe.render.untrusted import path_text, printable

if TYPE_CHECKING:
    from imgpipe.render._screen import Screen

_LABEL: Final = len("invalidated  ")


@dataclass(frozen=True)
class GalleryRecord:
    """The page as it was made anew."""

    url: Annotated[str, "its address"]
    pictures: Annotated[int, "how many it shows"]
    own_entry: Annotated[bool, "whether its index.html is your own, and was left as it is"]
    written: Annotated[list[str], "the keys of the files that were written"]
    deleted: Annotated[list[str], "the keys of those of another template, which were deleted"]
    invalidated: Annotated[list[str], "the paths that CloudFront's edges are to forget"]


@dataclass(frozen=True)
class EjectedRecord:
    """The template that was written for a design of one's own."""

    files: Annotated[list[str], "its files"]


def rebuilding(steps: Iterable[Rebuilt], screen: Screen) -> Iterator[Rebuilt]:
    """Yield ``steps`` as they come, and show how many pictures the page has by now."""
    with screen.progress(SpinnerColumn()) as progress:
        task = progress.add_task("Making the page anew")
        for done in steps:
            progress.update(task, description=f"Making the page anew: {_counted(done.pictures)}")
            yield done


def remarks(done: Rebuilt) -> Iterator[str]:
    """Yield what was left as it is, and when visitors see the rest."""
    if done.own_entry:
        yield f"{ENTRY} is your own, and stays as it is."
    yield "Visitors see it as soon as CloudFront's edges have forgotten, mostly within a minute."


def _record(done: Rebuilt) -> GalleryRecord:
    return GalleryRecord(
        done.url,
        done.pictures,
        done.own_entry,
        list(done.written),
        list(done.deleted),
        list(done.invalidated),
    )


def _text(done: Rebuilt, paper: Paper) -> Iterator[Text]:
    told = {
        "page": [done.url],
        "pictures": [f"{done.pictures:,}"],
        "written": _keys(done.written),
        "deleted": _keys(done.deleted),
        "invalidated": done.invalidated,
    }
    for name, values in told.items():
        if values:
            line = Text.assemble((f"{name:<{_LABEL}}", "dim"), printable(", ".join(values)))
            yield from wrapped(line, paper.width, " " * _LABEL)


def _keys(keys: Sequence[str]) -> list[str]:
    """Return those whose names say something, and how many pages of the data there are."""
    named = [key for key in keys if not key.startswith(PAGE_PREFIX)]
    pages = len(keys) - len(named)
    return [*named, f"{pages:,} x {PAGE_PREFIX}*.json"] if pages else named


def _counted(pictures: int) -> str:
    return f"{pictures:,} picture{'s' * (pictures != 1)}"


def _ejected_record(files: Sequence[Path]) -> EjectedRecord:
    return EjectedRecord([path_text(path) for path in files])


def _ejected_text(files: Sequence[Path], _: Paper) -> Iterator[Text]:
    for path in files:
        yield Text(f"wrote {printable(path_text(path))}")


VIEW: Final = View(_record, _text)
EJECTED: Final = View(_ejected_record, _ejected_text)
