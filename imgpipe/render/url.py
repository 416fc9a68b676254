"""What ``url`` shows: an address, or a whole <img>."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Final

from rich.text import Text

from imgpipe.edge.address import Addresses
from imgpipe.render._paper import Paper
from imgpipe.render._screen import View


@dataclass(frozen=True)
class AddressRecord:
    """One address."""

    url: Annotated[str, "the address"]
    width: Annotated[int, "width in pixels that it asks for; 0: none"]


@dataclass(frozen=True)
class UrlRecord:
    """The addresses of one picture at the CDN."""

    key: Annotated[str, "key of the original"]
    url: Annotated[str, "the address; with --srcset the one for browsers that know no srcset"]
    widths: Annotated[list[AddressRecord], "with --srcset: of every width that there may be"]
    srcset: Annotated[str, "with --srcset: the value of HTML's attribute; else empty"]
    html: Annotated[str, "with --srcset: a whole <img>; else empty"]


def _record(found: Addresses) -> UrlRecord:
    return UrlRecord(
        found.key,
        found.plain.url,
        [AddressRecord(each.url, each.width) for each in found.widths],
        found.srcset,
        found.element if found.widths else "",
    )


def _text(found: Addresses, _: Paper) -> Iterator[Text]:
    yield Text(found.element if found.widths else found.plain.url)


VIEW: Final = View(_record, _text)
