"""What ``config show`` shows: every setting, its value, and where that came from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final

from rich.text import Text

from imgpipe.render._paper import Paper
from imgpipe.render._screen import View
from imgpipe.render._table import Column, table
from imgpipe.render.untrusted import printable
from imgpipe.settings.effective import Effective
from imgpipe.settings.origin import Kind
from imgpipe.settings.toml import scalar

_COLUMNS: Final = (Column("SETTING"), Column("VALUE", gives_way=1, least=12), Column("FROM"))


@dataclass(frozen=True)
class SettingRecord:
    """One setting as it holds."""

    key: Annotated[str, "where it stands in imgpipe.toml, such as picture.width"]
    value: Annotated[Any, "its value; null: what stands is left as it is"]
    kind: Annotated[Kind, "what kind of place it came from"]
    where: Annotated[str, "the flag, the variable, or file and line; empty for a default"]


def _records(found: Sequence[Effective]) -> list[SettingRecord]:
    return [
        SettingRecord(each.key, each.value, each.origin.kind, each.origin.where) for each in found
    ]


def _text(found: Sequence[Effective], paper: Paper) -> Iterator[Text]:
    if found:
        yield from table(_COLUMNS, list(map(_cells, found)), paper.width)


def _cells(each: Effective) -> list[Text]:
    style = "dim" if each.origin.kind is Kind.DEFAULT else ""
    value = "as it is" if each.value is None else scalar(each.value)
    texts = (each.key, value, str(each.origin))
    return [Text(printable(text), style) for text in texts]


VIEW: Final = View(_records, _text)
