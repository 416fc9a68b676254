"""Uploads whose pictures are waited for: two numbers of each in memory, the rest in a file."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from imgpipe.pictures import files
from imgpipe.pictures.kept import Kept
from imgpipe.pictures.outcomes import Result, sent
from imgpipe.pictures.upload import Upload

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class Waiting:
    """Uploads that came to S3, each until it is ``done``, in the order in which they came.

    ``began`` is S3's earliest time of one, ``None`` before there is one.
    """

    def __init__(self) -> None:
        self.began: datetime | None = None
        self._uploads = Kept(_packed, _unpacked)
        self._places: dict[int, int] = {}

    def take(self, uploads: Iterable[Upload]) -> Iterator[Result]:
        """Wait for those of ``uploads`` that were sent; yield what became of the others."""
        for upload in uploads:
            if upload.sent:
                self._places[hash(upload.file.key)] = self._uploads.add(upload)
                self.began = min(self.began or upload.sent, upload.sent)
            else:
                yield from sent([upload])

    def of(self, key: str) -> Upload | None:
        """Return the upload to ``key``, if that is waited for."""
        place = self._places.get(hash(key))
        found = None if place is None else self._uploads.at(place)
        return found if found and found.file.key == key else None

    def done(self, key: str) -> None:
        """Wait no longer for the upload to ``key``."""
        del self._places[hash(key)]

    def __len__(self) -> int:
        """Return how many are waited for."""
        return len(self._places)

    def __iter__(self) -> Iterator[Upload]:
        """Yield each that is waited for now."""
        return (self._uploads.at(place) for place in tuple(self._places.values()))


def _packed(upload: Upload) -> list[Any]:
    time = upload.sent.isoformat() if upload.sent else ""
    return [upload.upload_id, time, *files.packed(upload.file)]


def _unpacked(upload_id: str, time: str, *file: Any) -> Upload:
    return Upload(files.unpacked(*file), upload_id, sent=datetime.fromisoformat(time))
