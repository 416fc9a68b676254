"""Signed addresses: what the edges let in, and what they refuse, in two engines with real HMAC."""

from __future__ import annotations

import random
import time
from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl, quote, urlsplit

import pytest

from handler.address import folder_of
from handler.delivery_settings import DeliverySettings
from handler.recipe import Recipe
from imgpipe.aws import signing_keys
from imgpipe.edge import address
from imgpipe.edge.code import MOST_BYTES, code
from tests.support.javascript import SIGNING_ENGINES, SigningEngine, request

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws

KEYS: Final = {"newest": "n" * 43, "older": "o" * 43}
CODE: Final = code(DeliverySettings(enabled=True, signing=True), Recipe(), "0f3a52c7.91d2e8b4")
ACCOUNT: Final[Any] = SimpleNamespace(endpoint_url=None)
KEY: Final = "2026/größe & 1_2.jpg"
LATER: Final = int(time.time()) + 3600


def queried(secret: str, key: str = KEY, **words: Any) -> tuple[str, dict[str, str]]:
    """Path and query of the address that ``imgpipe url`` prints."""
    place = address.Place(ACCOUNT, "d1.cloudfront.net", secret)
    parts = urlsplit(address.one(place, key, words).plain.url)
    return parts.path, dict(parse_qsl(parts.query, keep_blank_values=True))


PATH, GOOD = queried(KEYS["newest"], width=640, expires=LATER)
LET_IN: Final = {
    "newest": (PATH, GOOD),
    "older": queried(KEYS["older"], width=640),
    "no words": queried(KEYS["newest"]),
    "every word": queried(
        KEYS["newest"], width=1, height=2, fit="cover", gravity="east", quality=5, format="webp",
        dpr=1.5, rendition="thumb", expires=LATER,
    ),
    "spelled otherwise": (f"/_img/{quote(KEY, safe='')}", GOOD),
    "with what nobody knows": (PATH, {**GOOD, "utm_source": "x"}),
}  # fmt: skip
REFUSED: Final = {
    "unsigned": (PATH, {"width": "640"}),
    "empty": (PATH, {**GOOD, "signature": ""}),
    "another width": (PATH, {**GOOD, "width": "1280"}),
    "a further word": (PATH, {**GOOD, "format": "avif"}),
    "a word less": (PATH, {name: GOOD[name] for name in ("expires", "signature")}),
    "another picture": ("/_img/other.jpg", GOOD),
    "a key before last": queried("x" * 43, width=640),
    "the empty key": queried("", width=640),
    "expired": queried(KEYS["newest"], width=640, expires=int(time.time()) - 1),
    "expires later than signed": (PATH, {**GOOD, "expires": str(LATER + 9)}),
    "never expires": (PATH, {n: each for n, each in GOOD.items() if n != "expires"}),
    "expires no time": queried(KEYS["newest"], width=640, expires="never"),
    "longer": (PATH, {**GOOD, "signature": GOOD["signature"] + "A"}),
    "shorter": (PATH, {**GOOD, "signature": GOOD["signature"][:-1]}),
    "no text": ("/_img/%ff", GOOD),
}


every_engine = pytest.mark.parametrize("engine", SIGNING_ENGINES)


def asked(
    engine: SigningEngine, cases: dict[str, tuple[str, dict[str, str]]], keys: dict[str, str]
) -> list[Any]:
    """The statuses, or the paths, that the edges make of each."""
    done = engine(CODE, keys, [request(path, query) for path, query in cases.values()])
    return [each.get("statusCode") or each["uri"] for each in done]


@every_engine
def test_what_is_signed_is_let_in(engine: SigningEngine) -> None:
    """By the newest key or the one before, however it is spelled; and rewritten as ever."""
    paths = asked(engine, LET_IN, KEYS)
    assert all(str(path).startswith("/_img/2026/gr_C3_B6_C3_9Fe") for path in paths), paths
    assert paths[0] == paths[4] == paths[5]


@every_engine
def test_what_is_forged_or_late_is_refused(engine: SigningEngine) -> None:
    """Before anything is looked for."""
    answers = dict(zip(REFUSED, asked(engine, REFUSED, KEYS), strict=True))
    assert answers == dict.fromkeys(REFUSED, 403)


