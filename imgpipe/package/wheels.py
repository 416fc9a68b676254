"""The pinned wheels the layer on AWS is made of.

pip itself downloads them, so that the user's indexes, proxies, mirrors and certificates count as
everywhere else. What it brought is kept in the user's cache directory, and held against the pinned
hashes every time it is read.
"""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
from dataclasses import dataclass, field
from importlib.resources import files
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final
from zipfile import ZipFile

from imgpipe.errors import PackageError
from imgpipe.package.archive import digest
from imgpipe.package.cache import cache_directory

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_REQUIREMENT: Final = re.compile(r"^[\w.-]+==\S+((?:\s+--hash=sha256:[0-9a-f]{64})+)", re.MULTILINE)
_HASH: Final = re.compile(r"sha256:([0-9a-f]{64})")
_SECONDS: Final = 600
# Lambda's names of processors, and the wheels'.
_MACHINES: Final[Mapping[str, str]] = {"arm64": "aarch64", "x86_64": "x86_64"}
# https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html: python3.12 and later run on
# Amazon Linux 2023, whose glibc 2.34 takes these; pip takes a platform for no other than it says.
_SYSTEMS: Final = ("manylinux_2_28", "manylinux_2_17")


def pinned(name: str) -> str:
    """Return the requirements of ``name``, a file of this package, one a line."""
    return files("imgpipe.package").joinpath(name).read_text().replace("\\\n", " ")


def _requirements() -> str:
    return pinned("layer-requirements.txt")


@dataclass(frozen=True)
class PinnedWheels:
    """The wheels of ``requirements`` for ``architecture`` and ``python`` (``arm64``, ``3.12``).

    ``requirements`` are in pip's format, each with its hashes.
    """

    architecture: str
    python: str = "3.12"
    requirements: str = field(default_factory=_requirements, repr=False)
    cache: Path = field(default_factory=cache_directory)

    @property
    def fingerprint(self) -> bytes:
        """The pins and the platform: nothing is downloaded to know what the files will be."""
        return "\n".join(
            [self._platforms()[0], self.python, *_REQUIREMENT.findall(self.requirements)]
        ).encode()

    def files(self) -> dict[str, bytes]:
        """Return every file in the wheels by its path below site-packages.

        Downloaded the first time only.

        Raises:
            PackageError: pip failed, a wheel is not the pinned one, or the cache directory cannot
            be written.
        """
        return {name: content for wheel in self._wheels() for name, content in _unpacked(wheel)}

    def _platforms(self) -> list[str]:
        """Return the wheels' names of what the function runs on, the best first."""
        return [f"{system}_{_MACHINES[self.architecture]}" for system in _SYSTEMS]

    def _wheels(self) -> list[bytes]:
        folder = self.cache / "wheels" / digest([self.fingerprint])
        try:
            found = self._pinned(folder)
            if found is None:
                self._download(folder)
                found = self._pinned(folder)
        except OSError as error:
            hint = "set IMGPIPE_CACHE_DIR to a directory that can be written"
            raise PackageError(
                f"the cache for the layer's wheels fails: {error}", hint=hint
            ) from error
        if found is None:
            raise _mismatch()
        return found

    def _pinned(self, folder: Path) -> list[bytes] | None:
        """Return one wheel's content a pin, or ``None`` unless all are there and unharmed."""
        wheels = {
            hashlib.sha256(content).hexdigest(): content
            for content in map(Path.read_bytes, sorted(folder.glob("*.whl")))
        }
        pins = [set(_HASH.findall(hashes)) for hashes in _REQUIREMENT.findall(self.requirements)]
        found = [wheels[name] for pin in pins for name in pin & wheels.keys()]
        return found if len(found) == len(pins) else None

    def _download(self, folder: Path) -> None:
        """Fill ``folder`` through a temporary neighbour.

        So a broken download never looks like a finished one.
        """
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=self.cache) as place:
            listed = Path(place, "requirements.txt")
            listed.write_text(self.requirements)
            _pip_download(listed, Path(place), self._platforms(), self.python)
            for wheel in Path(place).glob("*.whl"):
                wheel.replace(folder / wheel.name)


def _pip_download(requirements: Path, folder: Path, platforms: Sequence[str], python: str) -> None:
    """Download with hashes checked.

    ``-P`` keeps the current directory, which may hold anything, off pip's path.
    """
    exactly = [
        "--no-deps",
        "--only-binary=:all:",
        "--require-hashes",
        "--implementation=cp",
        f"--abi=cp{python.replace('.', '')}",
    ]
    target = [
        *(f"--platform={platform}" for platform in platforms),
        f"--python-version={python}",
        f"--dest={folder}",
        f"--requirement={requirements}",
    ]
    command = [
        sys.executable,
        "-P",
        "-m",
        "pip",
        "download",
        "--quiet",
        "--no-input",
        "--disable-pip-version-check",
        *exactly,
        *target,
    ]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=_SECONDS
        )
    except subprocess.TimeoutExpired as error:
        raise _failed(f"pip took more than {_SECONDS} s") from error
    if "DO NOT MATCH THE HASHES" in done.stderr:
        raise _mismatch()
    if done.returncode:
        errors = [
            line for line in done.stderr.splitlines() if line.startswith("ERROR")
        ] or done.stderr.splitlines()
        raise _failed(errors[-1] if errors else f"pip ended with status {done.returncode}")


def _failed(reason: str) -> PackageError:
    hint = (
        "check the network and 'pip config list', or attach a published layer with "
        "--pillow-layer-arn"
    )
    return PackageError(f"the layer's wheels could not be downloaded: {reason}", hint=hint)


def _mismatch() -> PackageError:
    hint = (
        "something on the way changed it: check the indexes in 'pip config list', then run "
        "setup again"
    )
    return PackageError("a wheel for the Pillow layer does not have its pinned hash", hint=hint)


def _unpacked(wheel: bytes) -> Iterator[tuple[str, bytes]]:
    with ZipFile(BytesIO(wheel)) as archived:
        for entry in archived.infolist():
            if not entry.is_dir():
                yield entry.filename, archived.read(entry)
