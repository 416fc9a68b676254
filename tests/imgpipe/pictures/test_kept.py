"""Values kept in a file, and what an upload of many files holds in memory."""

from __future__ import annotations

import os
import tracemalloc
from contextlib import redirect_stdout
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from handler.keys import processed_key
from handler.schema import Metadata, Status
from imgpipe.pictures import catalog, files, kept, upload
from imgpipe.pictures.following import Watch
from imgpipe.pictures.kept import Kept
from imgpipe.pictures.outcomes import Outcome, Result
from imgpipe.pictures.waiting import Waiting
from imgpipe.render import _portions
from imgpipe.render import upload as render
from imgpipe.render._screen import Screen

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from imgpipe.aws.account import Aws
    from imgpipe.pictures.upload import Upload
    from tests.support.bucket_server import BucketServer

pytestmark = pytest.mark.slow

BUCKET: Final = "pictures"
# Both are more than are on their way at once, so that it is not those that are compared.
FEW: Final = 200
MANY: Final = 1000
# A file's name while its directory is read, and two numbers until its rows are there: about 650.
# Where what was found, sent, made and shown stays, it is twelve thousand.
BYTES_A_FILE: Final = 2000


def texts() -> Kept[str]:
    """What keeps texts."""
    return Kept(lambda text: [text], str)


def test_values_come_back_in_their_order_whatever_happens_meanwhile() -> None:
    """Read twice at once, and added to while they are read; more than memory is to hold."""
    values, names = texts(), [f"{number}\n\udcff\u2028{'x' * 500}" for number in range(300)]
    places = [values.add(name) for name in names[:200]]
    seen: list[tuple[str, str]] = []
    for one, other, late in zip(values, values, chain(names[200:], names), strict=False):
        seen.append((one, other))
        if len(values) < len(names):
            values.add(late)
    assert seen == [(name, name) for name in names]
    assert [values.at(place) for place in reversed(places)] == names[199::-1]
    assert len(values) == 300
    assert not texts()


def test_memory_does_not_grow_with_the_files_of_an_upload(
    served: Aws,
    bucket_server: BucketServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Found, sent, followed to their rows, and shown: many hold what few do."""
    monkeypatch.setattr(_portions, "PORTION", 50)
    monkeypatch.setattr(kept, "_IN_MEMORY_BYTES", 1)
    waiting: list[Waiting] = []
    monkeypatch.setattr(catalog, "since", lambda *_: rows(waiting[-1]))
    few, many = (folder(tmp_path / str(number), number) for number in (FEW, MANY))
    # The first brings what is imported then.
    _, least, most = (peak(served, bucket_server, each, waiting) for each in (few, few, many))
    assert (most - least) / (MANY - FEW) < BYTES_A_FILE


def folder(path: Path, number: int) -> Path:
    """A folder of so many pictures, which are one file on the disk."""
    path.mkdir()
    first = path / "0.jpg"
    first.write_bytes(b"\xff\xd8\xff\xe0 and more")
    for each in range(1, number):
        (path / f"{each}.jpg").hardlink_to(first)
    return path


def peak(aws: Aws, server: BucketServer, path: Path, waiting: list[Waiting]) -> int:
    """Upload what is in a folder, follow it and show it; return the most that was in memory."""
    waiting.append(Waiting())
    tracemalloc.start()
    try:
        with Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere):
            screen = Screen("upload", output="json")
            sent = forgotten(server, upload.upload(aws, BUCKET, files.pictures([path]).pictures))
            results = chain(waiting[-1].take(sent), made_of(aws, waiting[-1]))
            shown = screen.portions(render.VIEW, render.portions(results, str))
            assert sum(len(portion.results) for portion in shown) == len([*path.iterdir()])
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def forgotten(server: BucketServer, uploads: Iterable[Upload]) -> Iterator[Upload]:
    """Let the server, which is in this process, keep nothing of what came."""
    for each in uploads:
        server.puts.clear()
        assert each.sent
        yield each


def made_of(aws: Aws, waiting: Waiting) -> Iterator[Result]:
    """Follow to rows that the table has at the first look."""
    for each in Watch(aws, "table", [""], 60).follow(waiting):
        assert isinstance(each, Result)
        assert each.outcome is Outcome.PROCESSED
        yield each


def rows(waiting: Waiting) -> Iterator[Metadata]:
    """What the function writes of each."""
    for each in waiting:
        key = each.file.key
        yield Metadata(
            processed_key(key, "", "jpg"),
            50,
            "2026-07-01T10:00:01.000+00:00",
            Status.PROCESSED,
            key,
            upload_id=each.upload_id,
        )
