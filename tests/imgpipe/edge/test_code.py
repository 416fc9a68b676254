"""The edge's function: any address to one path, in two engines; and no more paths than agreed."""

from __future__ import annotations

import random
import re
from dataclasses import replace
from typing import Final
from urllib.parse import quote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from handler.address import folder_of, parts_of, path_of
from handler.delivery_settings import DeliverySettings
from handler.recipe import Recipe, Rendition
from imgpipe.edge.code import MOST_BYTES, code
from imgpipe.errors import SettingsError
from tests.support.javascript import ENGINES, Engine, request

RECIPE: Final = Recipe((Rendition(), Rendition(name="thumb", width=320, height=320, fit="cover")))
FINGERPRINT: Final = "0f3a52c7.91d2e8b4"
V: Final = "v-0f3a52c7_91d2e8b4"
SETTINGS: Final = DeliverySettings(enabled=True)
WIDE: Final = replace(SETTINGS, heights=(300, 600), qualities=(50, 80))
CHROMIUM: Final = "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8"
SAFARI: Final = "image/webp,image/png,*/*"
# What each address, asked for with what it accepts, is to the edges.
CASES: Final = {
    ("/_img/photo.jpg", "", None): V,
    ("/_img/photo.jpg", "width=640", CHROMIUM): f"{V}.width-640.format-avif",
    ("/_img/photo.jpg", "width=640", SAFARI): f"{V}.width-640.format-webp",
    ("/_img/photo.jpg", "width=640", "*/*"): f"{V}.width-640",
    ("/_img/photo.jpg", "width=640", "image/avif;q=0, image/webp;q=0.5"): (
        f"{V}.width-640.format-webp"
    ),
    ("/_img/photo.jpg", "width=640", "IMAGE/AVIF ; q=0.0,x"): f"{V}.width-640",
    ("/_img/photo.jpg", "width=1", None): f"{V}.width-160",
    ("/_img/photo.jpg", "width=641", None): f"{V}.width-960",
    ("/_img/photo.jpg", "width=99999", None): f"{V}.width-2560",
    ("/_img/photo.jpg", "width=320&dpr=2", None): f"{V}.width-640",
    ("/_img/photo.jpg", "width=320&dpr=1.5", None): f"{V}.width-480",
    ("/_img/photo.jpg", "width=320&dpr=99", None): f"{V}.width-960",
    ("/_img/photo.jpg", "dpr=2", None): f"{V}.width-1600",
    ("/_img/photo.jpg", "rendition=thumb", None): f"{V}.rendition-thumb",
    ("/_img/photo.jpg", "rendition=thumb&dpr=2", None): f"{V}.rendition-thumb.width-640",
    ("/_img/photo.jpg", "rendition=nope", None): V,
    ("/_img/photo.jpg", "rendition=constructor", None): V,
    ("/_img/photo.jpg", "format=jpeg", CHROMIUM): f"{V}.format-jpeg",
    ("/_img/photo.jpg", "format=auto", CHROMIUM): f"{V}.format-avif",
    ("/_img/photo.jpg", "format=exe", CHROMIUM): f"{V}.format-avif",
    ("/_img/photo.jpg", "format=png", None): V,
    ("/_img/photo.jpg", "quality=50&height=9&fit=cover&gravity=east", None): V,
    ("/_img/photo.jpg", "utm_source=x&width=-5", None): V,
    ("/_img/photo.jpg", "width=1e3", None): V,
    ("/_img/photo.jpg", "width=", None): V,
    ("/_img/photo.jpg", "width=640.0", None): f"{V}.width-640",
}
HEIGHTS: Final = {
    "height=200": f"{V}.height-300",
    "width=640&height=200&fit=cover&gravity=east": (
        f"{V}.width-640.height-300.fit-cover.gravity-east"
    ),
    "width=640&height=999&fit=pad&gravity=east": f"{V}.width-640.height-600.fit-pad",
    "height=200&dpr=2&quality=60": f"{V}.width-1600.height-600.quality-80",
    "height=200&fit=nope": f"{V}.height-300",
}
KEYS: Final = (
    *("a/photo.jpg", "a//b", "/x", "a/", "..", "a/../b", "IMG_1 (2).jpg", "100% ä~.jpg"),
    *("größe 日本.jpg", "_5F", "a.b/.c/...", "!'()*;:@&=+$,?#[]", "\U0001f600.png"),
)
every_engine = pytest.mark.parametrize("engine", ENGINES)


