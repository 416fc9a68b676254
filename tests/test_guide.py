"""What the guide has people type and write is what imgpipe takes."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from imgpipe.settings import load

ROOT = Path(__file__).parent.parent
GUIDE = (ROOT / "docs" / "guide.md").read_text(encoding="utf-8")
SECTIONS = dict(
    re.findall(
        r"^## imgpipe ?([a-z -]*)\n\n```\n(.*?)^```$",
        (ROOT / "docs" / "cli.md").read_text(encoding="utf-8"),
        re.MULTILINE | re.DOTALL,
    )
)
BLOCKS = "".join(re.findall(r"```sh\n(.*?)```", GUIDE, re.DOTALL))
COMMANDS = sorted(set(re.findall(r"^imgpipe .+", BLOCKS, re.MULTILINE)))


@pytest.mark.parametrize("line", COMMANDS)
def test_every_command_in_the_guide_is_in_the_reference_with_its_options(line: str) -> None:
    """Options may stand before or behind a command; both are looked up in the reference."""
    words = shlex.split(line, comments=True)[1:]
    plain = [word for word in words if not word.startswith("-")]
    command = next((" ".join(plain[:n]) for n in (2, 1) if " ".join(plain[:n]) in SECTIONS), "")
    options = {word for word in words if word.startswith("-")}
    assert command or words == ["--version"]
    assert options <= set(re.findall(r"--?[a-z][a-z-]*", SECTIONS[""] + SECTIONS[command]))


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
