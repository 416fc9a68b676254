"""What ``config pull`` shows: the files that it wrote."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final

from rich.text import Text

from imgpipe.pipeline.pull import Pulled
from imgpipe.render._paper import Paper
from imgpipe.render._screen import View
from imgpipe.render.untrusted import path_text, printable


@dataclass(frozen=True)
class Written:
    """The settings that were pulled, and the files they were written into, the last their own."""

    pulled: Pulled
    files: Sequence[Path]


@dataclass(frozen=True)
class ConfigPullRecord:
    """The live settings, and where they were written."""

    file: Annotated[str, "the settings file"]
    assets: Annotated[list[str], "the watermarks' files beside it"]
    settings: Annotated[dict[str, Any], "what the file says: key by key, tables as objects"]


def _record(done: Written) -> ConfigPullRecord:
    *assets, file = map(path_text, done.files)
    return ConfigPullRecord(file, assets, dict(done.pulled.values))


def _text(done: Written, _: Paper) -> Iterator[Text]:
    for path in done.files:
        yield Text(f"wrote {printable(path_text(path))}")


VIEW: Final = View(_record, _text)