def letters(dice: random.Random) -> str:
    """A key of a picture as hostile as S3 takes it."""
    return "".join(
        dice.choice("aZ0/._-~ %+&=?#'\"\\\nñ日\U0001f600") for _ in range(dice.randint(1, 20))
    )


@every_engine
def test_whatever_a_picture_is_called_its_address_holds_for_it_alone(
    engine: SigningEngine,
) -> None:
    """Signed here, checked there, in the words of both."""
    dice = random.Random(25)
    names = list(dict.fromkeys(letters(dice) for _ in range(100)))
    right = {name: queried(KEYS["older"], name, width=dice.randint(1, 3000)) for name in names}
    paths = dict(zip(right, asked(engine, right, KEYS), strict=True))
    assert [name for name, path in paths.items() if not str(path).startswith(folder_of(name))] == []
    swapped = {
        name: (path, right[names[n - 1]][1]) for n, (name, (path, _)) in enumerate(right.items())
    }
    assert set(asked(engine, swapped, KEYS)) == {403}


@every_engine
def test_no_letter_of_a_signature_is_spare(engine: SigningEngine) -> None:
    """But for the two bits that Base64's last letter has over; and no key means no address."""
    told = GOOD["signature"]
    forged = {
        str(n): (PATH, {**GOOD, "signature": f"{told[:n]}{'BA'[told[n] == 'B']}{told[n + 1 :]}"})
        for n in range(len(told))
    }
    assert set(asked(engine, forged, KEYS)) == {403}
    assert set(asked(engine, LET_IN, {})) == {403}


@every_engine
def test_a_rotation_keeps_one_key_before(engine: SigningEngine, aws: Aws) -> None:
    """What the newest signed holds after one rotation, and no longer after two."""
    cloudfront = aws.client("cloudfront")
    made = cloudfront.create_key_value_store(Name="keys")["KeyValueStore"]["ARN"]
    assert not signing_keys.filled(aws, made)
    signing_keys.put(aws, made)
    first = signing_keys.newest(aws, made)
    for holds in (True, False):
        signing_keys.rotate(aws, made)
        client = aws.client("cloudfront-keyvaluestore")
        keys = {
            name: client.get_key(KvsARN=made, Key=name)["Value"] for name in ("newest", "older")
        }
        (answer,) = asked(engine, {"first": queried(first, width=640)}, keys)
        assert (answer != 403) is holds
    assert min(map(len, keys.values())) >= 43
    assert first not in keys.values()


def test_a_rotation_in_the_middle_of_another_keeps_its_key(
    aws: Aws, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What that signed meanwhile holds until the next: none of two at once forgets the other's."""
    made = aws.client("cloudfront").create_key_value_store(Name="keys")["KeyValueStore"]["ARN"]
    signing_keys.put(aws, made)
    read, between = signing_keys.newest, []

    def read_before(aws: Aws, store: str) -> str:
        monkeypatch.setattr(signing_keys, "newest", read)
        found = read(aws, store)
        signing_keys.rotate(aws, store)
        between.append(read(aws, store))
        return found

    monkeypatch.setattr(signing_keys, "newest", read_before)
    signing_keys.rotate(aws, made)
    client = aws.client("cloudfront-keyvaluestore")
    assert client.get_key(KvsARN=made, Key="older")["Value"] == between[0]


def test_the_secret_is_in_no_text_of_ours() -> None:
    """Neither in a value that might be shown, nor in the code, which fits the edges' 10 KB."""
    secret = "s3cr3t" * 8
    place = address.Place(ACCOUNT, "d1", secret)
    every = address.every(place, KEY, {}, (320, 640))
    assert secret not in f"{place!r}{replace(place)!r}{every!r}{every.element}"
    assert len(CODE.encode()) < MOST_BYTES
    assert not any(key in CODE for key in KEYS.values())
    signatures = {dict(parse_qsl(urlsplit(each.url).query))["signature"] for each in every.widths}
    assert len(signatures) == 2
