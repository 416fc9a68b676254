"""The newest pictures as a page that needs no JavaScript: text in, text out; nothing is called."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from itertools import islice
from typing import Final
from urllib.parse import quote

from handler.gallery_pictures import Picture, identity, is_default

PLAIN_KEY: Final = "gallery/newest.html"
SHOWN: Final = 100
# Some twice the height at which it shows them: sharp on a fine screen, and no whole picture.
_ENOUGH_PIXELS: Final = 640
_POLICY: Final = (
    "default-src 'none'; img-src 'self'; style-src 'self'; base-uri 'none'; form-action 'none'"
)
# Addresses begin with ../, because /… would lead elsewhere for a key that begins with a slash.
_PAGE: Final = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<link rel="icon" href="icon.svg">
<link rel="stylesheet" href="style.css">
<title>{title}</title>
</head>
<body class="plain">
<header>
<h1>{title}</h1>
<p>{description}</p>
</header>
<main>
<ul>
{pictures}
</ul>
<p>{count}</p>
</main>
</body>
</html>
"""
_ITEM: Final = (
    '<li><a href="../{href}"><img src="../{src}" alt="{alt}"{shape} loading="lazy"></a>'
    "<p><bdi>{alt}</bdi></p></li>"
)


def plain_page(pictures: Sequence[Picture], title: str, description: str) -> str:
    """Return the page of the ``SHOWN`` newest of ``pictures``, which come newest first."""
    found: dict[tuple[str, str], list[Picture]] = {}
    for each in pictures:
        found.setdefault(identity(each), []).append(each)
    whole = (each for each in pictures if is_default(each))
    items = [_item(each, found[identity(each)]) for each in islice(whole, SHOWN)]
    return _PAGE.format(
        policy=_POLICY,
        title=escape(title),
        description=escape(description),
        pictures="\n".join(items),
        count=f"The newest {len(items)}" if items else "Nothing here yet.",
    )


def alike(one: Picture, other: Picture) -> bool:
    """Say whether two renditions are of one shape, give or take what rounding takes."""
    across = abs(one["width"] * other["height"] - one["height"] * other["width"])
    return bool(across <= max(one["width"], one["height"], other["width"], other["height"]))


def _item(picture: Picture, renditions: Sequence[Picture]) -> str:
    sizes = sorted((each for each in renditions if alike(each, picture)), key=_pixels)
    small = next((each for each in sizes if _pixels(each) >= _ENOUGH_PIXELS), sizes[-1])
    name = picture["source"] or picture["key"]
    return _ITEM.format(
        href=_address(sizes[-1]), src=_address(small), alt=escape(name), shape=_shape(small)
    )


def _pixels(picture: Picture) -> int:
    return max(int(picture["width"]), int(picture["height"]))


def _shape(picture: Mapping[str, int]) -> str:
    """Return the attributes that keep its room; none where nobody knows its size."""
    if not picture["width"]:
        return ""
    return f' width="{picture["width"]:d}" height="{picture["height"]:d}"'


def _address(picture: Picture) -> str:
    return escape(quote(picture["key"], safe="/"))
