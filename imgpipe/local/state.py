"""What the embedded AWS leaves on disk, all in one private directory.

Its data, its lock, its log, its port and its key.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from base64 import b32encode
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from secrets import token_bytes, token_hex
from typing import TYPE_CHECKING, BinaryIO, Final

import platformdirs

from imgpipe.errors import LocalError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

DATA: Final = "data"
LOG: Final = "log"
OUTPUT: Final = "output"
SCRATCH: Final = "scratch"
# All that a file's mode may give to anybody but its owner.
OTHERS: Final = 0o077
_LOCK: Final = "lock"
_IDENTITY: Final = "identity.json"


@dataclass(frozen=True)
class Identity:
    """What stays the same from run to run: the port and the key pair.

    So printed URLs and exported variables keep working.

    The keys are nobody's guess: whoever has them can run code as the user, in a function.
    """

    port: int = 0
    access_key: str = field(
        default_factory=lambda: f"AKIA{b32encode(token_bytes(10)).decode()}", repr=False
    )
    secret_key: str = field(default_factory=token_hex, repr=False)


def directory(environment: Mapping[str, str]) -> Path:
    """Return where the user's embedded AWS lives.

    ``IMGPIPE_STATE_DIR``, or the platform's place.
    """
    if chosen := environment.get("IMGPIPE_STATE_DIR"):
        return Path(chosen).expanduser().absolute()
    return platformdirs.user_state_path("imgpipe", appauthor=False)


def prepare(state: Path) -> None:
    """Make ``state`` a directory that nobody but its owner can look into.

    It holds a key and the user's pictures.

    Raises:
        LocalError: it cannot be made, or belongs to somebody else.
    """
    try:
        state.mkdir(mode=0o700, parents=True, exist_ok=True)
        state.chmod(0o700)
    except OSError as error:
        raise LocalError(
            f"cannot keep state in {state}: {error.strerror}",
            hint="set IMGPIPE_STATE_DIR to a directory of your own",
        ) from error


def identity(state: Path) -> Identity:
    """Return what was remembered in ``state``; a new identity if nothing readable was."""
    with suppress(OSError, ValueError, TypeError):
        return Identity(**json.loads((state / _IDENTITY).read_text()))
    return Identity()


def remember(state: Path, known: Identity) -> None:
    """Write ``known`` in one piece, for the owner's eyes only."""
    draft = state / f"{_IDENTITY}.new"
    with private(draft) as file:
        file.write(json.dumps(asdict(known)).encode())
    draft.replace(state / _IDENTITY)


def private(path: Path) -> BinaryIO:
    """Open ``path`` for writing, empty; from the first byte on its owner alone may read it."""
    return open(path, "wb", opener=lambda name, flags: os.open(name, flags, 0o600))


@contextmanager
def lock(state: Path) -> Iterator[int | None]:
    """Yield the lock's file descriptor, or ``None`` while an embedded AWS runs on ``state``.

    The lock belongs to whoever holds the descriptor. The process inherits it, and the kernel frees
    it when that process ends in whatever way, so a process that was killed never looks alive and a
    reused pid never looks like ours.
    """
    descriptor = os.open(state / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        yield None
    else:
        yield descriptor
    finally:
        os.close(descriptor)


def running(state: Path) -> bool:
    """Say whether a process holds the lock, be it starting, serving, stopping or stuck."""
    if not state.is_dir():
        return False
    with lock(state) as free:
        return free is None


def clear_scratch(state: Path) -> None:
    """Make the place for temporary files anew.

    A process that was killed left its functions' unpacked code there.
    """
    shutil.rmtree(state / SCRATCH, ignore_errors=True)
    (state / SCRATCH).mkdir(mode=0o700)


def wipe(state: Path) -> None:
    """Delete the account with all its data; port and key stay. Nothing may be running."""
    for name in (DATA, SCRATCH):
        shutil.rmtree(state / name, ignore_errors=True)


def last_words(state: Path) -> str:
    """Return the last line that the process wrote to its standard streams."""
    lines = (state / OUTPUT).read_text(errors="replace").splitlines()
    return lines[-1] if lines else "it said nothing"
