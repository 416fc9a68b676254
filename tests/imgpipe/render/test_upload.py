"""What upload shows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import pytest

from handler.schema import Metadata, Status
from imgpipe.errors import ImgpipeError
from imgpipe.pictures.files import Found, LocalFile
from imgpipe.pictures.outcomes import Outcome, Result
from imgpipe.pictures.upload import Upload
from imgpipe.render import upload as render
from imgpipe.settings import Settings

HOSTILE: Final = "[red]a\x1b[2J b.jpg"
FILE: Final = LocalFile(Path("d/photo.jpg"), "photo.jpg", 829_183, "image/jpeg")
ROW: Final = Metadata(
    "processed-photo.jpg",
    72_290,
    "2026-07-01T10:00:00.000+00:00",
    Status.PROCESSED,
    "photo.jpg",
    width=735,
    height=600,
)


def url(key: str) -> str:
    """An address without the network."""
    return f"https://d.cloudfront.net/{key}"


def shown(capsys: pytest.CaptureFixture[str], *results: Result) -> list[str]:
    """The table's lines, piped."""
    render.table(results, url, Settings())
    return capsys.readouterr().out.splitlines()


def test_a_processed_picture_shows_pixels_bytes_and_address(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """On one line, the address last and whole."""
    header, line = shown(capsys, Result(FILE, Outcome.PROCESSED, (ROW,)))
    assert header.split() == ["PICTURE", "STATUS", "PIXELS", "BEFORE", "AFTER", "URL"]
    assert line.split("  ") == [
        "photo.jpg",
        "processed",
        "735 x 600",
        "829 KB",
        "72.3 KB",
        "https://d.cloudfront.net/processed-photo.jpg",
    ]


def test_every_rendition_has_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    """Each with its own address."""
    thumb = Metadata(
        "processed-photo-thumb.jpg",
        9,
        ROW.timestamp,
        Status.PROCESSED,
        "photo.jpg",
        rendition="thumb",
        width=80,
        height=60,
    )
    _, first, second = shown(capsys, Result(FILE, Outcome.PROCESSED, (ROW, thumb)))
    assert first.endswith("/processed-photo.jpg")
    assert second.endswith("/processed-photo-thumb.jpg")


def test_what_did_not_make_it_shows_why(capsys: pytest.CaptureFixture[str]) -> None:
    """In the place of the address."""
    _, line = shown(capsys, Result(FILE, Outcome.REJECTED, reason="too many pixels"))
    assert line.split() == ["photo.jpg", "rejected", "-", "829", "KB", "-", "too", "many", "pixels"]


def test_a_picture_that_is_only_sent_has_no_address_yet(capsys: pytest.CaptureFixture[str]) -> None:
    """Nobody knows what it will be called."""
    _, line = shown(capsys, Result(FILE, Outcome.SENT))
    assert line.split() == ["photo.jpg", "sent", "-", "829", "KB", "-", "-"]


def test_hostile_names_and_reasons_are_shown_not_obeyed(capsys: pytest.CaptureFixture[str]) -> None:
    """Neither as markup nor as terminal commands."""
    file = LocalFile(Path(HOSTILE), HOSTILE, 1, "image/jpeg")
    _, line = shown(capsys, Result(file, Outcome.REJECTED, reason="[bold]\x1b]0;title\x07"))
    assert r"[red]a\x1b[2J b.jpg" in line
    assert r"[bold]\x1b]0;title\x07" in line


def test_warnings_go_to_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    """They are about the data, not the data."""
    noted = Metadata(
        "processed-a.gif",
        9,
        ROW.timestamp,
        Status.PROCESSED,
        "a.gif",
        warnings=("watermark not drawn", "first frame only"),
    )
    render.table([Result(FILE, Outcome.PROCESSED, (noted,))], url, Settings())
    captured = capsys.readouterr()
    assert "Note on processed-a.gif: watermark not drawn; first frame only" in captured.err
    assert "watermark" not in captured.out


def test_json_has_everything(capsys: pytest.CaptureFixture[str]) -> None:
    """The same values, whole."""
    render.table(
        [Result(FILE, Outcome.PROCESSED, (ROW,)), Result(FILE, Outcome.FAILED, reason="no")],
        url,
        Settings(output="json"),
    )
    first, second = json.loads(capsys.readouterr().out)
    assert first == {
        "file": "d/photo.jpg",
        "key": "photo.jpg",
        "status": "processed",
        "reason": "",
        "size": 829_183,
        "renditions": [
            {**vars(ROW), "warnings": [], "url": "https://d.cloudfront.net/processed-photo.jpg"}
        ],
    }
    assert (second["status"], second["reason"], second["renditions"]) == ("failed", "no", [])


def test_progress_is_told_on_stderr_and_uploads_come_back(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """How many of how many, and what was left out."""
    uploads = [Upload(FILE, "1"), Upload(FILE, "2", error=ImgpipeError("no"))]
    assert render.uploading(iter(uploads), Found((FILE, FILE), left_out=3), Settings()) == uploads
    captured = capsys.readouterr()
    assert "Left out 3 files" in captured.err
    assert "Uploaded 1 of 2 files" in captured.err
    assert captured.out == ""


def test_quiet_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    """Only data and errors."""
    render.uploading(iter([Upload(FILE, "1")]), Found((FILE,), left_out=3), Settings(quiet=True))
    assert capsys.readouterr() == ("", "")


def test_results_are_shown_in_the_order_of_their_keys() -> None:
    """Not in the order in which they happened to be done."""
    results: list[Any] = [
        Result(LocalFile(Path(key), key, 1, "image/jpeg"), Outcome.SENT) for key in ("b", "c", "a")
    ]
    assert [result.file.key for result in render.following(iter(results), 3, Settings())] == [
        "a",
        "b",
        "c",
    ]
