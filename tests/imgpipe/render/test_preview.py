"""What preview prints: aligned facts, hostile names shown harmlessly, the same values as JSON."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from imgpipe.pictures.files import LocalFile
from imgpipe.pictures.preview import Preview, Rendered
from imgpipe.render import preview as render
from imgpipe.render._screen import Screen
from tests.support.shown import data, shown

if TYPE_CHECKING:
    import pytest

EVIL = "evil\x1b[2J\n\u202e.jpg"
TREE = Preview(
    LocalFile(Path("in/tree.jpg"), "tree.jpg", 829_183, "image/jpeg"),
    0.1234,
    (
        Rendered(
            Path("out/processed-tree.jpg"),
            "processed-tree.jpg",
            "",
            735,
            600,
            72_300,
            ("a warning", "another"),
        ),
        Rendered(
            Path("out/processed-tree--thumb.jpg"),
            "processed-tree--thumb.jpg",
            "thumb",
            100,
            82,
            900,
            (),
        ),
    ),
)
REFUSED = Preview(
    LocalFile(Path("in", EVIL), EVIL, 12, "image/jpeg"), 0.0, reason=f"damaged: {EVIL}"
)


def test_every_rendition_has_a_line_with_its_facts() -> None:
    """The time is the picture's, for it is decoded once."""
    header, first, second, refused = shown(render.VIEW, [TREE, REFUSED]).splitlines()
    assert header.split() == ["PICTURE", "PIXELS", "BEFORE", "AFTER", "TIME", "RESULT"]
    assert first.split() == [
        "tree.jpg",
        "735",
        "x",
        "600",
        "829.2",
        "kB",
        "72.3",
        "kB",
        "0.12",
        "s",
        "processed-tree.jpg",
    ]
    assert second.split() == [
        "tree.jpg",
        "100",
        "x",
        "82",
        "829.2",
        "kB",
        "900",
        "bytes",
        "processed-tree--thumb.jpg",
    ]
    assert refused.endswith(r"damaged: evil\x1b[2J\n\u202e.jpg")


def test_warnings_and_the_folder_are_narration() -> None:
    """Beside the data."""
    warning, folder = render.notes([TREE, REFUSED], Path("out"))
    assert warning == "Note on processed-tree.jpg: a warning; another"
    assert folder.strip() == "The results are in out"
    assert "warning" not in shown(render.VIEW, [TREE])


def test_a_hostile_name_reaches_no_terminal() -> None:
    """Neither escape sequences nor characters that turn the line around."""
    evil = Rendered(Path("out", EVIL), EVIL, "", 1, 1, 1, (EVIL,))
    previews = [Preview(REFUSED.file, 0.0, (evil,)), REFUSED]
    said = shown(render.VIEW, previews) + "".join(render.notes(previews, Path(EVIL)))
    assert "evil" in said
    assert not set("\x1b\u202e") & set(said)


def test_json_holds_the_same_values() -> None:
    """And nothing else is on stdout."""
    tree, refused = data(render.VIEW, [TREE, REFUSED])
    assert (tree["file"], tree["size"], tree["seconds"], tree["reason"]) == (
        "in/tree.jpg",
        829_183,
        0.123,
        "",
    )
    assert tree["renditions"][0] == {
        "path": "out/processed-tree.jpg",
        "key": "processed-tree.jpg",
        "rendition": "",
        "width": 735,
        "height": 600,
        "size": 72_300,
        "warnings": ["a warning", "another"],
    }
    assert (refused["reason"], refused["renditions"]) == (REFUSED.reason, [])


def test_quiet_leaves_the_data(capsys: pytest.CaptureFixture[str]) -> None:
    """Warnings and the folder are narration."""
    screen = Screen("preview", quiet=True)
    previews = list(render.narrated(iter([TREE]), 1, screen))
    screen.show(render.VIEW, previews)
    for note in render.notes(previews, Path("out")):
        screen.say(note)
    out, err = capsys.readouterr()
    assert previews == [TREE]
    assert "processed-tree.jpg" in out
    assert not err
