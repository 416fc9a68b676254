"""Key naming and the metadata row."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from handler.schema import Metadata, Status, possible_keys, processed_key

names = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=1, max_size=40)


def test_results_stand_beside_their_prefix() -> None:
    """Pictures of one name in two folders do not meet."""
    assert processed_key("a/photo.jpg") == "a/processed-photo.jpg"
    assert processed_key("b/photo.jpg") == "b/processed-photo.jpg"


def test_a_changed_format_appends_its_extension() -> None:
    """scan.tiff and scan.jpg stay two."""
    assert processed_key("scan.tiff", extension="jpg") == "processed-scan.tiff.jpg"


def test_a_rendition_carries_its_name_behind_the_stem() -> None:
    """With the source's extension kept, and a new one appended."""
    assert processed_key("x/a.b.png", "thumb") == "x/processed-a.b-thumb.png"
    assert processed_key("x/a.png", "thumb", "webp") == "x/processed-a-thumb.png.webp"


@given(names, names, st.sampled_from(["", "thumb"]))
def test_two_sources_never_share_a_result(one: str, other: str, rendition: str) -> None:
    """Whatever formats they end up in, results of the same rendition differ if their sources do."""
    if one != other and not (
        possible_keys(one)[0] in possible_keys(other)[1:]
        or possible_keys(other)[0] in possible_keys(one)[1:]
    ):
        assert not set(possible_keys(one, rendition)) & set(possible_keys(other, rendition))


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
