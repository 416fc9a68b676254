"""A bucket, kept in step with a folder.

What the system says of changes is a hint where to look, and no more: what is there decides. So
a file that was renamed, a folder that was moved in, and changes that nobody told of come out the
same, the last at the next look at the whole folder.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

from imgpipe.aws.errors import translated
from imgpipe.errors import ImgpipeError, NotSetUpError, ServiceError, UsageError
from imgpipe.pictures import upload
from imgpipe.pictures.there import There
from imgpipe.pictures.watching.event import Event, Kind
from imgpipe.pictures.watching.waiting import Waiting

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from imgpipe.aws.account import Aws
    from imgpipe.pictures.files import LocalFile
    from imgpipe.pictures.upload import Upload
    from imgpipe.pictures.watching.folder import Folder, Mark
    from imgpipe.pictures.watching.origins import Origins
    from imgpipe.pictures.watching.vanished import Vanished

# So often the whole folder is looked at: systems lose changes, and network disks tell of none.
WHOLE_SECONDS: Final = 300.0


@dataclass(frozen=True)
class _Settled:
    """A file that has stopped growing: its name, its mark, and what is to be sent."""

    name: str
    mark: Mark
    file: LocalFile


def until_in_step(events: Iterable[Event]) -> Iterator[Event]:
    """Yield ``events`` until folder and bucket are in step."""
    for event in events:
        yield event
        if event.kind is Kind.IN_STEP:
            return


class Mirror:
    """Keeps ``bucket`` in step with ``folder``. What is gone stays, without ``vanished``.

    Attributes:
        sent: how many files were sent.
        removed: how many were removed.
        waiting: those that are still to be sent.
    """

    def __init__(
        self,
        aws: Aws,
        bucket: str,
        folder: Folder,
        origins: Origins,
        vanished: Vanished | None = None,
    ) -> None:
        self._aws, self._bucket, self._folder = aws, bucket, folder
        self._origins, self._vanished = origins, vanished
        self._known: dict[str, Mark] = {}
        self._unreachable = False
        self.waiting = Waiting(aws.clock)
        self.sent = self.removed = 0

    def follow(self, ticks: Iterable[AbstractSet[Path]]) -> Iterator[Event]:
        """Yield what happens, for as long as ``ticks`` tell which paths changed, or only the time.

        Raises:
            ImgpipeError: the folder is gone.
        """
        whole_at, in_step = -math.inf, False
        for changed in ticks:
            self._folder.require_there()
            if self._aws.clock() >= whole_at:
                whole_at = self._aws.clock() + WHOLE_SECONDS
                self._notice({""})
            self._notice({self._folder.name(path) for path in changed})
            yield from self._send()
            yield from self._remove()
            if not (in_step or self.waiting.untried or self._removing):
                in_step = True
                yield Event(Kind.IN_STEP, count=len(self._known))

    @property
    def _removing(self) -> bool:
        return bool(self._vanished and self._vanished.untried)

    def _notice(self, names: AbstractSet[str]) -> None:
        """Look at these files and folders: what is new or changed is to be sent."""
        found = self._folder.look(names)
        for name, mark in found.items():
            self._see(name, mark)
        for name in [*self._gone(names, found.keys())]:
            self._known.pop(name, None)
            self.waiting.drop(name)
            if self._vanished:
                self._vanished.notice(name)

    def _see(self, name: str, mark: Mark) -> None:
        if self._vanished:
            self._vanished.came_back(name)
        if self._known.get(name) == mark:
            self.waiting.drop(name)
        else:
            self.waiting.see(name, mark)

    def _gone(self, names: AbstractSet[str], found: AbstractSet[str]) -> Iterator[str]:
        """Yield what was among or beneath ``names``, and is not ``found`` there any more."""
        lost = names - found
        files = {name for name in lost if self._was_there(name)}
        yield from files
        folders = lost - files
        for name in self._all() - found - files if folders else ():
            above = (str(each) for each in PurePosixPath(name).parents)
            if "" in folders or any(each in folders for each in above):
                yield name

    def _all(self) -> AbstractSet[str]:
        return {*self._known, *self.waiting, *self._origins}

    def _was_there(self, name: str) -> bool:
        return name in self._known or name in self.waiting or bool(self._origins.get(name))

    def _send(self) -> Iterator[Event]:
        """Send what has stopped growing; what is no picture rests until it changes."""
        files: dict[str, _Settled] = {}
        for name, mark in self._settled():
            try:
                file = self._folder.file(name)
            except UsageError as error:
                yield from self._failed(name, error)
                continue
            if file:
                files[file.key] = _Settled(name, mark, file)
            else:
                self._rest(name, mark)
        if files:
            yield from self._upload(files)

    def _settled(self) -> Iterator[tuple[str, Mark]]:
        for name, mark in self.waiting.due():
            now = self._folder.mark(name)
            if now == mark:
                yield name, mark
            elif now:
                self.waiting.see(name, now)
            else:
                self._notice({name})

    def _upload(self, files: Mapping[str, _Settled]) -> Iterator[Event]:
        """Send those of ``files``, by their keys, that are not there already."""
        try:
            with translated():
                there = There(self._aws, self._bucket, list(files))
        except NotSetUpError:
            raise
        except ImgpipeError as error:
            for each in files.values():
                yield from self._failed(each.name, error)
            return
        meant = (each.file for each in files.values())
        for done in upload.upload(self._aws, self._bucket, meant, there):
            yield from self._done(files[done.file.key], done, there)

    def _done(self, each: _Settled, done: Upload, there: There) -> Iterator[Event]:
        if done.error:
            yield from self._failed(each.name, done.error)
            return
        if self._unreachable:
            self._unreachable = False
            yield Event(Kind.REACHABLE)
        self._rest(each.name, each.mark)
        if done.sent:
            self.sent += 1
            self._origins.came(each.name, done.upload_id)
            yield Event(Kind.SENT, each.name, each.file.key, each.file.size)
        else:
            self._origins.came(each.name, there.etag(each.file.key))
        now = self._folder.mark(each.name)
        if now and now != each.mark:  # changed on its way
            self.waiting.see(each.name, now)

    def _rest(self, name: str, mark: Mark) -> None:
        self.waiting.drop(name)
        self._known[name] = mark

    def _failed(self, name: str, error: ImgpipeError) -> Iterator[Event]:
        """Try again later; say once why, and that the network is gone just once for all files."""
        news = self.waiting.put_off(name, error.message)
        if isinstance(error, ServiceError) and not error.aws_code:
            if not self._unreachable:
                self._unreachable = True
                yield Event(Kind.UNREACHABLE, reason=error.message)
        elif news:
            yield Event(Kind.FAILED, name, self._folder.key(name), reason=error.message)

    def _remove(self) -> Iterator[Event]:
        for event in self._vanished.remove() if self._vanished else ():
            self.removed += event.kind is Kind.REMOVED
            yield event