def query(text: str) -> dict[str, str]:
    """The query of an address, by name."""
    return dict(each.split("=", 1) for each in text.split("&") if each)


def ran(engine: Engine, settings: DeliverySettings, *events: object) -> list[str]:
    """The paths that the edges look for."""
    done = engine(code(settings, RECIPE, FINGERPRINT), events)  # type: ignore[arg-type]
    assert not any(each.get("querystring") for each in done), "all that counts is in the path"
    return [each.get("uri", str(each.get("statusCode"))) for each in done]


@every_engine
def test_every_address_is_one_path(engine: Engine) -> None:
    """Rounded up, in one order, without what nobody knows; the format that the browser takes."""
    events = [request(path, query(text), accept) for path, text, accept in CASES]
    expected = [f"/_img/photo.jpg/{words}" for words in CASES.values()]
    assert ran(engine, SETTINGS, *events) == expected


@every_engine
def test_heights_and_qualities_count_where_there_may_be_any(engine: Engine) -> None:
    """And with a height its fit, and with a cover its gravity."""
    events = [request("/_img/p", query(text)) for text in HEIGHTS]
    expected = [f"/_img/p/{words}" for words in HEIGHTS.values()]
    assert ran(engine, WIDE, *events) == expected


@every_engine
def test_a_key_is_spelled_as_the_function_reads_it(engine: Engine) -> None:
    """However its address was spelled, which is the same path then."""
    spellings = [
        [f"/_img/{quote(key, safe=safe)}" for safe in ("", "/", "/!'()*~:@&=+$,;")] for key in KEYS
    ]
    words = {"v": "0f3a52c7_91d2e8b4"}
    paths = ran(engine, SETTINGS, *(request(each) for spelled in spellings for each in spelled))
    assert paths == [path_of(key, words) for key in KEYS for _ in range(3)]
    assert [parts_of(path) for path in paths[::3]] == [(key, words) for key in KEYS]


@every_engine
def test_what_is_no_address_is_refused_at_the_edge(engine: Engine) -> None:
    """Bytes that are no text, and no key at all."""
    events = [request("/_img/%ff"), request("/_img/%"), request("/_img/")]
    assert ran(engine, SETTINGS, *events) == ["400", "400", "404"]


@given(key=st.text(min_size=1, max_size=40).filter(lambda key: key.isprintable()))
@example("a_2Fb/..//.")
def test_no_two_keys_share_a_path(key: str) -> None:
    """Every path leads back to its key, in letters that nothing on its way changes."""
    path = path_of(key, {"width": "640"})
    assert parts_of(path) == (key, {"width": "640"})
    assert re.fullmatch(r"/_img/[A-Za-z0-9_./-]+", path)
    assert not re.search(r"//|/\.+/", path)
    assert path.startswith(folder_of(key))


def invented(dice: random.Random) -> dict[str, object]:
    """What somebody asks for who wants to be expensive."""
    values: dict[str, object] = {
        "width": dice.choice([dice.randrange(3000), f"{dice.random() * 3000:.3f}", "x", "1e9"]),
        "height": dice.randrange(99999),
        "dpr": dice.choice([1, 2, 3, dice.random() * 4]),
        "quality": dice.randrange(200),
        "format": dice.choice(["auto", "avif", "webp", "jpeg", "png", "gif", "x"]),
        "rendition": dice.choice(["", "thumb", "x", dice.random()]),
        "fit": dice.choice(["cover", "pad", "x"]),
        "gravity": dice.choice(["east", "attention", "x"]),
        f"junk{dice.random()}": dice.random(),
    }
    return {name: value for name, value in values.items() if dice.random() < 0.7}


