"""The whole journey through a real account, or through the embedded AWS: ``make aws``.

Sets a stage of its own up, sends pictures through it, looks at everything, and takes it away again,
whatever happened meanwhile. An account is only touched where ``IMGPIPE_JOURNEY_ACCOUNT`` names it:

    IMGPIPE_JOURNEY_ACCOUNT=123456789012 AWS_PROFILE=... AWS_REGION=... make aws

``python -m scripts.journey --local`` runs the same on the embedded AWS.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from imgpipe.errors import ImgpipeError

ACCOUNT_VARIABLE: Final = "IMGPIPE_JOURNEY_ACCOUNT"
BUDGET: Final = "less than $0.05: three pictures, some hundred requests, a distribution for minutes"
_STEP_SECONDS: Final = 2400  # CloudFront may need half an hour to take a distribution down
_LOGS_SECONDS: Final = 120


class JourneyError(Exception):
    """Something was not as it should be."""


@dataclass(frozen=True)
class Traveller:
    """Runs ``imgpipe`` with the options that lead to the journey's own stage."""

    options: Sequence[str]
    folder: Path

    def run(self, *command: str, code: int = 0) -> subprocess.CompletedProcess[str]:
        """Run one command and return what it printed; ``JourneyError`` for another exit code."""
        call = [sys.executable, "-m", "imgpipe", *self.options, "--output", "json", *command]
        done = subprocess.run(
            call,
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            capture_output=True,
            text=True,
            timeout=_STEP_SECONDS,
            check=False,
        )
        if done.returncode != code:
            said = f"{done.stdout}\n{done.stderr}"
            raise JourneyError(f"imgpipe {' '.join(command)} -> {done.returncode}\n{said}")
        return done

    def data(self, *command: str, code: int = 0) -> Any:
        """Run one command and return the data of its envelope."""
        return json.loads(self.run(*command, code=code).stdout)["data"]

    def stream(self, *command: str) -> list[Any]:
        """Run one command that streams and return the data of every line."""
        return [json.loads(line)["data"] for line in self.run(*command).stdout.splitlines()]


Steps = Sequence[tuple[str, Callable[[Traveller], None]]]


def main(arguments: Sequence[str]) -> int:
    """Travel; return 0 if all was as it should be, 1 if not, 2 if the account may not be used."""
    local = list(arguments) == ["--local"]
    if not local and (refusal := refused(os.environ)):
        sys.stderr.write(f"{refusal}\n")
        return 2
    _say(f"Budget: {BUDGET}." if not local else "On the embedded AWS: costs nothing.")
    stage = f"j{int(time.time()) % 10**8}"
    with tempfile.TemporaryDirectory() as folder:
        options = [*(["--local"] if local else []), "--stage", stage]
        return _travelled(Traveller(options, Path(folder)))


def refused(environ: Mapping[str, str]) -> str:
    """Return why this account may not be used; empty if the environment names it."""
    allowed = environ.get(ACCOUNT_VARIABLE)
    if not allowed:
        return f"{ACCOUNT_VARIABLE} names no account: nothing is touched without it"
    from imgpipe.aws.account import connect  # noqa: PLC0415 - boto3, for this one question

    account = connect(region=environ.get("AWS_REGION")).account
    if account != allowed:
        return f"these credentials lead to account {account}, and {ACCOUNT_VARIABLE} is {allowed}"
    return ""


def _travelled(traveller: Traveller) -> int:
    """Take every step, and the pipeline away whatever became of them; return the exit code."""
    failures = [*_failures(traveller, STEPS), *_failures(traveller, LAST)]
    for failure in failures:
        _say(f"FAILED: {failure}")
    return 1 if failures else 0


def _failures(traveller: Traveller, steps: Steps) -> Iterator[Exception]:
    """Take ``steps`` and yield the error that ended them, if one did."""
    try:
        for title, step in steps:
            began = time.monotonic()
            step(traveller)
            _say(f"{time.monotonic() - began:7.1f} s  {title}")
    except (JourneyError, ImgpipeError, subprocess.TimeoutExpired) as error:
        yield error


def _set_up(traveller: Traveller) -> None:
    data = traveller.data("setup", "--wait")
    _expect({each["state"] for each in data["resources"]} == {"created"}, "all is created")


def _process(traveller: Traveller) -> None:
    from imgpipe import cdn  # noqa: PLC0415 - with what it needs

    photo = traveller.folder / "photo.jpg"
    photo.write_bytes(files("imgpipe.pictures").joinpath("sample.jpg").read_bytes())
    (picture,) = traveller.data("upload", str(photo))
    _expect(picture["status"] == "processed", f"the picture is processed: {picture}")
    for rendition in picture["renditions"]:
        row = rendition["row"]
        cdn.checked(rendition["url"], row["content_type"], row["size"])


def _reject(traveller: Traveller) -> None:
    broken = traveller.folder / "broken.jpg"
    broken.write_bytes(b"\xff\xd8\xff\xe0 no picture")
    (picture,) = traveller.data("upload", str(broken), code=4)
    _expect(picture["status"] == "rejected" and bool(picture["reason"]), f"rejected: {picture}")


def _list(traveller: Traveller) -> None:
    sources = {row["source_key"] for row in traveller.stream("list-metadata")}
    _expect({"photo.jpg", "broken.jpg"} <= sources, f"both pictures are listed: {sources}")


def _look(traveller: Traveller) -> None:
    status = traveller.data("status")
    _expect(status["in_sync"], f"everything is in sync: {status}")
    again = traveller.data("setup")
    states = {each["state"] for each in again["resources"]}
    _expect(states == {"unchanged"}, f"a second setup changes nothing: {states}")


def _invoke(traveller: Traveller) -> None:
    done = traveller.data("invoke", "photo.jpg")
    _expect(done["result"]["processed"], f"the function runs by hand: {done}")


def _read_log(traveller: Traveller) -> None:
    """Lines reach CloudWatch some seconds after they were written."""

    def told() -> bool:
        lines = traveller.stream("logs", "--since", "1h")
        return any("photo.jpg" in line["message"] for line in lines)

    _expect(_soon(told, _LOGS_SECONDS), "the log tells of the picture")


def _tear_down(traveller: Traveller) -> None:
    data = traveller.data("teardown", "--yes")
    _expect(not data["leftovers"], f"nothing is left: {data['leftovers']}")
    standing = traveller.data("teardown", "--dry-run")["standing"]
    _expect(not standing, f"nothing stands: {standing}")


STEPS: Final[Steps] = (
    ("set it up", _set_up),
    ("send a picture through it, and fetch it from the CDN", _process),
    ("send a broken picture", _reject),
    ("list what became of both", _list),
    ("look: in sync, and a second setup changes nothing", _look),
    ("run the function by hand", _invoke),
    ("read its log", _read_log),
)
LAST: Final[Steps] = (("take it away, and prove it", _tear_down),)


def _soon(true: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            return False
        time.sleep(2)
    return True


def _expect(true: bool, what: str) -> None:  # noqa: FBT001 - an assertion that stays with -O
    if not true:
        raise JourneyError(f"expected: {what}")


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
