"""The addresses that visitors use: of one rendition on demand, and of all its sizes for a page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, urlencode

from handler.address import PATTERN, ROOT
from handler.recipe import FITS
from imgpipe import cdn
from imgpipe.aws import signing_keys
from imgpipe.edge import signature
from imgpipe.edge.code import FOCUSES
from imgpipe.errors import NotSetUpError
from imgpipe.settings.delivery_table import switching_on

if TYPE_CHECKING:
    from handler.delivery_settings import DeliverySettings
    from handler.recipe import Recipe
    from imgpipe.aws.account import Aws

# What a browser gets that knows no srcset, of an age in which screens were about so wide.
_PLAIN_WIDTH: Final = 960
_OWN: Final = "the recipe's own"

Words = Mapping[str, int | float | str]


@dataclass(frozen=True)
class Place:
    """Where addresses lead: the ``domain`` of a distribution in an account.

    ``secret`` is the key that signs them; empty where they need no signature.
    """

    aws: Aws
    domain: str
    secret: str = field(default="", repr=False)

    @classmethod
    def of(
        cls,
        aws: Aws,
        comment: str,
        edge_function: str,
        settings: DeliverySettings,
        named: str = "",
    ) -> Place:
        """Return the place of the distribution whose comment is ``comment``, as ``cdn.domain``.

        Whether addresses are signed is what ``edge_function`` says, which the edges run.

        Raises:
            NotSetUpError: there is none, or it makes nothing on demand.
        """
        found = cdn.find(aws, comment)
        if PATTERN not in found.patterns:
            command = switching_on(settings, "enabled")
            raise NotSetUpError(
                "nothing is made on demand here yet", hint="switch it on", next=command
            )
        store = signing_keys.store_of(aws, edge_function)
        secret = signing_keys.newest(aws, store) if store else ""
        return cls(aws, found.shown(named), secret)


@dataclass(frozen=True)
class Address:
    """One address of a picture, and the ``width`` in pixels that it asks for; 0 if it does not."""

    url: str
    width: int = 0


@dataclass(frozen=True)
class Addresses:
    """The addresses of one picture: ``plain``, and of several widths for a page.

    ``sizes`` is how wide that shows it, and ``alt`` what it shows, as HTML has them.
    """

    key: str
    plain: Address
    widths: tuple[Address, ...] = ()
    sizes: str = ""
    alt: str = ""

    @property
    def srcset(self) -> str:
        """The value of HTML's attribute; empty without widths."""
        return ", ".join(f"{each.url} {each.width}w" for each in self.widths)

    @property
    def element(self) -> str:
        """A whole ``<img>``."""
        told = {
            "src": self.plain.url,
            "srcset": self.srcset,
            "sizes": self.sizes,
            "alt": self.alt,
            "loading": "lazy",
        }
        attributes = " ".join(f'{name}="{escape(value)}"' for name, value in told.items())
        return f"<img {attributes}>"


def one(place: Place, key: str, words: Words) -> Addresses:
    """Return the address of the rendition of ``key`` that ``words`` ask for."""
    return Addresses(key, _address(place, key, words))


def every(place: Place, key: str, words: Words, widths: Iterable[int]) -> Addresses:
    """Return those of each of ``widths``, the narrowest first."""
    rising = sorted(set(widths))
    made = tuple(_address(place, key, {**words, "width": width}) for width in rising)
    plain = next((each for each in made if each.width >= _PLAIN_WIDTH), made[-1])
    return Addresses(key, plain, made)


def rounded(words: Words, settings: DeliverySettings, recipe: Recipe) -> Iterator[str]:
    """Yield a sentence for each of ``words`` that a visitor does not get as it stands."""
    density = float(words.get("dpr", 1))
    lists = {"width": settings.widths, "height": settings.heights, "quality": settings.qualities}
    for name, allowed in lists.items():
        if name in words:
            times = 1 if name == "quality" else density
            yield from _nearest(name, float(words[name]), times, allowed)
    if words.get("format", "auto") not in (*settings.formats, "auto"):
        there = ", ".join(settings.formats)
        yield f"format {words['format']} is not in [delivery]: visitors get the best of {there}"
    named = {each.name for each in recipe.renditions}
    if words.get("rendition", "") not in {"", *named}:
        yield f"there is no [[rendition]] {words['rendition']}: visitors get {_OWN}"
    yield from _unfitting(words, settings)


def _nearest(name: str, wanted: float, times: float, allowed: tuple[int, ...]) -> Iterator[str]:
    """Yield what the edges make of a number, as ``least`` of their function does."""
    whole = wanted * times
    if whole not in allowed:
        enough = [each for each in allowed if each >= whole]
        got = min(enough, default=max(allowed)) if allowed else _OWN
        at = f" at dpr {times:g}" if times > 1 else ""
        yield f"{name} {wanted:g}{at} is not in [delivery]: visitors get {got}"


def _unfitting(words: Words, settings: DeliverySettings) -> Iterator[str]:
    """Yield what counts for nothing of how a picture gets into a box, as the edges have it."""
    boxed = "height" in words and bool(settings.heights)
    cut = boxed and words.get("fit") == "cover"
    table = (
        ("fit", FITS, boxed, "it takes a height, and heights in [delivery]"),
        ("gravity", FOCUSES, cut, "it takes fit cover, and a height"),
    )
    for name, known, counts, why in table:
        word = words.get(name)
        if word and word not in known:
            yield f"{name} {word} is none of {', '.join(known)}: visitors get {_OWN}"
        elif word and not counts:
            yield f"{name} {word} counts for nothing, as {why}: visitors get {_OWN}"


def _address(place: Place, key: str, words: Words) -> Address:
    path = cdn.url(place.aws, place.domain, f"{ROOT.lstrip('/')}{key}")
    told = signature.signed(place.secret, key, words) if place.secret else words
    query = urlencode(told, quote_via=quote)
    return Address(f"{path}?{query}" if query else path, int(words.get("width", 0)))
