"""Renditions on demand: what the function answers for a path, on an S3 in memory."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Mapping
from dataclasses import replace
from importlib import import_module
from types import ModuleType
from typing import Any, Final

import pytest
from botocore.exceptions import ClientError
from PIL import Image

from handler.address import path_of
from handler.recipe import Limits, Recipe, Rendition, Watermark
from handler.services import Services
from handler.variant import variant
from tests.handler.test_lambda_function import Context
from tests.support.handler import SOURCE, jpeg

pytestmark = pytest.mark.slow

Ask = Callable[..., dict[str, Any]]
RECIPE: Final = Recipe(
    (
        Rendition(watermark=None),
        Rendition(name="thumb", width=40, height=40, fit="cover", format="webp", watermark=None),
    )
)
WHITE: Final = (255, 255, 255)


@pytest.fixture
def function(services: Services, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The function as Lambda loads it, on the account in memory."""
    monkeypatch.setenv("SOURCE_BUCKET", SOURCE)
    module = import_module("handler.delivery")
    monkeypatch.setattr(module, "_S3", services.s3)
    monkeypatch.setattr(module, "_BUCKET", SOURCE)
    monkeypatch.setattr(module, "_RECIPE", RECIPE)
    return module


@pytest.fixture
def ask(function: ModuleType) -> Ask:
    """Ask for a rendition of a key, with headers."""

    def asked(key: str, headers: Mapping[str, str] | None = None, **words: object) -> Any:
        path = path_of(key, {name: str(value) for name, value in words.items()})
        return function.lambda_handler({"rawPath": path, "headers": dict(headers or {})}, Context())

    return asked


def put(services: Services, key: str, body: bytes, **given: Any) -> None:
    """Upload an original."""
    services.s3.put_object(Bucket=SOURCE, Key=key, Body=body, **given)


def picture(answer: Mapping[str, Any]) -> Image.Image:
    """The picture that was answered."""
    assert (answer["statusCode"], answer["isBase64Encoded"]) == (200, True)
    return Image.open(io.BytesIO(base64.b64decode(answer["body"])))


def test_a_rendition_is_answered_with_all_that_caches_need(services: Services, ask: Ask) -> None:
    """Its type, for how long it is kept, and what tells it from every other."""
    put(services, "a b/photo.jpg", jpeg(400, 300))
    answer = ask("a b/photo.jpg", width=160, format="webp")
    found = picture(answer)
    assert (found.size, found.format) == ((160, 120), "WEBP")
    headers = answer["headers"]
    assert headers["Content-Type"] == "image/webp"
    assert headers["Cache-Control"] == "public, max-age=300, s-maxage=604800"
    assert headers["Vary"] == "Accept"
    others = [ask("a b/photo.jpg", width=160), ask("a b/photo.jpg", width=320, format="webp")]
    assert len({each["headers"]["ETag"] for each in (answer, *others)}) == 3


@pytest.mark.parametrize(
    ("words", "size"),
    [
        ({}, (800, 400)),
        ({"width": 160}, (160, 80)),
        ({"width": 2560}, (1200, 600)),
        ({"height": 200}, (400, 200)),
        ({"width": 160, "height": 40}, (80, 40)),
        ({"width": 160, "height": 40, "fit": "cover"}, (160, 40)),
        ({"width": 160, "height": 160, "fit": "pad"}, (160, 160)),
        ({"rendition": "thumb"}, (40, 40)),
        ({"rendition": "thumb", "width": 160}, (160, 160)),
    ],
)
def test_every_word_changes_the_size_as_it_says(
    services: Services, ask: Ask, words: dict[str, object], size: tuple[int, int]
) -> None:
    """And a side that nobody names follows."""
    put(services, "photo.jpg", jpeg(1200, 600))
    assert picture(ask("photo.jpg", **words)).size == size


def test_what_is_kept_is_asked_for_again_without_being_read(services: Services, ask: Ask) -> None:
    """304 as long as the original is the same; the picture anew where it was replaced."""
    put(services, "photo.jpg", jpeg(400, 300))
    etag = ask("photo.jpg", width=160)["headers"]["ETag"]
    again = ask("photo.jpg", {"if-none-match": etag}, width=160)
    assert (again["statusCode"], again["headers"]["ETag"]) == (304, etag)
    assert "body" not in again
    assert ask("photo.jpg", {"if-none-match": f"W/{etag}"}, width=160)["statusCode"] == 304
    assert ask("photo.jpg", {"if-none-match": etag}, width=320)["statusCode"] == 200
    assert ask("photo.jpg", {"if-none-match": '"-"'}, width=160)["statusCode"] == 200
    put(services, "photo.jpg", jpeg(400, 300, "blue"))
    anew = ask("photo.jpg", {"if-none-match": etag}, width=160)
    assert anew["statusCode"] == 200
    assert anew["headers"]["ETag"] != etag


