"""A replaced picture is seen when its time in the caches is over: at the first request, not later.

Before the embedded AWS, which caches nothing, stands a cache that obeys RFC 9111 and RFC 5861.
"""

from __future__ import annotations

import urllib.error
import urllib.request
from typing import TYPE_CHECKING

from tests.support.http_cache import Answer, Headers, HttpCache
from tests.support.shell import embedded, outputs, photo

if TYPE_CHECKING:
    from email.message import Message

    from tests.support.shell import Shell

FIVE_MINUTES = 300


def cache_before(pipeline: Shell) -> HttpCache:
    """An empty cache before the pipeline's distribution."""
    url = outputs(pipeline)["url"]
    host = url.split("/")[2]
    endpoint = embedded(pipeline.state).endpoint_url
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def origin(path: str, headers: Headers) -> Answer:
        request = urllib.request.Request(f"{endpoint}{path}", headers={**headers, "Host": host})
        try:
            with opener.open(request, timeout=30) as reply:
                return answered(reply.status, reply.headers, reply.read())
        except urllib.error.HTTPError as error:
            return answered(error.code, error.headers, error.read())

    return HttpCache(origin)


def answered(status: int, headers: Message, body: bytes) -> Answer:
    """An answer with its headers' names in lower case."""
    return Answer(status, {name.lower(): value for name, value in headers.items()}, body)


def test_what_is_replaced_is_seen_within_five_minutes(pipeline: Shell) -> None:
    """Kept while it is fresh, so that the CDN is one; after that the first look is the new one."""
    picture = pipeline.folder / "cached.jpg"
    picture.write_bytes(photo(400, 300))
    pipeline.run("--local", "upload", "cached.jpg")
    cache = cache_before(pipeline)
    old = cache.get("/processed-cached.jpg")
    assert old.status == 200

    picture.write_bytes(photo(300, 400))
    pipeline.run("--local", "upload", "cached.jpg")
    cache.now = FIVE_MINUTES - 1
    assert cache.get("/processed-cached.jpg").body == old.body
    cache.now = FIVE_MINUTES
    new = cache.get("/processed-cached.jpg")
    assert new.status == 200
    assert new.body != old.body


def test_the_cache_serves_what_is_stale_where_it_may() -> None:
    """RFC 5861: once for each cache, however long ago; this is what results must not allow."""
    bodies = iter([b"old", b"new"])
    headers = {"cache-control": "public, max-age=300, stale-while-revalidate=86400"}
    cache = HttpCache(lambda *_: Answer(200, headers, next(bodies)))
    cache.get("/")
    cache.now = 86_399
    assert [cache.get("/").body for _ in range(2)] == [b"old", b"new"]


def test_the_cache_asks_whether_what_it_has_still_holds() -> None:
    """RFC 9111, 4.3: with the ETag; 304 makes it fresh again."""
    asked: list[Headers] = []

    def origin(_: str, headers: Headers) -> Answer:
        asked.append(headers)
        status = 304 if headers else 200
        return Answer(
            status, {"cache-control": "max-age=9", "etag": '"1"'}, b"" if headers else b"x"
        )

    cache = HttpCache(origin)
    for now in (0, 8, 9, 17):
        cache.now = now
        assert cache.get("/").body == b"x"
    assert asked == [{}, {"If-None-Match": '"1"'}]


def test_what_was_changed_by_hand_is_forgotten_when_asked(pipeline: Shell) -> None:
    """By the original's key; everything only on explicit word."""
    (pipeline.folder / "by hand (1).jpg").write_bytes(photo(40, 30))
    pipeline.run("--local", "upload", "by hand (1).jpg")
    done = pipeline.json("--local", "invalidate", "by hand (1).jpg")
    assert (done["status"], done["paths"]) == ("completed", ["/processed-by%20hand%20*"])
    planned = pipeline.json("--local", "invalidate", "--dry-run")
    assert (planned["status"], planned["paths"]) == ("planned", ["/*"])
    assert "invalidate --yes" in pipeline.run("--local", "invalidate", code=2).stderr
    cloudfront = embedded(pipeline.state).client("cloudfront")
    (each,) = cloudfront.list_distributions()["DistributionList"]["Items"]
    made = cloudfront.list_invalidations(DistributionId=each["Id"])["InvalidationList"]["Items"]
    assert done["id"] in {one["Id"] for one in made}
