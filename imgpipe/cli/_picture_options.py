"""An option for every picture setting, with the name it has in imgpipe.toml.

They are made from the recipe's own dataclasses, so that none is forgotten. A field without a help
text here fails at once.
"""

from __future__ import annotations

import inspect
from dataclasses import MISSING, Field, fields
from typing import TYPE_CHECKING, Any, Final, get_type_hints

import typer

from handler.recipe import Watermark
from imgpipe.settings.meanings import OF_PICTURES
from imgpipe.settings.overrides import PARTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_KINDS: Final[dict[Any, Any]] = {
    tuple[str, ...]: list[str],
    Watermark | None: bool,
    int | str: str,
}


def _whole_or_word(text: str) -> int | str:
    """Return the whole number that ``text`` is, or else the word."""
    return int(text) if text.isdecimal() else text


# What typer has to be told of a setting that is a number or a word.
_EITHER: Final = {"parser": _whole_or_word, "metavar": "<int|auto>"}


def accepted(command: Callable[..., None]) -> Callable[..., None]:
    """Return ``command`` with these options in the place of its ``**`` parameter.

    Each arrives as ``None`` unless it was given. typer reads a command's options from its
    signature: https://typer.tiangolo.com/tutorial/parameter-types/.
    """
    signature = inspect.signature(command, eval_str=True)
    own = [
        parameter
        for parameter in signature.parameters.values()
        if parameter.kind is not parameter.VAR_KEYWORD
    ]
    command.__signature__ = signature.replace(parameters=[*own, *_parameters()])  # type: ignore[attr-defined]
    return command


def _parameters() -> Iterator[inspect.Parameter]:
    for prefix, part in PARTS.items():
        hints = get_type_hints(part)
        for field in fields(part):
            if field.name != "name":
                yield _parameter(prefix + field.name, hints[field.name], field)


def _parameter(name: str, hint: Any, field: Field[Any]) -> inspect.Parameter:
    either: dict[str, Any] = _EITHER if hint == int | str else {}
    option = typer.Option(None, help=OF_PICTURES[name], show_default=_default(field), **either)
    return inspect.Parameter(
        name,
        inspect.Parameter.KEYWORD_ONLY,
        default=option,
        annotation=_KINDS.get(hint, hint) | None,
    )


def _default(field: Field[Any]) -> str:
    """Return in words what holds where neither imgpipe.toml nor the option says anything."""
    value = field.default
    if value is MISSING:
        return "on"
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, tuple):
        return "all" if value else "none"
    return str(value) or "none"
