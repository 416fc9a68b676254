"""Files that are gone from a watched folder, and so go from the bucket with all that was made."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from handler.schema import UPLOAD_ID
from imgpipe.aws.errors import or_none, translated
from imgpipe.errors import ImgpipeError
from imgpipe.pictures import removal
from imgpipe.pictures.removal import Fate, Picture, Removed, Remover
from imgpipe.pictures.watching.event import Event, Kind
from imgpipe.pictures.watching.waiting import LONGEST_PAUSE_SECONDS, SETTLED_SECONDS

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws
    from imgpipe.pictures.watching.folder import Folder
    from imgpipe.pictures.watching.origins import Origins


@dataclass
class Vanished:
    """What is gone from ``folder`` is removed, where the object is still the one from there."""

    aws: Aws
    remover: Remover
    folder: Folder
    origins: Origins
    _due: dict[str, float] = field(default_factory=dict)
    _failed: set[str] = field(default_factory=set)

    @property
    def untried(self) -> bool:
        """Whether there is one that was not tried yet."""
        return not self._due.keys() <= self._failed

    def notice(self, name: str) -> None:
        """Let a file go that is gone, unless it comes back within a moment, as editors do."""
        if self.origins.get(name):
            self._due.setdefault(name, self.aws.clock() + SETTLED_SECONDS)

    def came_back(self, name: str) -> None:
        """Let a file stay that is there again."""
        self._due.pop(name, None)
        self._failed.discard(name)

    def remove(self) -> Iterator[Event]:
        """Remove what has been gone for a while; yield what became of each."""
        due = [name for name, at in self._due.items() if at <= self.aws.clock()]
        names = {self.folder.key(name): name for name in due if not self.folder.has(name)}
        for name in set(due).difference(names.values()):
            self.came_back(name)
        if not names:
            return
        pictures = []
        for key, name in names.items():
            try:
                with translated():
                    still_ours = self._still_ours(name, key)
            except ImgpipeError as error:
                yield self._put_off(name, key, error.message)
                continue
            if still_ours:
                pictures.append(Picture(key, original=True))
            else:
                yield from self._not_ours(name, key)
        for done in removal.remove(self.aws, self.remover, pictures):
            yield self._ended(names[done.picture.key], done)

    def _still_ours(self, name: str, key: str) -> bool | None:
        """Say whether the object came from here; ``None`` where there is none any more."""
        s3, came = self.aws.client("s3"), self.origins.get(name)
        head = or_none(lambda: s3.head_object(Bucket=self.remover.source_bucket, Key=key))
        if head is None:
            self._forget(name)
            return None
        return came in {head["Metadata"].get(UPLOAD_ID), head["ETag"].strip('"')}

    def _not_ours(self, name: str, key: str) -> Iterator[Event]:
        if self.origins.get(name):
            self._forget(name)
            yield Event(Kind.KEPT, name, key, reason="somebody else has put it since")

    def _ended(self, name: str, done: Removed) -> Event:
        key = done.picture.key
        if done.fate is Fate.FAILED:
            return self._put_off(name, key, done.reason)
        self._forget(name)
        kind = Kind.REMOVED if done.fate is Fate.REMOVED else Kind.KEPT
        return Event(kind, name, key, reason=done.reason)

    def _put_off(self, name: str, key: str, reason: str) -> Event:
        self._failed.add(name)
        self._due[name] = self.aws.clock() + LONGEST_PAUSE_SECONDS
        return Event(Kind.FAILED, name, key, reason=reason)

    def _forget(self, name: str) -> None:
        self.came_back(name)
        self.origins.forget(name)
