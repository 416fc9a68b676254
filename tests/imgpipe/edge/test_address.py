"""The addresses that visitors use: quoted, escaped, rising, and said where they are rounded."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handler.address import PATTERN
from handler.delivery_settings import DeliverySettings
from imgpipe.edge import address
from imgpipe.errors import NotSetUpError

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws
    from tests.support.account import Faults

ACCOUNT: Final[Any] = SimpleNamespace(endpoint_url=None)
PLACE: Final = address.Place(ACCOUNT, "d111.cloudfront.net")
SETTINGS: Final = DeliverySettings(enabled=True)


class Attributes(HTMLParser):
    """What a browser reads of the one element."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.read: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.read.append((tag, dict(attrs)))


def test_an_address_says_what_is_asked_for_in_its_order() -> None:
    """Quoted, so that nothing of the key is taken for more."""
    found = address.one(PLACE, "a b/1&2?.jpg", {"width": 640, "format": "auto"})
    assert found.plain.url == (
        "https://d111.cloudfront.net/_img/a%20b/1%262%3F.jpg?width=640&format=auto"
    )
    assert address.one(PLACE, "a.jpg", {}).plain.url == "https://d111.cloudfront.net/_img/a.jpg"


def test_every_width_stands_in_the_srcset_once_and_rising() -> None:
    """And what knows no srcset gets one of the middle."""
    found = address.every(PLACE, "a.jpg", {"rendition": "thumb"}, (1280, 320, 960, 320))
    assert [each.width for each in found.widths] == [320, 960, 1280]
    assert found.plain.width == 960
    assert found.srcset.startswith(
        "https://d111.cloudfront.net/_img/a.jpg?rendition=thumb&width=320 320w, https://"
    )
    assert address.every(PLACE, "a.jpg", {}, (100, 200)).plain.width == 200


@given(key=st.text(min_size=1), alt=st.text(), sizes=st.text())
def test_whatever_a_picture_is_called_the_element_is_one(key: str, alt: str, sizes: str) -> None:
    """With the very attributes: no name leaves its quotes, and no comma divides the srcset."""
    found = replace(address.every(PLACE, key, {}, (320, 640)), sizes=sizes, alt=alt)
    ((tag, read),) = Attributes(found.element).read
    assert tag == "img"
    assert read["src"] == found.plain.url
    assert [each.split(" ") for each in str(read["srcset"]).split(", ")] == [
        [each.url, f"{each.width}w"] for each in found.widths
    ]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"width": 640, "format": "auto"}, []),
        ({"width": 600}, ["640"]),
        ({"width": 9999}, ["2560"]),
        ({"height": 100}, ["the recipe's own"]),
        ({"quality": 50, "format": "gif"}, ["the recipe's own", "the best of avif, webp, jpeg"]),
    ],
)
def test_what_the_edge_would_change_is_said(words: dict[str, Any], said: list[str]) -> None:
    """Before somebody wonders: what visitors get in its place."""
    sentences = list(address.rounded(words, SETTINGS))
    assert [sentence.partition("visitors get ")[2] for sentence in sentences] == said


def test_where_nothing_is_made_on_demand_the_next_command_says_how(
    aws: Aws, faults: Faults
) -> None:
    """With a distribution that has no such behavior."""
    summary = {"Comment": "ours", "Id": "E1", "DomainName": "d1", "CacheBehaviors": {"Quantity": 0}}
    faults.answer("ListDistributions", {"DistributionList": {"Items": [summary]}})
    with pytest.raises(NotSetUpError) as caught:
        address.Place.of(aws, "ours", "edge", DeliverySettings())
    assert caught.value.next == ("config set delivery.enabled true",)
    with pytest.raises(NotSetUpError) as caught:
        address.Place.of(aws, "ours", "edge", SETTINGS)
    assert caught.value.next == ("setup",)
    behaviors = {"Quantity": 1, "Items": [{"PathPattern": PATTERN}]}
    there = {**summary, "CacheBehaviors": behaviors, "Aliases": {"Items": ["img.example.com"]}}
    faults.answer("ListDistributions", {"DistributionList": {"Items": [there]}})
    assert address.Place.of(aws, "ours", "edge", SETTINGS) == address.Place(aws, "img.example.com")
