"""What ``local env`` shows: lines for a shell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final

from rich.text import Text

from imgpipe.local import Emulator, environment, exports
from imgpipe.render._screen import View


@dataclass(frozen=True)
class LocalEnvRecord:
    """The environment that leads aws-cli and SDKs to the embedded AWS, its key included."""

    variables: Annotated[dict[str, str], "value by variable"]


def _record(emulator: Emulator) -> LocalEnvRecord:
    return LocalEnvRecord(environment(emulator))


VIEW: Final = View(_record, lambda emulator, _: [Text(exports(emulator))])
