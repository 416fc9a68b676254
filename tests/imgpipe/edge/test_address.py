"""The addresses that visitors use: quoted, escaped, rising, and said where they are rounded."""

from __future__ import annotations

import random
import re
from dataclasses import replace
from html.parser import HTMLParser
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handler.address import PATTERN, parts_of
from handler.delivery_settings import DeliverySettings
from handler.recipe import Recipe, Rendition
from imgpipe.edge import address
from imgpipe.edge.code import code
from imgpipe.errors import NotSetUpError
from tests.support.javascript import ENGINES, Engine, request

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws
    from tests.support.account import Faults

ACCOUNT: Final[Any] = SimpleNamespace(endpoint_url=None)
PLACE: Final = address.Place(ACCOUNT, "d111.cloudfront.net")
SETTINGS: Final = DeliverySettings(enabled=True)
WIDE: Final = replace(SETTINGS, heights=(300, 600), qualities=(50, 80))
RECIPE: Final = Recipe((Rendition(), Rendition(name="thumb", width=320)))


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
        ({"width": 160, "dpr": "2"}, []),
        ({"width": 300, "dpr": "2"}, ["640"]),
        ({"rendition": "thumb"}, []),
        ({"rendition": "thumbs"}, ["the recipe's own"]),
        ({"fit": "cover", "gravity": "east"}, ["the recipe's own", "the recipe's own"]),
    ],
)
def test_what_the_edge_would_change_is_said(words: dict[str, Any], said: list[str]) -> None:
    """Before somebody wonders: what visitors get in its place."""
    sentences = list(address.rounded(words, SETTINGS, RECIPE))
    assert [sentence.partition("visitors get ")[2] for sentence in sentences] == said


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("settings", [SETTINGS, WIDE])
def test_just_what_the_edge_changes_is_said(engine: Engine, settings: DeliverySettings) -> None:
    """Word by word, of whatever somebody asks for."""
    dice = random.Random(11)
    asked = [words(dice) for _ in range(400)]
    events = [request("/_img/a.jpg", each) for each in asked]
    for each, answer in zip(asked, engine(code(settings, RECIPE, "1"), events), strict=True):
        _, got = parts_of(answer["uri"]) or ("", {})
        said = " ".join(address.rounded(each, settings, RECIPE))
        for name in each.keys() - {"dpr"}:
            kept = f"{expected(name, each):g}" if name in NUMBERS else each[name]
            changed = kept != "auto" and got.get(name) != kept
            assert bool(re.search(rf"\b{name}\]* {each[name]}\b", said)) is changed, (
                each,
                got,
                said,
            )


NUMBERS = ("width", "height", "quality")


def words(dice: random.Random) -> dict[str, Any]:
    """What somebody may give to ``imgpipe url``."""
    values = {
        "width": dice.choice([160, 300, 640, 4000]),
        "height": dice.choice([200, 300, 600, 900]),
        "quality": dice.choice([40, 50, 80, 99]),
        "format": dice.choice(["auto", "avif", "webp", "jpeg", "gif"]),
        "fit": dice.choice(["inside", "cover", "stretch", "whole"]),
        "gravity": dice.choice(["east", "attention", "up"]),
        "rendition": dice.choice(["thumb", "none"]),
        "dpr": dice.choice(["1", "2", "1.5"]),
    }
    return {name: value for name, value in values.items() if dice.random() < 0.6}


def expected(name: str, asked: dict[str, Any]) -> float:
    """The number that would be kept as it is."""
    return float(asked[name]) * (1 if name == "quality" else float(asked.get("dpr", 1)))


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
