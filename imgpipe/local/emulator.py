"""An embedded AWS that runs: how it is found again, and how other tools can look at it."""

from __future__ import annotations

import json
import shlex
import urllib.request
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from imgpipe.local import state as states

if TYPE_CHECKING:
    from pathlib import Path

ACCOUNT: Final = "000000000000"
REGION: Final = "us-east-1"

ANSWER_SECONDS: Final = 3.0
# What would lead an SDK past the exported variables, or add to them.
_MISLEADING: Final = (
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_SESSION_TOKEN",
    "AWS_SECURITY_TOKEN",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
)
# No proxy of the user's environment may come between us and loopback: not here, ...
_LOOPBACK: Final = urllib.request.build_opener(urllib.request.ProxyHandler({}))
# ... and in no shell, whose own exceptions stay. Programs look for either name.
_PAST_PROXIES: Final = (
    'export NO_PROXY="127.0.0.1,${no_proxy:-${NO_PROXY:-}}"',
    'export no_proxy="$NO_PROXY"',
)


@dataclass(frozen=True)
class Emulator:
    """Where it listens, which process it is, and its root's key pair.

    Nobody but the state directory's owner can read that.
    """

    port: int
    pid: int
    access_key: str = field(repr=False)
    secret_key: str = field(repr=False)
    account: str = ACCOUNT
    region: str = REGION

    @property
    def url(self) -> str:
        """The endpoint URL of every service."""
        return f"http://127.0.0.1:{self.port}"


def find(state: Path) -> Emulator | None:
    """Return the embedded AWS that runs on ``state``, ``None`` if none answers in 3 s.

    Which process it is, it says itself: a pid read from a file may meanwhile be somebody else's,
    and so may the port.
    """
    known = states.identity(state)
    try:
        with _LOOPBACK.open(
            f"http://127.0.0.1:{known.port}/_imgpipe", timeout=ANSWER_SECONDS
        ) as answer:
            about = json.loads(answer.read(10_000))
        ours = about["state"] == str(state.resolve())
        return (
            Emulator(known.port, int(about["pid"]), known.access_key, known.secret_key)
            if ours
            else None
        )
    except (OSError, ValueError, TypeError, KeyError):
        return None


def environment(emulator: Emulator) -> dict[str, str]:
    """Return the variables that lead aws-cli or any SDK to ``emulator``."""
    return {
        "AWS_ENDPOINT_URL": emulator.url,
        "AWS_ACCESS_KEY_ID": emulator.access_key,
        "AWS_SECRET_ACCESS_KEY": emulator.secret_key,
        "AWS_REGION": emulator.region,
        "AWS_DEFAULT_REGION": emulator.region,
    }


def exports(emulator: Emulator) -> str:
    """Return the same as lines for a POSIX shell's ``eval``.

    They also unset what would lead elsewhere, and lead past every proxy.
    """
    lines = [f"export {name}={shlex.quote(value)}" for name, value in environment(emulator).items()]
    return "\n".join([f"unset {' '.join(_MISLEADING)}", *lines, *_PAST_PROXIES])
