"""What ``config set`` shows: what the file says now."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final

from rich.text import Text

from imgpipe.render._paper import Paper
from imgpipe.render._screen import View
from imgpipe.render.untrusted import path_text, printable
from imgpipe.settings.toml import scalar


@dataclass(frozen=True)
class Set:
    """The file at ``path``, whose ``key`` has this ``value`` now."""

    path: Path
    key: str
    value: Any


@dataclass(frozen=True)
class ConfigSetRecord:
    """What a settings file says now."""

    file: Annotated[str, "the settings file"]
    key: Annotated[str, "the setting"]
    value: Annotated[Any, "its value there"]


def _record(done: Set) -> ConfigSetRecord:
    return ConfigSetRecord(path_text(done.path), done.key, done.value)


def _text(done: Set, _: Paper) -> Iterator[Text]:
    text = f"{path_text(done.path)}: {done.key} = {scalar(done.value)}"
    yield Text(printable(text))


VIEW: Final = View(_record, _text)
