"""The settings file as a JSON Schema: editors complete and check imgpipe.toml by it."""

from __future__ import annotations

import json
from typing import Any, Final

from handler.checks import checks_of
from handler.recipe import Rendition
from imgpipe.settings.known import BY_KEY, SETTINGS, Known

FILE: Final = "imgpipe.schema.json"
# What an editor's TOML server, taplo for one, reads on the first line.
LINE: Final = f"#:schema ./{FILE}"
_DRAFT: Final = "http://json-schema.org/draft-07/schema#"


def document() -> str:
    """Return the schema as JSON."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def schema() -> dict[str, Any]:
    """Return the schema: every key with its meaning, its default and what it may be."""
    return {
        "$schema": _DRAFT,
        "title": "imgpipe.toml",
        **_table(""),
    }


def _table(name: str) -> dict[str, Any]:
    properties = {each.name: _of(each) for each in SETTINGS if each.table == name}
    if not name:
        properties |= {
            "tags": {"type": "object", "additionalProperties": {"type": "string"}},
            "picture": _picture(),
            "watermark": _table("watermark"),
            "limits": _table("limits"),
            "gallery": _table("gallery"),
            "delivery": _table("delivery"),
            "rendition": {"type": "array", "items": _rendition()},
        }
    return {"type": "object", "additionalProperties": False, "properties": properties}


def _of(each: Known) -> dict[str, Any]:
    default = {} if each.default in {None, ""} else {"default": each.default}
    return {"description": each.meaning, **default, **each.check.schema}


def _picture() -> dict[str, Any]:
    table = _table("picture")
    either = {"anyOf": [{"type": "boolean"}, _table("watermark")]}
    mark = {"description": BY_KEY["picture.watermark"].meaning, **either}
    return {**table, "properties": {**table["properties"], "watermark": mark}}


def _rendition() -> dict[str, Any]:
    table = _picture()
    name = {"description": "Part of the results' names.", **checks_of(Rendition)["name"].schema}
    name |= {"minLength": 1}
    return {**table, "properties": {"name": name, **table["properties"]}, "required": ["name"]}
