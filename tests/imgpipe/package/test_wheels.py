"""The pinned wheels: fetched with the user's own pip, kept, and trusted only by their hashes."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Collection
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from zipfile import ZipFile

import pytest

from imgpipe.errors import PackageError
from imgpipe.package import is_installed
from imgpipe.package.cache import cache_directory
from imgpipe.package.wheels import PinnedWheels, pinned
from imgpipe.settings.runtimes import RUNTIMES, python_of

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]
MACHINES = {"arm64": "aarch64", "x86_64": "x86_64"}
SYSTEMS = ("manylinux_2_28", "manylinux_2_17")


@dataclass(frozen=True)
class Index:
    """A folder of wheels that pip takes for its only index."""

    folder: Path

    def wheel(self, name: str, machine: str) -> Path:
        """Where the wheel of ``name`` for ``machine`` lies."""
        return self.folder / f"{name}-1.0-cp312-cp312-manylinux_2_28_{machine}.whl"

    def add(self, name: str, machine: str) -> str:
        """Put a wheel of one module there and return its hash."""
        info = f"{name}-1.0.dist-info"
        with ZipFile(self.wheel(name, machine), "w") as archived:
            archived.writestr(f"{name}.py", f"MACHINE = {machine!r}\n")
            archived.writestr(
                f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n"
            )
            archived.writestr(
                f"{info}/WHEEL", f"Wheel-Version: 1.0\nTag: cp312-cp312-manylinux_2_28_{machine}\n"
            )
            archived.writestr(f"{info}/RECORD", "")
        return hashlib.sha256(self.wheel(name, machine).read_bytes()).hexdigest()


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Index:
    """An empty index."""
    folder = tmp_path / "index"
    folder.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return Index(folder)


@pytest.fixture
def wheels(tmp_path: Path, index: Index) -> PinnedWheels:
    """Two packages for both machines, pinned, and for arm64."""
    lines = [
        " ".join(
            [
                f"{name}==1.0",
                *(f"--hash=sha256:{index.add(name, machine)}" for machine in MACHINES.values()),
            ]
        )
        for name in ("one", "two")
    ]
    return PinnedWheels("arm64", requirements="\n".join(lines), cache=tmp_path / "cache")


def kept(wheels: PinnedWheels) -> list[Path]:
    """The wheels in the cache."""
    return sorted(wheels.cache.rglob("*.whl"))


@pytest.mark.parametrize("architecture", MACHINES)
def test_the_files_are_those_for_the_architecture(wheels: PinnedWheels, architecture: str) -> None:
    """Each of Lambda's processors gets the wheels for its own."""
    files = replace(wheels, architecture=architecture).files()
    assert files["one.py"] == files["two.py"] == f"MACHINE = {MACHINES[architecture]!r}\n".encode()


def test_both_architectures_can_be_kept_side_by_side(wheels: PinnedWheels) -> None:
    """One never takes the other's wheels, although both are pinned."""
    for architecture, machine in (*MACHINES.items(), *MACHINES.items()):
        assert machine in replace(wheels, architecture=architecture).files()["one.py"].decode()


def test_what_was_fetched_once_is_kept(wheels: PinnedWheels, index: Index) -> None:
    """The second time nothing is downloaded: the index may be gone."""
    first = wheels.files()
    for wheel in index.folder.iterdir():
        wheel.unlink()
    assert wheels.files() == first


def test_a_damaged_wheel_in_the_cache_is_fetched_again(wheels: PinnedWheels) -> None:
    """Bytes are believed only when their hash is the pinned one."""
    first = wheels.files()
    kept(wheels)[0].write_bytes(b"damaged")
    assert wheels.files() == first


def test_a_half_filled_cache_is_completed(wheels: PinnedWheels) -> None:
    """One wheel of two is not enough."""
    first = wheels.files()
    kept(wheels)[0].unlink()
    assert wheels.files() == first


def test_a_wheel_that_is_not_the_pinned_one_is_refused(wheels: PinnedWheels, index: Index) -> None:
    """Whatever changed it on the way: nothing of it is kept or used."""
    with ZipFile(index.wheel("two", "aarch64"), "a") as archived:
        archived.writestr("evil.py", "")
    with pytest.raises(PackageError, match="pinned hash") as raised:
        wheels.files()
    assert "pip config list" in raised.value.hint
    assert kept(wheels) == []


def test_a_wheel_that_cannot_be_had_says_what_to_do(wheels: PinnedWheels, index: Index) -> None:
    """pip's own last word, and the way round it."""
    index.wheel("two", "aarch64").unlink()
    with pytest.raises(
        PackageError, match="could not be downloaded: ERROR: No matching distribution"
    ) as raised:
        wheels.files()
    assert "--pillow-layer-arn" in raised.value.hint
    assert kept(wheels) == []


