"""What upload shows."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pytest

from handler.schema import Metadata, Status
from imgpipe.errors import ImgpipeError
from imgpipe.pictures.files import LocalFile
from imgpipe.pictures.outcomes import Outcome, Result
from imgpipe.pictures.upload import Upload
from imgpipe.render import upload as render
from imgpipe.render._screen import Screen
from tests.support.shown import data, shown

HOSTILE: Final = "[red]a\x1b[2J b.jpg"
ADDRESS: Final = "https://d.cloudfront.net/"
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


def piped(*results: Result, address: str = ADDRESS) -> list[str]:
    """The table's lines in a pipe."""
    return shown(render.VIEW, render.Sent(results, address)).splitlines()


def test_a_processed_picture_shows_pixels_bytes_and_address() -> None:
    """On one line, the address last and whole."""
    header, line = piped(Result(FILE, Outcome.PROCESSED, (ROW,)))
    assert header.split() == ["PICTURE", "STATUS", "PIXELS", "BEFORE", "AFTER", "URL"]
    assert line.split("  ") == [
        "photo.jpg",
        "processed",
        "735 x 600",
        "829.2 kB",
        "72.3 kB",
        "https://d.cloudfront.net/processed-photo.jpg",
    ]


def test_every_rendition_has_a_line() -> None:
    """Each with its own address."""
    thumb = Metadata(
        "processed-photo--thumb.jpg",
        9,
        ROW.timestamp,
        Status.PROCESSED,
        "photo.jpg",
        rendition="thumb",
        width=80,
        height=60,
    )
    _, first, second = piped(Result(FILE, Outcome.PROCESSED, (ROW, thumb)))
    assert first.endswith("/processed-photo.jpg")
    assert second.endswith("/processed-photo--thumb.jpg")


def test_what_did_not_make_it_shows_why() -> None:
    """In the place of the address."""
    _, line = piped(Result(FILE, Outcome.REJECTED, reason="too many pixels"))
    assert line.split() == [
        "photo.jpg",
        "rejected",
        "-",
        "829.2",
        "kB",
        "-",
        "too",
        "many",
        "pixels",
    ]


def test_a_picture_that_is_only_sent_has_no_address_yet() -> None:
    """Nobody knows what it will be called."""
    _, line = piped(Result(FILE, Outcome.SENT))
    assert line.split() == ["photo.jpg", "sent", "-", "829.2", "kB", "-", "-"]


def test_hostile_names_and_reasons_are_shown_not_obeyed() -> None:
    """Neither as markup nor as terminal commands."""
    file = LocalFile(Path(HOSTILE), HOSTILE, 1, "image/jpeg")
    _, line = piped(Result(file, Outcome.REJECTED, reason="[bold]\x1b]0;title\x07"))
    assert r"[red]a\x1b[2J b.jpg" in line
    assert r"[bold]\x1b]0;title\x07" in line


def test_a_name_in_an_address_is_quoted() -> None:
    """As a browser takes it; where no address is known, the key stands there."""
    odd = Metadata("a/processed-ö %#?.jpg", 9, ROW.timestamp, Status.PROCESSED, "a/ö %#?.jpg")
    processed = Result(FILE, Outcome.PROCESSED, (odd,))
    assert piped(processed)[1].endswith(f"  {ADDRESS}a/processed-%C3%B6%20%25%23%3F.jpg")
    assert piped(processed, address="")[1].endswith("  a/processed-ö %#?.jpg")


def test_warnings_are_about_the_data_not_the_data() -> None:
    """Notes, which go to stderr."""
    noted = Metadata(
        "processed-a.gif",
        9,
        ROW.timestamp,
        Status.PROCESSED,
        "a.gif",
        warnings=("watermark not drawn", "first frame only"),
    )
    assert list(render.notes([ROW, noted])) == [
        "Note on processed-a.gif: watermark not drawn; first frame only"
    ]
    assert "watermark" not in "".join(piped(Result(FILE, Outcome.PROCESSED, (noted,))))


def test_json_has_everything() -> None:
    """The same values, whole."""
    results = [Result(FILE, Outcome.PROCESSED, (ROW,)), Result(FILE, Outcome.FAILED, reason="no")]
    first, second = data(render.VIEW, render.Sent(results, ADDRESS))
    assert first == {
        "file": "d/photo.jpg",
        "key": "photo.jpg",
        "status": "processed",
        "reason": "",
        "size": 829_183,
        "renditions": [
            {
                "row": {**vars(ROW), "warnings": []},
                "url": "https://d.cloudfront.net/processed-photo.jpg",
            }
        ],
    }
    assert (second["status"], second["reason"], second["renditions"]) == ("failed", "no", [])


def test_uploads_come_back_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    """The progress is a terminal's alone; stdout is for data."""
    uploads = [Upload(FILE, "1"), Upload(FILE, "2", error=ImgpipeError("no"))]
    assert list(render.uploading(iter(uploads), [FILE, FILE], Screen("upload"))) == uploads
    assert capsys.readouterr() == ("", "")


def counted(*uploads: Upload) -> render.Totals:
    """What went of these."""
    totals = render.Totals()
    assert list(totals.counting(uploads)) == list(uploads)
    return totals


def test_how_much_went_is_said() -> None:
    """Without what failed."""
    now = datetime(2026, 7, 1, tzinfo=UTC)
    uploads = [Upload(FILE, "1", now), Upload(FILE, "2", error=ImgpipeError("no"))]
    assert render.sent(counted(*uploads), 1.25) == "Uploaded 1 of 2 files, 829.2 kB, in 1.2 s."


def test_what_stayed_and_what_was_gone_on_with_is_said() -> None:
    """Only what really went counts as sent."""
    went = Upload(replace(FILE, key=HOSTILE), "1", datetime(2026, 7, 1, tzinfo=UTC), held=800_000)
    assert render.sent(counted(went, Upload(FILE, "2")), 1.25) == (
        "Uploaded 1 of 2 files, 29.2 kB, in 1.2 s. Left 1 that is there already."
    )
    line = render.resumed(went)
    assert line.endswith("b.jpg, of which S3 had 800.0 kB from a run that was broken off.")
    assert "\x1b" not in line