def test_what_can_be_no_picture_is_refused_and_kept_briefly(
    services: Services, ask: Ask, function: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A missing original, one that is none, one that is too large: with the reason."""
    put(services, "text.jpg", b"no picture")
    put(services, "large.jpg", jpeg(400, 300))
    monkeypatch.setattr(function, "_RECIPE", replace(RECIPE, limits=Limits(bytes=500)))
    answers = [ask("nothing.jpg", width=160), ask("text.jpg", width=160), ask("large.jpg")]
    assert [each["statusCode"] for each in answers] == [404, 415, 415]
    assert {each["headers"]["Cache-Control"] for each in answers} == {"public, max-age=10"}
    assert "at most 500 are read" in answers[2]["body"]


@pytest.mark.parametrize(
    "path",
    [
        *("/", "/_img/", "/_img/photo.jpg", "/photo.jpg/width-160", "/_img/photo.jpg/size-9"),
        *("/_img/photo.jpg/height-x", "/_img/photo.jpg/width-x", "/_img/photo.jpg/width-99999999"),
        *("/_img/photo.jpg/format-gif", "/_img/photo.jpg/rendition-none", "/_img/_FF/width-9"),
        "/_img/photo.jpg/width-160..width-320",
    ],
)
def test_a_path_that_the_edge_would_not_write_is_none(
    services: Services, function: ModuleType, path: str
) -> None:
    """Nobody else can call the function, and it believes the edge no more than it must."""
    put(services, "photo.jpg", jpeg(400, 300))
    answer = function.lambda_handler({"rawPath": path, "headers": {}}, Context())
    assert answer["statusCode"] == 404


def test_what_passes_is_raised(function: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that Lambda counts it, and CloudFront asks again."""

    class Denied:
        def get_object(self, **_: object) -> None:
            answer = {
                "Error": {"Code": "AccessDenied"},
                "ResponseMetadata": {"HTTPStatusCode": 403},
            }
            raise ClientError(answer, "GetObject")

    monkeypatch.setattr(function, "_S3", Denied())
    with pytest.raises(ClientError):
        function.lambda_handler({"rawPath": "/_img/a.jpg/width-160", "headers": {}}, Context())


def test_nobody_gets_an_unmarked_original(
    services: Services, ask: Ask, function: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever is asked for, at any size and beyond, the recipe's mark is on it."""
    mark = Watermark(text="X", tiled=True, color="#ffffff", opacity=1.0)
    monkeypatch.setattr(function, "_RECIPE", Recipe((Rendition(watermark=mark),)))
    put(services, "photo.png", png(600, 400))
    for words in ({}, {"width": 320}, {"width": 2560, "height": 2560, "format": "png"}):
        shown = picture(ask("photo.png", **words)).convert("RGB")
        assert any(colour == WHITE for _, colour in shown.getcolors(1 << 24) or [])
    strip = ask("photo.png", width=600, height=50, fit="cover", gravity="north")
    assert (strip["statusCode"], strip["body"]) == (415, "too few pixels to bear its watermark\n")


def png(width: int, height: int) -> bytes:
    """A plain red PNG, in which any white is the mark's."""
    stream = io.BytesIO()
    Image.new("RGB", (width, height), "red").save(stream, "PNG")
    return stream.getvalue()


def test_a_recipe_may_say_how_long_a_rendition_is_kept(
    services: Services, ask: Ask, function: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In its own words, or in the original's."""
    put(services, "photo.jpg", jpeg(400, 300), CacheControl="public, max-age=7")
    for wanted, kept in (("keep", "public, max-age=7"), ("no-store", "no-store")):
        monkeypatch.setattr(function, "_RECIPE", Recipe((Rendition(cache_control=wanted),)))
        assert ask("photo.jpg", width=160)["headers"]["Cache-Control"] == kept


def test_a_result_is_made_to_fit_the_answer() -> None:
    """By its quality; a recipe that wants it smaller still is heard."""
    assert made(Rendition()).max_bytes == 4_500_000
    assert made(Rendition(max_bytes=9_000_000)).max_bytes == 4_500_000
    assert made(Rendition(max_bytes=50_000)).max_bytes == 50_000


def made(rendition: Rendition) -> Rendition:
    """What a rendition becomes on demand."""
    recipe = variant(Recipe((rendition,)), {"width": "160"}, 4_500_000)
    assert recipe
    return recipe.renditions[0]


def test_what_cannot_be_sent_is_refused_with_the_figure(
    services: Services, ask: Ask, function: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A PNG has no quality to give up."""
    monkeypatch.setattr(function, "MOST_BYTES", 50)
    put(services, "photo.png", png(300, 200))
    answer = ask("photo.png", width=160)
    assert answer["statusCode"] == 415
    assert "50 can be sent" in answer["body"]
