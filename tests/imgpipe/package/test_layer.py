"""The layer: real binaries for the function's processor, where Lambda looks, and no ballast."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import ZipFile

import pytest

import handler
from imgpipe.errors import PackageError
from imgpipe.package import (
    AUTO_QUALITY,
    JPEG_XL,
    RESAMPLING,
    InstalledDistributions,
    LayerContent,
    PinnedWheels,
    WithPart,
    is_installed,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

pytestmark = pytest.mark.slow

HERE = f"{sys.version_info.major}.{sys.version_info.minor}"
# e_machine, https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html
ELF_MACHINES = {"arm64": 183, "x86_64": 62}


@dataclass(frozen=True)
class Given:
    """A package of these files."""

    given: tuple[tuple[str, bytes], ...]

    @property
    def fingerprint(self) -> bytes:
        return repr(self.given).encode()

    def files(self) -> Mapping[str, bytes]:
        return dict(self.given)


def unpacked(content: LayerContent) -> dict[str, bytes]:
    """Every file in the layer."""
    with ZipFile(BytesIO(content.build())) as archived:
        return {name: archived.read(name) for name in archived.namelist()}


def run_alone(folder: Path, code: str) -> str:
    """Run ``code`` with the layer unpacked in ``folder``, our handler and nothing installed."""
    paths = [str(folder / "python"), str(Path(handler.__file__).parents[1])]
    ran = subprocess.run(
        [sys.executable, "-S", "-c", code],
        env={"PYTHONPATH": os.pathsep.join(paths)},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    return ran.stdout


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache of this run's own, filled by the first that needs it."""
    return tmp_path_factory.mktemp("cache")


@pytest.mark.parametrize("architecture", ELF_MACHINES)
def test_the_binaries_are_for_the_functions_processor_and_python(
    cache: Path, architecture: str
) -> None:
    """Every shared object is for that processor, every extension module for CPython 3.12."""
    files = unpacked(LayerContent(PinnedWheels(architecture, cache=cache)))
    binaries = {name: content for name, content in files.items() if content.startswith(b"\x7fELF")}
    assert {int.from_bytes(content[18:20], "little") for content in binaries.values()} == {
        ELF_MACHINES[architecture]
    }
    machine = {"arm64": "aarch64", "x86_64": "x86_64"}[architecture]
    assert f"python/PIL/_imaging.cpython-312-{machine}-linux-gnu.so" in binaries
    assert f"python/_pi_heif.cpython-312-{machine}-linux-gnu.so" in binaries
    assert any(name.startswith("python/pillow.libs/libjpeg") for name in binaries)
    assert all("cpython-312" in name for name in binaries if ".cpython-" in name)


def test_the_embedded_aws_gets_what_is_installed_here(tmp_path: Path) -> None:
    """Its functions run in this very Python: unpacked, the layer alone lets it open a HEIC file."""
    with ZipFile(BytesIO(LayerContent(InstalledDistributions(), HERE).build())) as archived:
        archived.extractall(tmp_path)
    code = "import PIL.Image, PIL._imaging, PIL._webp, pi_heif; "
    code += "print(PIL._imaging.__file__, pi_heif.libheif_version())"
    assert run_alone(tmp_path, code).startswith(str(tmp_path / "python/PIL/_imaging"))


def test_for_jpeg_xl_the_layer_gets_its_library_and_nothing_beside_it(tmp_path: Path) -> None:
    """Unpacked, the layer alone lets its reader be loaded; numpy and fifty codecs stay behind."""
    imagecodecs = InstalledDistributions(("imagecodecs",))
    source = WithPart(InstalledDistributions(("Pillow",)), imagecodecs, JPEG_XL)
    with ZipFile(BytesIO(LayerContent(source, HERE).build())) as archived:
        names = [each for each in archived.namelist() if "imagecodecs" in each]
        archived.extractall(tmp_path)
    assert sum("/lib" in each for each in names) == len([*tmp_path.rglob("*codecs.libs/*")]) == 5
    assert sum("LICENSE" in each for each in names) == 4
    code = "from handler.image.jpegxl import library; print(library.LIBRARY._name)"
    said = run_alone(tmp_path, code)
    assert said.startswith(str(tmp_path / "python/imagecodecs.libs/libjxl-"))


