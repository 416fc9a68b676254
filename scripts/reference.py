"""Write what docs/ has of the code itself: ``python -m scripts.reference``.

That is cli.md, json.md and the settings file's schema.

A test holds the files against it.
"""

from __future__ import annotations

import inspect
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from imgpipe.cli._commands import COMMANDS, GROUPS
from imgpipe.errors import ImgpipeError
from imgpipe.render._failure import ErrorRecord
from imgpipe.settings import schema
from scripts.records import Shown, described, in_words, parts, shown_by

DOCS: Final = Path(__file__).parent.parent / "docs"
_WRITTEN: Final = "Written by `python -m scripts.reference` from the commands' own {}."
_ENVELOPES: Final = """With `--output json` a command prints one object, the envelope, on stdout:

```
{"imgpipe": 1, "command": "status", "data": ...}
```

`imgpipe` is the version of this form: a field may be added within it, none is taken away and none
changes its meaning. `command` is the name of the command, and `data` is what is described below.
A command whose `data` streams prints an envelope a line, each as it comes.

What is said beside the data is left out, unless a terminal shows stderr."""
_FAILURES: Final = """A command that fails prints an envelope on stderr, in which `error` stands in
the place of `data`, and ends with the exit code that belongs to the error's `code`. What it has
done before that, such as the pictures that did make it, is on stdout all the same."""
ERRORS: Final[list[type[ImgpipeError]]] = [ImgpipeError, *ImgpipeError.__subclasses__()]


def pages() -> dict[Path, str]:
    """Return the text of every written page."""
    return {
        DOCS / "cli.md": reference(),
        DOCS / "json.md": json_reference(),
        DOCS / schema.FILE: schema.document(),
    }


def reference() -> str:
    """Return every command's ``--help``, 100 columns wide, in the order of the table."""
    commands = ["", *(row.name for row in COMMANDS), *GROUPS]
    sections = [
        f"## {f'imgpipe {command}'.strip()}\n\n```\n{helped(command)}\n```\n"
        for command in commands
    ]
    head = ("# Commands and options", _WRITTEN.format("`--help`"))
    return "\n\n".join([*head, "\n".join(sections)])


def helped(command: str) -> str:
    """Return what ``imgpipe COMMAND --help`` prints."""
    environ = {**os.environ, "COLUMNS": "100", "TERMINAL_WIDTH": "100", "NO_COLOR": "1"}
    call = [sys.executable, "-m", "imgpipe", *command.split(), "--help"]
    done = subprocess.run(call, capture_output=True, text=True, check=True, env=environ)
    return done.stdout.strip()


def json_reference() -> str:
    """Return what every command prints as JSON, and each record that it is made of."""
    shown = {row: shown_by(row) for row in COMMANDS if "json" in row.outputs}
    commands = [_command(row.name, views) for row, views in shown.items()]
    made_of = dict.fromkeys(
        part for views in shown.values() for view in views for part in parts(view.record)
    )
    return "\n\n".join(
        [
            "# JSON",
            _WRITTEN.format("records"),
            _ENVELOPES,
            "## Commands",
            *commands,
            "## Errors",
            _FAILURES,
            *_record(ErrorRecord),
            _codes(),
            "## Records",
            *(line for record in made_of for line in _record(record)),
            "",
        ]
    )


def _command(name: str, views: Sequence[Shown]) -> str:
    lines = [
        f"`data`{' of each line' if view.streamed else ''}: {in_words(view.record)}"
        for view in views
    ]
    return "\n\n".join([f"### imgpipe {name}", "\n\nor ".join(lines)])


def _record(record: type) -> Iterator[str]:
    """Yield a record's heading, what it is, and a table of its fields."""
    yield f"### {record.__name__}"
    yield _meaning(record)
    rows = [
        f"| `{name}` | {in_words(kind)} | {meaning} |" for name, kind, meaning in described(record)
    ]
    yield "\n".join(["| field | type | meaning |", "| --- | --- | --- |", *rows])


def _meaning(kind: type) -> str:
    """Return the docstring of ``kind`` as Markdown."""
    return (inspect.getdoc(kind) or "").replace("``", "`")


def _codes() -> str:
    rows = [
        f"| `{kind.code}` | {kind.exit_code.value} | {_meaning(kind).splitlines()[0]} |"
        for kind in ERRORS
    ]
    return "\n".join(["| code | exit code | what it means |", "| --- | --- | --- |", *rows])


if __name__ == "__main__":
    DOCS.mkdir(exist_ok=True)
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")
