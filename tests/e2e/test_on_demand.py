"""Any size by its address, on the whole chain: edge function, behavior, signed URL, function."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pytest
from PIL import Image
from playwright.sync_api import sync_playwright

from imgpipe import cdn
from imgpipe.aws import signing_keys
from imgpipe.pipeline.doctor.links import LINKS
from tests.e2e.test_index_page import CHROMIUM, FLAGS
from tests.e2e.test_removed import until
from tests.support.limited import limited_to, policy_of
from tests.support.shell import Shell, embedded, photo
from tests.support.standing import standing
from tests.support.tools import found, needs

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws

KEY: Final = "2026/größe & 1_2.jpg"
PATH: Final = "2026/gr%C3%B6%C3%9Fe%20%26%201_2.jpg"
FOLDER: Final = "/_img/2026/gr_C3_B6_C3_9Fe_20_26_201_5F2.jpg/*"
WEBP: Final = "image/webp,*/*"
AVIF: Final = f"image/avif,{WEBP}"
TOO_MANY: Final = 429
TOML: Final = "[delivery]\nenabled = true\n"
pytestmark = needs("node")


@dataclass(frozen=True)
class Site:
    """A pipeline that makes renditions on demand, and another client of its account."""

    shell: Shell
    aws: Aws
    names: dict[str, str]

    def ask(self, query: str, accept: str = AVIF, method: str = "GET", **headers: str) -> cdn.Reply:
        """Ask as a browser does, through the CDN."""
        address = f"{self.names['url']}_img/{PATH}{query}"
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        return cdn.fetch(address, method, headers={"Accept": accept, **told})

    def put(self, body: bytes) -> None:
        """Put the original."""
        bucket = self.names["source_bucket"]
        self.aws.client("s3").put_object(Bucket=bucket, Key=KEY, Body=body)

    def forgotten(self) -> list[str]:
        """The paths of all invalidations so far."""
        cloudfront, identifier = self.aws.client("cloudfront"), self.names["distribution_id"]
        listed = cloudfront.list_invalidations(DistributionId=identifier)["InvalidationList"]
        batches = [
            cloudfront.get_invalidation(DistributionId=identifier, Id=each["Id"])["Invalidation"]
            for each in listed.get("Items", [])
        ]
        return [path for each in batches for path in each["InvalidationBatch"]["Paths"]["Items"]]


@pytest.fixture(scope="module")
def site(shared_shell: Shell) -> Site:
    """One, with a picture in it."""
    (shared_shell.folder / "imgpipe.toml").write_text(TOML)
    outputs = shared_shell.json("--local", "setup")["outputs"]
    there = Site(shared_shell, embedded(shared_shell.state), outputs)
    there.put(photo(2200, 1100))
    return there


def size(reply: cdn.Reply) -> tuple[str, int, int]:
    """Type and size of the picture that was answered."""
    picture = Image.open(io.BytesIO(reply.body))
    return reply.headers["content-type"], *picture.size


@pytest.mark.parametrize(
    ("query", "accept", "expected"),
    [
        ("?width=300", AVIF, ("image/avif", 320, 160)),
        ("?width=300&utm=1&height=9&fit=cover", WEBP, ("image/webp", 320, 160)),
        ("?width=160&dpr=2", "*/*", ("image/jpeg", 320, 160)),
        ("?format=webp", "*/*", ("image/webp", 800, 400)),
        ("?width=-1&format=../../x&rendition=__proto__", "*/*", ("image/jpeg", 800, 400)),
    ],
)
def test_an_address_is_answered_in_the_best_that_is_taken(
    site: Site, query: str, accept: str, expected: tuple[str, int, int]
) -> None:
    """At the size asked for, rounded up, whatever else the address says."""
    assert size(site.ask(query, accept)) == expected


def test_the_edge_asks_as_caches_do(site: Site) -> None:
    """HEAD, on a condition, for another method, for nothing; and nobody goes past the edge."""
    head = site.ask("?width=300", method="HEAD")
    etag = head.headers["etag"]
    assert (head.status, head.headers["content-type"], head.body) == (200, "image/avif", b"")
    assert head.headers["cache-control"] == "public, max-age=300, s-maxage=604800"
    assert site.ask("?width=300", if_none_match=etag).status == 304
    assert site.ask("?width=640", if_none_match=etag).status == 200
    ranged = site.ask("?width=300", range="bytes=0-9")
    assert (ranged.status, len(ranged.body)) in {
        (206, 10),
        (200, int(head.headers["content-length"])),
    }
    assert site.ask("?width=300", method="POST").status == 403
    assert site.ask("x?width=300").status == 404
    assert site.ask("%ff").status == 400

    lambda_ = site.aws.client("lambda")
    (config,) = lambda_.list_function_url_configs(FunctionName="ImageDeliveryFunction")[
        "FunctionUrlConfigs"
    ]
    identifier = re.findall(r"//(\w+)\.", config["FunctionUrl"])[0]
    emulator = site.aws.endpoint_url or ""
    assert cdn.fetch(f"{emulator}/_aws/lambda-url/{identifier}/_img/x/width-160").status == 403


@needs(*CHROMIUM)
def test_a_page_with_the_printed_srcset_shows_the_right_file(site: Site) -> None:
    """At three widths and two densities: the very width, as AVIF, which Chromium takes."""
    html = site.shell.json("--local", "url", KEY, "--srcset", "--sizes", "100vw")["html"]
    assert html.startswith(f'<img src="{site.names["url"]}_img/{PATH}?width=960" srcset="')
    seen = {
        (width, density): shown
        for density in (1, 2)
        for width, shown in zip((320, 640, 960), looked_at(html, density), strict=True)
    }
    expected = {
        place: ("image/avif", place[0] * place[1], place[0] * place[1] // 2) for place in seen
    }
    assert seen == expected


@needs(*CHROMIUM)
def test_the_page_shows_its_pictures_on_demand(site: Site) -> None:
    """In the width that fits a tile, under the page's strict policy."""
    until(lambda: KEY in rows(site))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found(*CHROMIUM), args=list(FLAGS))
        page, said = browser.new_page(viewport={"width": 700, "height": 700}), []
        page.on("console", lambda message: said.append(message.text))
        with page.expect_response(re.compile("/_img/"), timeout=60_000) as asked:
            page.goto(site.names["url"])
        tile, told = page.locator("#pictures img").first, asked.value
        seen = tile.evaluate("each => each.decode().then(() => [each.currentSrc, each.width > 0])")
        browser.close()
    assert seen == [told.url, True]
    assert re.search(rf"/_img/{re.escape(PATH)}\?width=\d+&t=", told.url), told.url
    assert (told.status, told.headers["content-type"], said) == (200, "image/avif", [])


