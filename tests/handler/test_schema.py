"""Key naming and the metadata row."""

from __future__ import annotations

import re
from posixpath import splitext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handler.keys import EXTENSIONS, processed_key
from handler.schema import Metadata, Status

# Names of the very parts that results' names are made of, beside any text.
PARTS = ["photo", "thumb", "page-2", "-", "--", ".", "jpg", "JPG", "webp", "tiff", "png", "x", "é"]
names = st.one_of(
    st.lists(st.sampled_from(PARTS), min_size=1, max_size=8).map("".join),
    st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=1, max_size=40),
)
renditions = st.sampled_from(["", "thumb", "x", "page-2", "thumb-page-2", "jpg", "2"])
extensions = st.sampled_from(["", *EXTENSIONS])
results = st.tuples(names, renditions, extensions)


def test_results_stand_beside_their_prefix() -> None:
    """Pictures of one name in two folders do not meet."""
    assert processed_key("a/photo.jpg") == "a/processed-photo.jpg"
    assert processed_key("b/photo.jpg") == "b/processed-photo.jpg"


def test_a_changed_format_appends_its_extension() -> None:
    """scan.tiff and scan.jpg stay two."""
    assert processed_key("scan.tiff", extension="jpg") == "processed-scan.tiff.jpg"
    assert processed_key("scan", extension="jpg") == "processed-scan--.jpg"


def test_a_rendition_carries_its_name_behind_the_stem() -> None:
    """With the source's extension kept, and a new one appended."""
    assert processed_key("x/a.b.png", "thumb") == "x/processed-a.b--thumb.png"
    assert processed_key("x/a.png", "thumb", "webp") == "x/processed-a--thumb.png.webp"


@pytest.mark.parametrize(("one", "other"), [
    (("photo.jpg", "", "webp"), ("photo.jpg.webp", "", "")),
    (("IMG.tiff", "", "jpg"), ("IMG.tiff.jpg", "", "")),
    (("photo.jpg", "thumb", ""), ("photo-thumb.jpg", "", "")),
    (("photo.jpg", "thumb", ""), ("photo--thumb.jpg", "", "")),
    (("photo", "", "jpg"), ("photo.jpg", "", "")),
    (("photo", "thumb", "jpg"), ("photo.jpg", "thumb", "")),
])  # fmt: skip
def test_what_once_met_stays_two(one: tuple[str, str, str], other: tuple[str, str, str]) -> None:
    """Pairs that shared a result."""
    assert processed_key(*one) != processed_key(*other)


@given(results, results)
def test_no_two_results_share_a_key(one: tuple[str, str, str], other: tuple[str, str, str]) -> None:
    """Whatever the sources are called, and whatever is made of them."""
    assert (processed_key(*one) == processed_key(*other)) is (one == other)


@given(results)
def test_a_key_tells_what_it_is_the_result_of(result: tuple[str, str, str]) -> None:
    """It can be taken apart again, so that no other result can have it."""
    assert taken_apart(processed_key(*result)) == result


def taken_apart(key: str) -> tuple[str, str, str]:
    """Read a key from its end: source, rendition and new extension."""
    prefix, slash, name = key.rpartition("/")
    head, dot, tail = name.removeprefix("processed-").rpartition(".")
    if dot and tail in EXTENSIONS and marked(head):
        stem, rendition, suffix = parted(head[: -len("--")])
        if is_picture(stem + suffix):
            return f"{prefix}{slash}{stem}{suffix}.{tail}", rendition, ""
        return f"{prefix}{slash}{stem}{suffix}", rendition, tail
    stem, rendition, suffix = parted(name.removeprefix("processed-"))
    more = suffix.count(".") > 1 if rendition else is_picture(stem) and suffix[1:] in EXTENSIONS
    if not more:
        return f"{prefix}{slash}{stem}{suffix}", rendition, ""
    return f"{prefix}{slash}{stem}{suffix.rpartition('.')[0]}", rendition, suffix.rpartition(".")[2]


def is_picture(name: str) -> bool:
    """Say whether ``name`` ends as a picture's does."""
    return splitext(name)[1].lower() in {".jpg", ".webp", ".tiff", ".png", ".avif"}


def marked(text: str) -> bool:
    """Say whether ``text`` ends with a mark: two hyphens that are no half of a doubled pair."""
    return (len(text) - len(text.rstrip("-"))) % 4 >= 2


def parted(text: str) -> tuple[str, str, str]:
    """Return stem, rendition and the rest, with the name's own hyphens as they were."""
    mark = next((run for run in re.finditer("-+", text) if len(run[0]) % 4 >= 2), None)
    if mark is None:
        stem, suffix = splitext(text)
        return halved(stem), "", halved(suffix)
    rendition, dot, suffix = text[mark.end() :].partition(".")
    return halved(text[: mark.end() - 2]), rendition, halved(dot + suffix)


def halved(text: str) -> str:
    """Undo the doubling."""
    return text.replace("----", "--")


@given(st.from_type(Metadata))
def test_a_row_survives_dynamodb(row: Metadata) -> None:
    """Numbers as numbers, texts as texts, lists as lists; empty ones left out."""
    item = row.to_item()
    assert Metadata.from_item(item) == row
    assert {"S": ""} not in item.values()


def test_a_row_of_release_0_1_0_can_be_read() -> None:
    """It has its warnings in one text, a line each, and an attribute that is no more."""
    row = Metadata.from_item(
        {
            "filename": {"S": "processed-a.jpg"},
            "status": {"S": "rejected"},
            "warnings": {"S": "one\ntwo"},
            "sequencer": {"S": "0A"},
        }
    )
    assert row.warnings == ("one", "two")
    assert row.status is Status.REJECTED


def test_the_guides_own_row_can_be_read() -> None:
    """It has just three attributes; what is unknown or of another type is passed over."""
    item: dict[str, dict[str, object]] = {
        "filename": {"S": "processed-a.jpg"},
        "size": {"N": "12"},
        "timestamp": {"S": "2026-01-01T00:00:00"},
        "width": {"S": "?"},
        "height": {"N": "1.5"},
        "status": {"S": "unheard of"},
        "warnings": {"N": "1"},
        "x": {"BOOL": True},
    }
    row = Metadata.from_item(item)
    assert row == Metadata(
        "processed-a.jpg", 12, "2026-01-01T00:00:00", Status.PROCESSED, "", height=1
    )