def attack(engine: Engine, dice: random.Random, count: int) -> set[str]:
    """The paths of so many invented addresses, of two originals each spelled in two ways."""
    spellings = ["/_img/a%62/c.jpg", "/_img/ab/c.jpg", "/_img/%64.jpg", "/_img/d.jpg"]
    events = []
    for _ in range(count):
        accept = dice.choice([CHROMIUM, SAFARI, "*/*", f"image/avif;q={dice.random()}"])
        events.append(request(dice.choice(spellings), invented(dice), accept))
    return set(ran(engine, SETTINGS, *events))


MOST: Final = 2 * len(RECIPE.renditions) * (len(SETTINGS.widths) + 1) * (len(SETTINGS.formats) + 1)


@every_engine
def test_invented_addresses_are_few_renditions(engine: Engine) -> None:
    """A sample of a million, and nearly all that there may be."""
    assert 0.9 * MOST < len(attack(engine, random.Random(11), 6_000)) <= MOST


@pytest.mark.prove
@every_engine
def test_a_million_invented_addresses_are_no_more(engine: Engine) -> None:
    """All that there may be, and none besides."""
    dice = random.Random(12)
    paths = set().union(*(attack(engine, dice, 20_000) for _ in range(50)))
    assert len(paths) == MOST


def test_the_largest_code_fits_and_a_larger_one_is_refused() -> None:
    """CloudFront takes 10 KB."""
    assert len(code(SETTINGS, RECIPE, FINGERPRINT).encode()) < MOST_BYTES / 2
    with pytest.raises(SettingsError, match="10,240 fit"):
        code(replace(SETTINGS, widths=tuple(range(1, 3000))), RECIPE, FINGERPRINT)


# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-javascript-runtime-20.html
NOT_SUPPORTED: Final = {
    "for of": r"\bfor\s*\([^;)]*\bof\b",
    "class": r"\bclass\b",
    "spread": r"\.\.\.",
    "optional chaining": r"\?\.",
    "nullish": r"\?\?",
    "destructuring": r"\b(?:const|let|var)\s*[{\[]",
    "default parameters": r"function\s*\w*\([^)]*=",
    "generators": r"\bfunction\s*\*|\byield\b",
    "modules": r"\b(?:import|export|require)\b",
    "eval": r"\beval\b|\bFunction\(|\bsetTimeout\b",
    "regular expressions of ES 2018": r"\(\?<",
}
ES_5: Final = {
    *("call", "charCodeAt", "filter", "indexOf", "join", "map", "max", "min", "replace"),
    *("slice", "some", "split", "test", "toLowerCase", "toString", "toUpperCase"),
}


# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-custom-methods.html
SIGNING: Final = {"createHmac", "digest", "get", "kvs", "now", "update"}
either = pytest.mark.parametrize("signing", [False, True])


def functions(*, signing: bool) -> str:
    """What stands below the imports and the lists."""
    whole = code(replace(SETTINGS, signing=signing), RECIPE, FINGERPRINT)
    return whole.partition("const KNOWN")[2].partition("\n")[2]


@either
@pytest.mark.parametrize("name", NOT_SUPPORTED)
def test_no_syntax_is_used_that_the_runtime_has_not(name: str, *, signing: bool) -> None:
    """What Node would let pass."""
    assert not re.search(NOT_SUPPORTED[name], functions(signing=signing))


@either
def test_only_methods_are_called_that_the_runtime_has(*, signing: bool) -> None:
    """Those of ECMAScript 5, and its own."""
    called = re.findall(r"\.(\w+)\(", functions(signing=signing))
    assert set(called) <= ES_5 | (SIGNING if signing else set())
