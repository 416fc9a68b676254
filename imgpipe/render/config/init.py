"""What ``config init`` shows: the files that it wrote."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

from rich.text import Text

from imgpipe.render._paper import Paper
from imgpipe.render._screen import View
from imgpipe.render.untrusted import path_text, printable


@dataclass(frozen=True)
class ConfigInitRecord:
    """What was written."""

    file: Annotated[str, "the settings file"]
    schema: Annotated[str, "its schema, for editors"]


def _record(files: Sequence[Path]) -> ConfigInitRecord:
    return ConfigInitRecord(*map(path_text, files))


def _text(files: Sequence[Path], _: Paper) -> Iterator[Text]:
    for path in files:
        yield Text(f"wrote {printable(path_text(path))}")


VIEW: Final = View(_record, _text)
