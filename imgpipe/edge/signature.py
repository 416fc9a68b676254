"""The signature of an address: what it is of, and how it is made. The edges make it, too.

HMAC with SHA-256 over the key and the words of the query in one order, however either is spelled,
in Base64's alphabet for addresses, without its padding.
"""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from typing import Final

from handler.address import ORDER

EXPIRES: Final = "expires"
SIGNATURE: Final = "signature"
# What an address may ask for; ``v`` is the edge's own.
WORDS: Final = (*(word for word in ORDER if word != "v"), "dpr", EXPIRES)

Words = Mapping[str, int | float | str]


def signed(secret: str, key: str, words: Words) -> Words:
    """Return ``words`` with the signature of ``key`` and them."""
    text = f"{key}\n{'&'.join(f'{word}={words[word]}' for word in WORDS if word in words)}"
    digest = hmac.digest(secret.encode(), text.encode(), "sha256")
    return {**words, SIGNATURE: urlsafe_b64encode(digest).decode().rstrip("=")}
