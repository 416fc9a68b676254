"""The watermark's own files, looked at before anything is set up."""

from __future__ import annotations

from pathlib import Path

import pytest

from imgpipe.errors import SettingsError
from imgpipe.settings import assets


@pytest.mark.parametrize(("mark", "name"), [(b"wOFF", "WOFF"), (b"wOF2", "WOFF2")])
def test_a_web_font_is_refused_by_name(tmp_path: Path, mark: bytes, name: str) -> None:
    """Whatever it is called: deployed, it would fail for every picture."""
    path = tmp_path / "brand.ttf"
    path.write_bytes(mark + bytes(60))
    with pytest.raises(SettingsError, match=rf"is a web font \({name}\)"):
        assets.contents([path])
