"""What is written as TOML reads as what it was; a recipe's tables make that very recipe."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from handler.recipe import Recipe, Rendition, web_preset
from imgpipe.settings import picture_tables
from imgpipe.settings.toml import document
from tests.support.recipes import LETTERS, RENDITIONS, recipes

pytestmark = pytest.mark.slow

SCALARS = (
    st.text(LETTERS)
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.booleans()
    | st.lists(st.text(LETTERS))
)
TABLES = st.recursive(
    st.dictionaries(st.text(LETTERS), SCALARS),
    lambda inner: st.dictionaries(
        st.text(LETTERS), SCALARS | inner | st.lists(inner, min_size=1, max_size=3)
    ),
    max_leaves=8,
)


@given(TABLES)
def test_a_document_reads_as_what_was_written(values: dict[str, Any]) -> None:
    """Any key, any text, tables in tables and in their arrays."""
    assert tomllib.loads(document(values)) == values


@settings(deadline=None)
@given(recipes())
def test_a_recipe_written_and_read_is_the_same_recipe(recipe: Recipe) -> None:
    """Byte for byte as the function gets it; whatever renditions inherit, and with the preset."""
    assume(len(recipe.to_json().encode()) <= picture_tables.LARGEST_BYTES)
    read = tomllib.loads(document(picture_tables.tables(recipe)))
    again = picture_tables.recipe(read, read.get("preset", ""), "imgpipe.toml")
    assert picture_tables.deployed(again).to_json() == recipe.to_json()


@pytest.mark.parametrize("preset", ["", "web"])
def test_defaults_are_not_written(preset: str) -> None:
    """Of a bare recipe nothing, of the preset its name alone."""
    recipe = picture_tables.recipe({}, preset, "imgpipe.toml")
    assert picture_tables.tables(recipe) == ({"preset": "web"} if preset else {})


@given(RENDITIONS)
def test_the_preset_is_known_for_what_it_is(base: Rendition) -> None:
    """Whatever [picture] says, six renditions make no six tables."""
    recipe = Recipe((base, *web_preset(base)))
    assert picture_tables.tables(recipe)["preset"] == "web"
    assert "rendition" not in picture_tables.tables(recipe)


def test_the_text_is_one_a_person_would_write() -> None:
    """Quoted where it must be, tables under their headers, what is inherited left out."""
    read = {
        "picture": {"width": 1200},
        "watermark": {"text": '© "Jane"', "opacity": 0.6},
        "rendition": [{"name": "thumb", "width": 320, "watermark": {"text": "J"}}],
    }
    recipe = picture_tables.recipe(read, "", "imgpipe.toml")
    assert document({"memory": 512, **picture_tables.tables(recipe)}) == (
        "memory = 512\n\n"
        "[picture]\nwidth = 1200\n\n"
        '[watermark]\ntext = "© \\"Jane\\""\nopacity = 0.6\n\n'
        '[[rendition]]\nname = "thumb"\nwidth = 320\n\n'
        '[rendition.watermark]\ntext = "J"\n'
    )
