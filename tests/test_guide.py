"""What the guide has people write is what imgpipe takes."""

from __future__ import annotations

import re
from pathlib import Path

from imgpipe.settings import load

ROOT = Path(__file__).parent.parent
GUIDE = (ROOT / "docs" / "guide.md").read_text(encoding="utf-8")


def test_the_guides_settings_are_accepted(tmp_path: Path) -> None:
    """And mean what the guide says: a large picture with a mark, and a thumbnail without."""
    (example,) = re.findall(r"```toml\n(.*?)```", GUIDE, re.DOTALL)
    (tmp_path / "imgpipe.toml").write_text(example, encoding="utf-8")
    settings = load({}, {}, tmp_path / "imgpipe.toml")
    large, thumb = settings.recipe.renditions
    assert settings.region == "eu-central-1"
    assert (large.width, thumb.name, thumb.width) == (1600, "thumb", 400)
    assert large.watermark is not None
    assert thumb.watermark is None
