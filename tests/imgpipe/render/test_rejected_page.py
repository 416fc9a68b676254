"""The list of rejected pictures: whatever they are called, nothing runs and nothing is fetched."""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import replace
from hashlib import sha256
from html.parser import HTMLParser
from typing import Final

from hypothesis import given
from hypothesis import strategies as st

from handler.schema import Metadata, Status
from imgpipe.render.rejected_page import page
from imgpipe.render.untrusted import printable
from tests.support.hostile.names import KEYS

ROW: Final = Metadata(
    "processed-a.jpg", 0, "2026-07-01T10:00:00.000+00:00", Status.REJECTED, "a.jpg", reason="why"
)


class Seen(HTMLParser):
    """What a browser makes of a page: its elements with their attributes, and its cells' texts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.cells: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag == "td":
            self.cells.append("")

    def handle_data(self, data: str) -> None:
        if self.cells and data.strip():
            self.cells[-1] += data


PLAIN: Final = Seen(page("title", [ROW]))


def agrees(key: str, reason: str) -> None:
    """The page of this picture has the elements of any other, and says what is meant."""
    seen = Seen(page("title", [replace(ROW, source_key=key, reason=reason)]))
    assert seen.elements == PLAIN.elements
    assert seen.cells[0].strip() == printable(key).strip()
    assert seen.cells[1].strip() == printable(reason).strip()


def test_no_name_does_anything() -> None:
    """Of those that were made to."""
    for key in KEYS:
        agrees(key, f"{key} cannot be read")


@given(st.text(), st.text())
def test_no_text_does_anything(key: str, reason: str) -> None:
    """Whatever there is."""
    agrees(key, reason)


def test_its_policy_lets_nothing_but_its_own_style() -> None:
    """Not even what somebody would put into the file later."""
    policies = [each["content"] for _, each in PLAIN.elements if "http-equiv" in each]
    (policy,) = policies
    (style,) = re.findall("<style>(.*)</style>", page("title", [ROW]), re.DOTALL)
    digest = b64encode(sha256(style.encode()).digest()).decode()
    assert policy == (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )
    names = {tag for tag, _ in PLAIN.elements}
    assert not names & {"script", "img", "link", "iframe", "a", "form"}
    assert not {name for _, each in PLAIN.elements for name in each} & {"src", "href", "style"}
