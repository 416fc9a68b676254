"""Recipes as an imgpipe.toml can make them: every setting, every kind of rendition."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any, TypeVar

from hypothesis import strategies as st

from handler.group import Group
from handler.recipe import (
    COLOURS,
    FITS,
    GRAVITIES,
    HDR,
    METADATA,
    OUTPUT_FORMATS,
    PAGES,
    SOURCE_FORMATS,
    TRUNCATED,
    Limits,
    Recipe,
    Rendition,
    Watermark,
    web_preset,
)

if TYPE_CHECKING:
    from collections.abc import Callable

G = TypeVar("G", bound=Group)


def every(kind: type[G], **strategies: st.SearchStrategy[Any]) -> st.SearchStrategy[G]:
    """Groups of ``kind`` with any values; a setting without a strategy fails at once."""
    settings = {field.name for field in fields(kind)} - {"name"}
    assert set(strategies) == settings, "give the new setting a strategy below"
    return st.builds(kind, **strategies)


LETTERS = st.characters().filter(str.isprintable)
TEXTS = st.text(LETTERS, max_size=40)
FILES = st.just("") | st.text(LETTERS.filter(lambda letter: letter != "/"), min_size=1).filter(
    lambda name: name.strip(".") != "" and len(name) <= 40
)
HEX = st.from_regex("#[0-9a-fA-F]{6}", fullmatch=True)
NAMES = st.from_regex("[a-z0-9][a-z0-9_]{0,31}", fullmatch=True)
WATERMARKS = every(
    Watermark,
    text=TEXTS,
    image=FILES,
    font=FILES,
    size=st.floats(0.01, 1) | st.just(1),
    color=HEX,
    outline=HEX,
    opacity=st.floats(0, 1) | st.integers(0, 1),
    angle=st.floats(-360, 360),
    gravity=st.sampled_from(GRAVITIES),
    margin=st.floats(0, 0.5),
    tiled=st.booleans(),
)
RENDITIONS = every(
    Rendition,
    width=st.integers(1, 16383),
    height=st.integers(1, 16383),
    fit=st.sampled_from(FITS),
    gravity=st.sampled_from([*GRAVITIES, "attention"]),
    background=HEX,
    format=st.sampled_from(OUTPUT_FORMATS),
    quality=st.integers(0, 100) | st.just("auto"),
    max_bytes=st.integers(0, 2**31),
    colour=st.sampled_from(COLOURS),
    hdr=st.sampled_from(HDR),
    pages=st.sampled_from(PAGES),
    linear=st.booleans(),
    cache_control=st.sampled_from(["", "keep", 'private="x", max-age=3']),
    keep_metadata=st.lists(st.sampled_from(["album", "a-b"]), unique=True).map(tuple),
    metadata=st.sampled_from(METADATA),
    watermark=st.none() | st.just(Watermark()) | WATERMARKS,
)
LIMITS = every(
    Limits,
    pixels=st.integers(1, 2**40),
    total_pixels=st.integers(1, 2**40),
    frames=st.integers(1, 2**40),
    bytes=st.integers(1, 2**40),
    formats=st.lists(st.sampled_from(SOURCE_FORMATS), min_size=1, unique=True).map(tuple),
    truncated=st.sampled_from(TRUNCATED),
)


@st.composite
def recipes(draw: Callable[[st.SearchStrategy[object]], object]) -> Recipe:
    """Some renditions like the default one but for little, some of their own, and the web's six."""
    base = draw(st.just(Rendition()) | RENDITIONS)
    assert isinstance(base, Rendition)
    like = st.builds(
        replace,
        st.just(base),
        width=st.integers(1, 16383),
        watermark=st.sampled_from([base.watermark, None, Watermark()]),
    )
    names = draw(st.lists(NAMES, unique=True, max_size=3))
    assert isinstance(names, list)
    named = [replace(draw(like | RENDITIONS), name=name) for name in names]  # type: ignore[type-var]
    web = draw(st.sampled_from([(), web_preset(base)]))
    limits = draw(st.just(Limits()) | LIMITS)
    assert isinstance(limits, Limits)
    return Recipe((base, *named, *web), limits)  # type: ignore[arg-type, misc]