@pytest.mark.skipif(not is_installed("cykooz.resizer"), reason="it has no wheel for this platform")
def test_of_what_resamples_the_layer_gets_the_module_and_no_python(tmp_path: Path) -> None:
    """Unpacked, the layer alone lets it be loaded, with nothing else of its package to run."""
    resizer = InstalledDistributions(("cykooz.resizer",))
    source = WithPart(InstalledDistributions(("Pillow",)), resizer, RESAMPLING)
    with ZipFile(BytesIO(LayerContent(source, HERE).build())) as archived:
        names = [each for each in archived.namelist() if "cykooz" in each]
        archived.extractall(tmp_path)
    assert sum(each.endswith(".so") for each in names) == 1
    assert sum("LICENSE" in each for each in names) == 2
    assert not [each for each in names if each.endswith((".py", ".pyc"))]
    code = "from handler.image import resample; print(resample._library().__file__)"
    said = run_alone(tmp_path, code)
    assert said.startswith(str(tmp_path / "python/cykooz_resizer/rust_lib"))


def test_for_auto_quality_the_layer_gets_two_libraries(tmp_path: Path) -> None:
    """Unpacked, the layer alone writes a JPEG by both; MozJPEG's Python stays behind."""
    more = InstalledDistributions(("mozjpeg-lossless-optimization", "pyjpegli"))
    source = WithPart(InstalledDistributions(("Pillow",)), more, AUTO_QUALITY)
    with ZipFile(BytesIO(LayerContent(source, HERE).build())) as archived:
        names = [each for each in archived.namelist() if "jpeg" in each and "pillow" not in each]
        archived.extractall(tmp_path)
    assert sum(each.endswith(".so") for each in names) == 2
    assert sum("LICENSE" in each for each in names) >= 2
    code = "import PIL.Image; from handler.image import jpegli; "
    code += "body = jpegli._transcoded(jpegli.pyjpegli.encode(bytes(192), 8, 8)); "
    code += "print(jpegli._LIBRARY._name, bytes([255, 0xC2]) in body)"
    said = run_alone(tmp_path, code)
    assert said.startswith(str(tmp_path / "python/mozjpeg_lossless_optimization/"))
    assert said.endswith(" True\n")


@pytest.mark.parametrize("part", [JPEG_XL, RESAMPLING, AUTO_QUALITY])
def test_the_digest_says_which_parts_there_are(part: re.Pattern[str]) -> None:
    """So a setup that changes nothing builds nothing, and going back makes what was."""
    plain = Given((("a.py", b"1"),))
    more = WithPart(plain, Given((("b.py", b"2"),)), part)
    digests = [LayerContent(each).digest for each in (plain, more, plain, replace(more))]
    assert digests[0] == digests[2] != digests[1] == digests[3]
    assert set(more.files()) == {"a.py"}


def test_a_package_that_is_not_installed_says_what_to_do() -> None:
    """The embedded AWS comes with an extra."""
    with pytest.raises(PackageError, match="no-such-package is not installed") as raised:
        InstalledDistributions(("no-such-package",)).files()
    assert "imgpipe[local]" in raised.value.hint
    with pytest.raises(PackageError) as raised:
        InstalledDistributions(("no-such-package",), "local,jxl").files()
    assert "imgpipe[local,jxl]" in raised.value.hint


def test_ballast_stays_behind_and_licences_come_along() -> None:
    """Types, build records and the Tk bridge are of no use to a function."""
    ballast = (
        "PIL/Image.pyi",
        "PIL/py.typed",
        "PIL/_imagingtk.so",
        "PIL/__pycache__/Image.cpython-38.pyc",
        "p.dist-info/RECORD",
    )
    needed = (
        "PIL/Image.py",
        "PIL/_imaging.so",
        "p.libs/libjpeg.so",
        "p.dist-info/METADATA",
        "p.dist-info/licenses/LICENSE",
    )
    content = LayerContent(Given(tuple((name, b"") for name in (*ballast, *needed))), python="3.0")
    assert set(unpacked(content)) == {f"python/{name}" for name in needed}


def test_modules_come_with_bytecode_for_the_functions_python() -> None:
    """Lambda cannot write its own beside them."""
    content = LayerContent(Given((("module.py", b"VALUE = 7"),)), python=HERE)
    assert set(unpacked(content)) == {
        "python/module.py",
        f"python/__pycache__/module.cpython-{HERE.replace('.', '')}.pyc",
    }


def test_the_digest_follows_source_and_python_and_needs_no_files() -> None:
    """It is known at once, and is another for whatever would make another layer."""
    content = LayerContent(Given((("a.py", b"1"),)), python="3.12")
    others = [replace(content, python="3.13"), replace(content, source=Given((("a.py", b"2"),)))]
    assert content.digest == replace(content).digest
    assert len({content.digest, *(other.digest for other in others)}) == 3
    assert LayerContent(PinnedWheels("arm64")).digest != LayerContent(PinnedWheels("x86_64")).digest
