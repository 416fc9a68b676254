"""A shared HTTP cache with a clock of its own, as CloudFront's edges and browsers have one.

It keeps and reuses by RFC 9111, and serves stale answers by RFC 5861 exactly where the origin
allows it: what a header promises is seen by who stands behind such a cache, and nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

Headers = Mapping[str, str]


@dataclass(frozen=True)
class Answer:
    """What came back: the HTTP status, the headers by their names in lower case, the body."""

    status: int
    headers: Headers
    body: bytes

    @property
    def directives(self) -> dict[str, str]:
        """The directives of Cache-Control with their arguments (RFC 9111, 5.2)."""
        parts = self.headers.get("cache-control", "").lower().split(",")
        pairs = (part.strip().partition("=") for part in parts if part.strip())
        return {name: value.strip('"') for name, _, value in pairs}

    def seconds(self, directive: str) -> float:
        """Return the argument of a directive that counts seconds, 0 where there is none."""
        value = self.directives.get(directive, "")
        return float(value) if value.isdigit() else 0.0


Origin = Callable[[str, Headers], Answer]


@dataclass(frozen=True)
class _Stored:
    answer: Answer
    since: float

    @property
    def lifetime(self) -> float:
        """For how long it is fresh; a shared cache has a directive of its own (4.2.1)."""
        if "no-cache" in self.answer.directives:
            return 0.0
        shared = "s-maxage" in self.answer.directives
        return self.answer.seconds("s-maxage" if shared else "max-age")

    def may_be_stale(self, now: float, directive: str) -> bool:
        """Say whether RFC 5861's ``directive`` still lets it be served though it is stale."""
        strict = {"no-cache", "must-revalidate", "proxy-revalidate", "s-maxage"}
        allowed = not strict & set(self.answer.directives)
        return allowed and now < self.since + self.lifetime + self.answer.seconds(directive)


class HttpCache:
    """A cache before ``origin``; ``now`` is its clock, in seconds, moved by hand."""

    def __init__(self, origin: Origin) -> None:
        self.now = 0.0
        self._origin = origin
        self._stored: dict[str, _Stored] = {}

    def get(self, path: str) -> Answer:
        """Answer a GET from the store or the origin, as the stored answer's headers allow."""
        stored = self._stored.get(path)
        if stored is None:
            return self._kept(path, self._origin(path, {}))
        if self.now < stored.since + stored.lifetime:
            return stored.answer
        if stored.may_be_stale(self.now, "stale-while-revalidate"):
            self._validated(path, stored)  # behind the answer's back: the next one sees it
            return stored.answer
        return self._validated(path, stored)

    def _validated(self, path: str, stored: _Stored) -> Answer:
        """Ask the origin whether the stored answer still holds (4.3)."""
        etag = stored.answer.headers.get("etag")
        answer = self._origin(path, {"If-None-Match": etag} if etag else {})
        if answer.status == 304:
            headers = {**stored.answer.headers, **answer.headers}
            return self._kept(path, replace(stored.answer, headers=headers))
        if answer.status >= 500 and stored.may_be_stale(self.now, "stale-if-error"):
            return stored.answer
        return self._kept(path, answer)

    def _kept(self, path: str, answer: Answer) -> Answer:
        self._stored.pop(path, None)
        private = {"no-store", "private"} & set(answer.directives)
        if answer.status == 200 and not private:
            age = float(answer.headers.get("age", "0"))
            self._stored[path] = _Stored(answer, self.now - age)
        return answer
