"""The page without JavaScript: the newest pictures as plain HTML, every name only a name."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any, Final
from urllib.parse import unquote

import pytest

from handler.plain_page import SHOWN, alike, plain_page
from tests.support.hostile.names import FILES, KEYS


def picture(key: str, width: int = 640, height: int = 480, **more: Any) -> dict[str, Any]:
    """A picture as the page's data has it."""
    told = {"key": key, "width": width, "height": height, "size": 9, "timestamp": "2026"}
    return {**told, "source": key.replace("processed-", "", 1), **more}


class Page(HTMLParser):
    """The elements of a page with their attributes, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str, attribute: str) -> list[str | None]:
        """This attribute of every such element."""
        return [given.get(attribute) for name, given in self.elements if name == tag]


PLAIN: Final = Page(plain_page([], "", ""))


def test_of_no_picture_it_says_so() -> None:
    """And is a whole page, which may load nothing but its own style and pictures."""
    page = Page(plain_page([], "Far from home", "Mountains"))
    assert "Nothing here yet." in page.text
    assert "Far from home" in page.text
    assert page.all("img", "src") == []
    assert page.all("script", "src") == []
    policies = [
        each for each in page.all("meta", "content") if "default-src 'none'" in (each or "")
    ]
    assert len(policies) == 1
    assert "unsafe" not in str(policies)


def test_one_picture_keeps_its_room_and_leads_to_itself() -> None:
    """From gallery/, where the page lies."""
    page = Page(plain_page([picture("a b/processed-c.jpg", 800, 600)], "", ""))
    assert page.all("a", "href") == page.all("img", "src") == ["../a%20b/processed-c.jpg"]
    assert page.all("img", "alt") == ["a b/c.jpg"]
    assert (page.all("img", "width"), page.all("img", "height")) == (["800"], ["600"])
    assert "The newest 1" in page.text


@pytest.mark.parametrize("name", [*FILES, *KEYS])
def test_every_name_is_only_a_name(name: str) -> None:
    """Title, description and keys come from a file and from strangers."""
    page = Page(plain_page([picture(f"processed-{name}")], name, name))
    shape = [tag for tag, _ in PLAIN.elements]
    added = ["li", "a", "img", "p", "bdi"]
    assert sorted(tag for tag, _ in page.elements) == sorted([*shape, *added])
    (source,) = page.all("img", "src")
    assert unquote(str(source)) == f"../processed-{name}"
    assert page.all("img", "alt") == [name]


def test_the_newest_hundred_are_shown_and_counted() -> None:
    """A picture is one, however many renditions it has."""
    many = [
        picture(f"processed-{number}.jpg{rendition}", rendition=rendition, source=f"{number}.jpg")
        for number in range(SHOWN + 5)
        for rendition in ("", "small")
    ]
    page = Page(plain_page(many, "", ""))
    assert len(page.all("img", "src")) == SHOWN
    assert f"The newest {SHOWN}" in page.text
    assert page.all("img", "alt")[0] == "0.jpg"


def test_it_shows_the_smallest_that_is_enough_and_links_the_largest() -> None:
    """Of those that have the picture's shape; one that is cut is another picture."""
    sizes = {"": (1600, 1200), "medium": (800, 600), "tiny": (80, 60), "square": (700, 700)}
    renditions = [
        picture(f"p-{name}.jpg", *size, rendition=name, source="p.jpg")
        for name, size in sizes.items()
    ]
    page = Page(plain_page(renditions, "", ""))
    assert page.all("img", "src") == ["../p-medium.jpg"]
    assert page.all("a", "href") == ["../p-.jpg"]


def test_a_picture_of_unknown_size_has_no_room_kept() -> None:
    """A row of an older release tells none."""
    page = Page(plain_page([picture("p.jpg", 0, 0)], "", ""))
    assert page.all("img", "width") == [None]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ((800, 600), (400, 300), True),
        ((800, 533), (320, 213), True),
        ((800, 600), (320, 320), False),
        ((800, 600), (600, 800), False),
        ((1000, 10), (100, 1), True),
        ((1000, 10), (100, 3), False),
    ],
)
def test_shapes_are_alike_give_or_take_rounding(
    one: tuple[int, int], other: tuple[int, int], same: bool
) -> None:
    """Either way round."""
    first, second = picture("", *one), picture("", *other)
    assert alike(first, second) is alike(second, first) is same