def test_a_cache_that_cannot_be_written_says_what_to_do(
    wheels: PinnedWheels, tmp_path: Path
) -> None:
    """A home that is read-only, or is not there."""
    (tmp_path / "file").touch()
    with pytest.raises(PackageError) as raised:
        replace(wheels, cache=tmp_path / "file" / "cache").files()
    assert "IMGPIPE_CACHE_DIR" in raised.value.hint


def test_the_fingerprint_needs_no_download_and_follows_pins_and_architecture(
    index: Index, tmp_path: Path
) -> None:
    """It stands for the files before they are there."""
    pins = PinnedWheels(
        "arm64", requirements=f"one==1.0 --hash=sha256:{'0' * 64}", cache=tmp_path / "cache"
    )
    others = [
        replace(pins, architecture="x86_64"),
        replace(pins, requirements=f"one==1.0 --hash=sha256:{'1' * 64}"),
    ]
    assert pins.fingerprint == replace(pins, cache=tmp_path / "elsewhere").fingerprint
    assert all(other.fingerprint != pins.fingerprint for other in others)
    assert list(index.folder.iterdir()) == []


def locked(name: str, runtime: str, machine: str) -> set[str]:
    """The hashes of the wheels that the lock has of a package for a runtime on a machine."""
    lock = tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))
    plain = name.lower().replace(".", "-")
    (package,) = [each for each in lock["package"] if each["name"] == plain]
    python = f"cp{python_of(runtime).replace('.', '')}"
    tags = rf"({python}-{python}|cp311-abi3)"
    systems = "|".join(SYSTEMS)
    tag = re.compile(rf"-{tags}-[\w.]*({systems})_{machine}[\w.]*\.whl$")
    return {wheel["hash"] for wheel in package["wheels"] if tag.search(wheel["url"])}


@pytest.mark.parametrize(
    ("file", "name", "machines"),
    [
        ("layer-requirements.txt", "Pillow", MACHINES.values()),
        ("layer-requirements.txt", "pi-heif", MACHINES.values()),
        ("jpeg-xl-requirements.txt", "imagecodecs", MACHINES.values()),
        ("auto-quality-requirements.txt", "mozjpeg-lossless-optimization", MACHINES.values()),
        ("auto-quality-requirements.txt", "pyjpegli", MACHINES.values()),
        ("resampling-requirements.txt", "cykooz.resizer", ["x86_64"]),
    ],
)
def test_lambda_gets_the_versions_that_are_tested_here(
    file: str, name: str, machines: Collection[str]
) -> None:
    """One wheel a runtime and architecture, of the very version that this environment has."""
    requirements = pinned(file)
    pin = re.search(
        rf"^{re.escape(name)}==(\S+)((?: +--hash=sha256:\w+)+)", requirements, re.MULTILINE
    )
    assert pin
    if is_installed(name):
        assert pin[1] == version(name)
    wheels = [locked(name, runtime, machine) for runtime in RUNTIMES for machine in machines]
    assert {len(hashes) for hashes in wheels} == {1}
    assert set(re.findall(r"sha256:\w+", pin[2])) == set().union(*wheels)


def test_there_is_still_no_wheel_for_arm64_of_what_resamples() -> None:
    """The day there is one, its layer is to get it."""
    assert not any(locked("cykooz.resizer", runtime, "aarch64") for runtime in RUNTIMES)


def test_no_index_is_written_anywhere() -> None:
    """Where packages come from is the user's own setting."""
    found = [*(ROOT / "imgpipe" / "package").glob("*-requirements.txt")]
    assert len(found) >= 3
    assert not any("://" in each.read_text(encoding="utf-8") for each in found)


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"IMGPIPE_CACHE_DIR": "/own", "XDG_CACHE_HOME": "/xdg"}, "/own"),
        ({"IMGPIPE_CACHE_DIR": "", "XDG_CACHE_HOME": "/xdg"}, "/xdg/imgpipe"),
    ],
)
def test_the_cache_is_where_the_user_wants_it(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], expected: str
) -> None:
    """Our own variable first, then the desktop's."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert cache_directory() == Path(expected)


def test_the_cache_is_in_the_home_otherwise(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """In the folder the system has for caches."""
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("IMGPIPE_CACHE_DIR", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    assert cache_directory() in {tmp_path / ".cache/imgpipe", tmp_path / "Library/Caches/imgpipe"}
