"""The function's code: all it needs, where the handler looks for it, and a digest that travels."""

from __future__ import annotations

import os
import subprocess
import sys
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import ZipFile

import pytest

from handler.schema import OPERATIONS
from imgpipe.package import ENTRY_POINT, HandlerCode

if TYPE_CHECKING:
    from collections.abc import Mapping

HERE = f"{sys.version_info.major}.{sys.version_info.minor}"


LOGO = b"\x89PNG\r\n\x1a\na logo"


@pytest.fixture
def logo(tmp_path: Path) -> Path:
    """A file of the user's."""
    return written(tmp_path / "logo.png", LOGO)


def written(path: Path, content: bytes) -> Path:
    """The path of a file with this content."""
    path.write_bytes(content)
    return path


def unpacked(code: bytes) -> Mapping[str, bytes]:
    """Every file in the zip."""
    with ZipFile(BytesIO(code)) as archived:
        return {name: archived.read(name) for name in archived.namelist()}


def test_it_holds_the_handler_the_assets_and_the_service_data(logo: Path) -> None:
    """Each where the handler looks for it; nothing compiled for a Python that is not asked for."""
    files = unpacked(HandlerCode((logo,), python="3.0").build())
    assert "handler/lambda_function.py" in files
    assert any(name.startswith("handler/fonts/") and name.endswith(".ttf") for name in files)
    assert files["assets/logo.png"] == LOGO
    assert "aws/s3/2006-03-01/service-2.json" in files
    assert not [name for name in files if name.endswith(".pyc")]


def test_it_runs_where_it_is_unpacked(tmp_path: Path, logo: Path) -> None:
    """The entry point can be imported from the zip alone, with clients made of the data in it."""
    with ZipFile(BytesIO(HandlerCode((logo,), python=HERE).build())) as archived:
        archived.extractall(tmp_path)
    module, _, function = ENTRY_POINT.rpartition(".")
    code = (
        f"import {module} as entry, sys; assert callable(entry.{function}); "
        "model = entry._SERVICES.s3.meta.service_model; "
        "print(entry.__file__, entry.__cached__, model.operation_names)"
    )
    variables = {
        "SOURCE_BUCKET": "in",
        "DEST_BUCKET": "out",
        "TABLE_NAME": "t",
        "AWS_DEFAULT_REGION": "eu-west-1",
    }
    environment = {**os.environ, **variables, "PYTHONPATH": "", "PYTHONDONTWRITEBYTECODE": "1"}
    ran = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert str(tmp_path / "handler/lambda_function.py") in ran.stdout
    assert str(sorted(OPERATIONS["s3"])) in ran.stdout
    assert (
        tmp_path / f"handler/__pycache__/lambda_function.cpython-{HERE.replace('.', '')}.pyc"
    ).exists()


def test_it_is_the_same_each_time(logo: Path) -> None:
    """Two builds give the same bytes."""
    assert HandlerCode((logo,), python=HERE).build() == HandlerCode((logo,), python=HERE).build()


def test_who_builds_does_not_change_the_digest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, logo: Path
) -> None:
    """With and without a Python of the function's version: the zips differ, the digests do not."""
    code = HandlerCode((logo,), python="3.0")
    digest, source_only = code.digest, code.build()
    compiler = tmp_path / "python3.0"
    compiler.write_text(
        '#!/bin/sh\nfor root; do :; done\ncache="$root/handler/__pycache__"\n'
        'mkdir "$cache"\n>"$cache/a.cpython-30.pyc"\n'
    )
    compiler.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    assert "handler/__pycache__/a.cpython-30.pyc" in unpacked(code.build())
    assert code.build() != source_only
    assert code.digest == digest


def test_another_asset_is_another_digest(logo: Path, tmp_path: Path) -> None:
    """Added, removed, renamed or changed."""
    digest = HandlerCode((logo,)).digest
    other, font = written(tmp_path / "other.png", LOGO), written(tmp_path / "font.ttf", b"")
    assert digest not in {HandlerCode(files).digest for files in ((), (other,), (logo, font))}
    logo.write_bytes(b"another")
    assert HandlerCode((logo,)).digest != digest


def test_it_can_be_a_key(logo: Path) -> None:
    """Resources are kept in sets."""
    assert len({HandlerCode((logo,)), HandlerCode((logo,)), HandlerCode()}) == 2
