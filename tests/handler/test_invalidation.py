"""Which paths CloudFront is told of, and how often."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handler.invalidation import invalidate, paths

# As browsers encode a segment (encodeURIComponent), as `imgpipe` prints addresses, and as others
# may write them, since these letters need not be encoded in a path (RFC 3986, 3.3).
SPELLINGS = ("!~*'()/", "~/", "~!*'()+,;:@&=$/")


@pytest.mark.parametrize(
    ("key", "path"),
    [
        ("processed-photo.jpg", "/processed-photo.jpg"),
        ("a b/processed-1%.jpg", "/a%20b/processed-1%25.jpg"),
        ("größe/processed-日本.jpg", "/gr%C3%B6%C3%9Fe/processed-%E6%97%A5%E6%9C%AC.jpg"),
        ("processed-what?#.jpg", "/processed-what%3F%23.jpg"),
        ("processed-IMG (1).jpg", "/processed-IMG%20*"),
        ("a+b/processed-photo.jpg", "/a*"),
        ("*", "/*"),
    ],
)
def test_a_key_is_a_path(key: str, path: str) -> None:
    """Encoded as every client does it, and cut before what some encode and some do not."""
    assert paths([key]) == (path,)


def matches(path: str, address: str) -> bool:
    """Whether CloudFront takes an address for one that the path means."""
    return address.startswith(path[:-1]) if path.endswith("*") else address == path


@given(st.text(min_size=1))
def test_every_spelling_of_any_key_is_forgotten(key: str) -> None:
    """However the visitor's address spelled it; and what is sent is a path as CloudFront wants."""
    key = key.encode(errors="ignore").decode()
    (path,) = paths([key])
    for safe in SPELLINGS:
        assert matches(path, "/" + quote(key, safe=safe))
    assert path.isascii()
    assert not set(path[:-1]) & set(' <>"#{}|\\^[]`*')


@pytest.mark.parametrize(("number", "most"), [(1, 1), (15, 15), (16, 1), (1000, 1)])
def test_many_are_one(number: int, most: int) -> None:
    """Above 15 everything is forgotten, for the price of one path."""
    found = paths(f"{each}.jpg" for each in range(number))
    assert len(found) == most
    assert (found == ("/*",)) == (number > 15)


def test_the_same_batch_is_the_same_invalidation() -> None:
    """Delivered again, it has the same reference; another batch has another."""
    sent: list[dict[str, Any]] = []

    class CloudFront:
        def create_invalidation(self, **given: Any) -> None:
            sent.append(given["InvalidationBatch"])

    for events in (["1", "2"], ["2", "1"], ["3"]):
        invalidate(CloudFront(), "E1", ["/a.jpg"], events)
    first, again, other = (batch["CallerReference"] for batch in sent)
    assert first == again != other
    assert sent[0]["Paths"] == {"Quantity": 1, "Items": ["/a.jpg"]}
