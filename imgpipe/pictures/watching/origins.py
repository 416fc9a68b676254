"""Which objects came from a watched folder, remembered from one run to the next.

Nothing else is ever deleted for being gone from the folder. What is forgotten is only kept longer.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from imgpipe.settings import written

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws
    from imgpipe.pictures.watching.folder import Folder

_GONE: Final = ""


class Origins:
    """The files that came from a folder, by name, and by what each object is known again.

    That is the id of its upload, or the ETag of one that was there already. Each change is
    written down at once, a line each: a run that is killed forgets nothing.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._came = dict(_read(path))
        lines = [_line(name, came) for name, came in self._came.items()]
        written.write({path: "".join(lines).encode()})

    def __iter__(self) -> Iterator[str]:
        return iter(self._came)

    def get(self, name: str) -> str:
        """Return by what the object of the file ``name`` is known; empty if it is not from here."""
        return self._came.get(name, "")

    def came(self, name: str, identity: str) -> None:
        """Remember that the object is from here."""
        if self._came.get(name) != identity:
            self._came[name] = identity
            self._append(_line(name, identity))

    def forget(self, name: str) -> None:
        """Remember that it is gone, or somebody else's."""
        if self._came.pop(name, ""):
            self._append(_line(name, _GONE))

    def _append(self, line: str) -> None:
        with self._path.open("a", encoding="utf-8") as file:
            file.write(line)


def place(state: Path, aws: Aws, bucket: str, folder: Folder) -> Path:
    """Return the file beneath ``state`` that remembers what came from ``folder``."""
    meant = json.dumps([aws.account, aws.region, bucket, folder.prefix, str(folder.root)])
    return state / "watch" / f"{hashlib.sha256(meant.encode()).hexdigest()[:32]}.jsonl"


def _line(name: str, identity: str) -> str:
    return f"{json.dumps([name, identity])}\n"


def _read(path: Path) -> Iterator[tuple[str, str]]:
    """Yield what was written down and not taken back; a line that was torn is none."""
    came: dict[str, str] = {}
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return
    for line in text.splitlines():
        try:
            name, identity = json.loads(line)
        except ValueError:
            continue
        came[name] = identity
    yield from ((name, identity) for name, identity in came.items() if identity != _GONE)