def looked_at(html: str, density: int) -> Iterator[tuple[str, int, int]]:
    """Yield what a browser of this density shows in windows of three widths."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found(*CHROMIUM), args=list(FLAGS))
        for width in (320, 640, 960):
            page = browser.new_page(
                viewport={"width": width, "height": 700}, device_scale_factor=density
            )
            with page.expect_response(re.compile("/_img/"), timeout=60_000) as asked:
                page.set_content(f"<!doctype html><style>body {{ margin: 0 }}</style>{html}")
            page.wait_for_function("document.images[0].complete", timeout=60_000)
            assert page.evaluate("document.images[0].naturalWidth") > 0
            assert asked.value.url == page.evaluate("document.images[0].currentSrc")
            answer = asked.value
            picture = Image.open(io.BytesIO(answer.body()))
            yield answer.headers["content-type"], *picture.size
            page.close()
        browser.close()


def test_a_picture_replaced_or_removed_takes_its_renditions_along(site: Site) -> None:
    """By one path with a star; what is asked for then is the new one, or nothing."""
    before = site.ask("?width=160").headers["etag"]
    until(lambda: "2026/größe & 1_2.jpg" in rows(site))
    known = site.forgotten().count(FOLDER)
    planned = site.shell.json("--local", "invalidate", KEY, "--dry-run")
    assert FOLDER in planned["paths"]
    site.put(photo(1100, 2200))
    until(lambda: site.forgotten().count(FOLDER) == known + 1)
    assert site.ask("?width=160").headers["etag"] != before
    assert size(site.ask("?width=160")) == ("image/avif", 160, 320)
    site.aws.client("s3").delete_object(Bucket=site.names["source_bucket"], Key=KEY)
    until(lambda: site.forgotten().count(FOLDER) == known + 2)
    assert site.ask("?width=160").status == 404


@pytest.mark.parametrize(
    ("visitors", "at_once"), [(24, 8), pytest.param(1_000, 16, marks=pytest.mark.prove)]
)
def test_a_storm_for_one_rendition_is_one_path(
    site: Site, visitors: int, at_once: int, record_property: Callable[[str, object], None]
) -> None:
    """A thousand visitors, in many spellings: one file for all; and none is made for who has it.

    The embedded edge keeps nothing and waits for nothing, so it makes as many as are asked for.
    """
    site.put(photo(640, 320))

    def storm(**headers: str) -> list[cdn.Reply]:
        widths = [f"?width={161 + number % 150}&x={number}" for number in range(visitors)]
        with ThreadPoolExecutor(at_once) as pool:
            return list(pool.map(lambda query: site.ask(query, WEBP, **headers), widths))

    before, replies = delivered(site), storm()
    assert {reply.status for reply in replies} == {200}
    ((etag, _),) = {(reply.headers["etag"], reply.body) for reply in replies}
    record_property("renders", delivered(site) - before)
    before = delivered(site)
    assert {reply.status for reply in storm(if_none_match=etag)} == {304}
    assert delivered(site) == before


def test_what_lambda_refuses_for_now_is_told_and_kept_nowhere(site: Site) -> None:
    """Too many at once: visitors see it as it is, and the next who asks is answered."""
    site.put(photo(640, 320))
    lambda_ = site.aws.client("lambda")
    name = "ImageDeliveryFunction"
    lambda_.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    try:
        refused = site.ask("?width=480")
    finally:
        lambda_.delete_function_concurrency(FunctionName=name)
    assert refused.status == TOO_MANY
    assert "cache-control" not in refused.headers
    assert site.ask("?width=480").status == 200


def delivered(site: Site) -> int:
    """The renditions made so far, by the log."""
    pages = site.aws.client("logs").get_paginator("filter_log_events")
    found = pages.paginate(
        logGroupName="/aws/lambda/ImageProcessingFunction", filterPattern="delivered"
    )
    return sum(len(page["events"]) for page in found)


def rows(site: Site) -> set[str]:
    """The originals that the table knows."""
    return {each["source_key"] for each in site.shell.stream("--local", "list-metadata")}


def test_signed_addresses_alone_are_answered_and_keys_are_rotated(site: Site) -> None:
    """By the newest key and the one before; what was signed before that is refused."""
    site.put(photo(640, 320))
    (site.shell.folder / "imgpipe.toml").write_text(f"{TOML}signing = true\n")
    site.shell.run("--local", "setup")
    told = site.shell.json("--local", "url", KEY, "--width", "160", "--expires", "1h")["url"]
    query = told.partition(PATH)[2]
    secret = secret_of(site)
    for holds in (True, True, False):
        assert site.ask(query).status == (200 if holds else 403)
        done = site.shell.run("--local", "--debug", "rotate", "--yes")
        for known in (secret, secret := secret_of(site)):
            assert known not in done.stdout + done.stderr
    assert site.ask("?width=160").status == 403


def secret_of(site: Site) -> str:
    """The key that signs."""
    store = signing_keys.store_of(site.aws, f"imgpipe-default-{site.aws.region}")
    return signing_keys.newest(site.aws, store)


@pytest.mark.prove
def test_it_is_switched_off_again_and_nothing_stays(site: Site) -> None:
    """The edges ask the bucket then; and a teardown without the setting takes all of it along.

    Who has the policy that is printed when it is off already may take it away.
    """
    settings = site.shell.folder / "imgpipe.toml"
    settings.write_text("[delivery]\nenabled = true\nsigning = true\n")
    site.shell.run("--local", "setup")
    plan: Any = site.shell.json("--local", "setup", "--dry-run")
    assert {each["state"] for each in plan["resources"]} == {"unchanged"}
    settings.write_text("[delivery]\nenabled = false\n")
    plan = site.shell.json("--local", "setup", "--dry-run")
    going = {each["title"] for each in plan["resources"] if each["state"] == "to delete"}
    assert going == set(LINKS["renditions on demand"]) - {
        *("delivery permission", "delivery invocation"),
    }
    printed_after = list(policy_of(site.shell, "--for", "setup")["Statement"])
    with limited_to(site.shell, site.aws, printed_after):
        done = site.shell.run("--local", "setup").stderr
    assert "Switched off, and so taken away: delivery" in done
    assert all(re.search(rf"^deleted +{title} ", done, re.MULTILINE) for title in going)
    functions = site.aws.client("lambda").list_functions()["Functions"]
    assert "ImageDeliveryFunction" not in {each["FunctionName"] for each in functions}
    assert site.ask("?width=160").status in {403, 404}
    refused = site.shell.run("--local", "url", KEY, code=1).stderr
    assert "config set delivery.enabled true" in refused
    site.shell.run("--local", "teardown", "--yes")
    assert standing(site.aws) == {}
