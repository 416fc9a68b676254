"""The rejected pictures with their reasons as one HTML file, for their owner's eyes.

Names and reasons are hostile: each is escaped, shown in a direction of its own, and the file's own
policy lets nothing run and nothing be fetched.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from hashlib import sha256
from html import escape
from typing import Final

from rich.filesize import decimal

from handler.schema import Metadata
from imgpipe.render.untrusted import printable

_STYLE: Final = """
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
body { margin: 2rem auto; max-width: 70rem; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid #8886; padding: .5rem; text-align: left; vertical-align: top; }
td:first-child { overflow-wrap: anywhere; }
time, .size { white-space: nowrap; }
"""
_HASH: Final = b64encode(sha256(_STYLE.encode()).digest()).decode()
_POLICY: Final = (
    f"default-src 'none'; style-src 'sha256-{_HASH}'; base-uri 'none'; form-action 'none'"
)
_PAGE: Final = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width">
<title>Rejected pictures: {title}</title>
<style>{style}</style>
</head>
<body>
<h1>Rejected pictures</h1>
<p>{count} of {title}, the newest first. This file is on your machine alone.</p>
<table>
<thead><tr><th scope="col">Original</th><th scope="col">Why</th><th scope="col">Size</th>\
<th scope="col">When (UTC)</th></tr></thead>
<tbody>
{rows}
</tbody>
</table>
</body>
</html>
"""


def page(title: str, rows: Sequence[Metadata]) -> str:
    """Return the page that lists ``rows``, in their order."""
    return _PAGE.format(
        policy=_POLICY,
        style=_STYLE,
        title=_shown(title),
        count=f"{len(rows):,}",
        rows="\n".join(map(_row, rows)),
    )


def _row(row: Metadata) -> str:
    when = row.timestamp[:19].replace("T", " ")
    return (
        f'<tr><td><bdi>{_shown(row.source_key)}</bdi></td><td dir="auto">{_shown(row.reason)}</td>'
        f'<td class="size">{decimal(row.source_size)}</td><td><time>{_shown(when)}</time></td></tr>'
    )


def _shown(text: str) -> str:
    return escape(printable(text))
