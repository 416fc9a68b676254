"""Domain names as people type them, in the one spelling that AWS and DNS compare."""

from __future__ import annotations

import re
from typing import Final

NONE: Final = "none"
"""What takes a domain away; no domain, as it has no dot."""

_LONGEST: Final = 253
_LABEL: Final = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
# Browsers and the older IDNA of Python lead these to different domains: RFC 5894, 7.2.
_AMBIGUOUS: Final = frozenset("\u00df\u03c2\u200c\u200d")


def canonical(text: object) -> str | None:
    """Return a domain name in lower case, without its last dot, other scripts as ``xn--``.

    ``None`` for what is none: a single word, an address of IP, a wildcard, a URL, a name with
    letters that may stand for two domains.
    """
    if not isinstance(text, str) or len(text) > _LONGEST + 1 or _AMBIGUOUS & set(text):
        return None
    try:
        name = text.removesuffix(".").encode("idna").decode("ascii").lower()
    except UnicodeError:
        return None
    labels = name.split(".")
    well_formed = len(name) <= _LONGEST and all(map(_LABEL.fullmatch, labels))
    return name if well_formed and len(labels) > 1 and not labels[-1].isdecimal() else None
