"""IndexPage: the page's files, put once; what somebody else made stays; no name becomes markup."""

from __future__ import annotations

import re
from dataclasses import replace
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import pytest

from handler.page_settings import PageSettings
from imgpipe.engine.graph import Action
from imgpipe.errors import SettingsError
from imgpipe.gallery.page import page_files, template_files
from imgpipe.resources.bucket import Bucket
from imgpipe.resources.index_page import IndexPage

if TYPE_CHECKING:
    from pathlib import Path

    from imgpipe.aws.account import Aws
    from tests.support.account import Engine

TEMPLATE = template_files(None)
SCRIPTS = {key: body.decode() for key, body in TEMPLATE.items() if key.endswith(".js")}
POLICY = """<meta http-equiv="Content-Security-Policy" content="default-src 'self'">"""
ENTRY = TEMPLATE["index.html"].decode()


@pytest.fixture
def bucket(tags: tuple[tuple[str, str], ...]) -> Bucket:
    """The bucket the page is in."""
    return Bucket("pictures", tags)


@pytest.fixture
def page(bucket: Bucket) -> IndexPage:
    """The page."""
    return IndexPage("index.html", bucket=bucket)


def get(aws: Aws, key: str = "index.html") -> dict[str, Any]:
    """An object, its body read."""
    found = aws.client("s3").get_object(Bucket="pictures", Key=key)
    return {**found, "Body": found["Body"].read()}


def put(aws: Aws, key: str, body: bytes, **more: Any) -> None:
    """Put an object by hand."""
    aws.client("s3").put_object(Bucket="pictures", Key=key, Body=body, **more)


def keys(aws: Aws) -> set[str]:
    """What is in the bucket."""
    listed = aws.client("s3").list_objects_v2(Bucket="pictures")
    return {each["Key"] for each in listed.get("Contents", [])}


def test_create_puts_every_file_as_what_it_is(
    aws: Aws, engine: Engine, bucket: Bucket, page: IndexPage
) -> None:
    """A browser shows or runs it, rather than saving it, and asks again after a minute."""
    assert engine.setup(page, bucket).action is Action.CREATE
    assert keys(aws) == set(TEMPLATE)
    kinds = {key: get(aws, key)["ContentType"] for key in TEMPLATE}
    assert kinds["index.html"] == "text/html; charset=utf-8"
    assert kinds["gallery/style.css"] == "text/css; charset=utf-8"
    assert kinds["gallery/gallery.js"] == "text/javascript; charset=utf-8"
    assert kinds["gallery/icon.svg"] == "image/svg+xml"
    assert {get(aws, key)["CacheControl"] for key in TEMPLATE} == {"public, max-age=60"}
    assert engine.setup(page, bucket).action is Action.NONE


def test_title_and_description_are_text_whatever_they_hold() -> None:
    """They come from a file, and end in markup."""
    hostile = '</title><script>alert("&")</script>'
    settings = PageSettings(title=hostile, description=hostile, columns=7)
    body = page_files(settings, None)["index.html"].body.decode()
    assert "<script>" not in body
    assert body.count("&lt;script&gt;alert(&quot;&amp;&quot;)&lt;/script&gt;") >= 4
    assert 'class="grid columns-7"' in body
    assert "{{" not in body


def test_the_page_is_told_which_widths_there_are_on_demand() -> None:
    """Rising, each once; none where nothing is made on demand."""
    for widths, told in (((640, 160, 640), "160 640"), ((), "")):
        body = page_files(PageSettings(), None, widths)["index.html"].body.decode()
        assert f'<meta name="widths" content="{told}">' in body


def test_a_page_by_hand_is_never_overwritten_nor_taken_away(
    aws: Aws, engine: Engine, bucket: Bucket, page: IndexPage
) -> None:
    """Whether it was there first or took ours's place; our other files are ours all the same."""
    engine.setup(bucket)
    put(aws, "index.html", b"mine")
    assert engine.setup(page, bucket).action is Action.CREATE
    assert get(aws)["Body"] == b"mine"
    assert engine.setup(page, bucket).action is Action.NONE
    put(aws, "gallery/style.css", b"damaged")
    titled = replace(page, settings=PageSettings(title="New"))
    assert engine.setup(titled, bucket).action is Action.UPDATE
    assert get(aws)["Body"] == b"mine"
    assert get(aws, "gallery/style.css")["Body"] == TEMPLATE["gallery/style.css"]
    page.delete(aws, page.read(aws) or {})
    assert keys(aws) == {"index.html"}
    assert page.read(aws) is None


def test_the_page_of_an_older_release_is_ours(
    aws: Aws, engine: Engine, bucket: Bucket, page: IndexPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It had no mark: its bytes tell it."""
    engine.setup(bucket)
    put(aws, "index.html", b"of old", ChecksumAlgorithm="SHA256")
    head = aws.client("s3").head_object(Bucket="pictures", Key="index.html", ChecksumMode="ENABLED")
    monkeypatch.setattr("imgpipe.resources.index_page._OF_OLD", {head["ChecksumSHA256"]})
    assert engine.setup(page, bucket).action is Action.UPDATE
    assert get(aws)["Body"] == page_files(PageSettings(), None)["index.html"].body


def test_a_template_takes_the_place_and_its_leftovers_go(
    aws: Aws, engine: Engine, bucket: Bucket, page: IndexPage, tmp_path: Path
) -> None:
    """And back again."""
    (tmp_path / "gallery").mkdir()
    (tmp_path / "index.html").write_text(f"{POLICY}<title>{{{{title}}}}</title>")
    (tmp_path / "gallery" / "mine.css").write_text("p {}")
    (tmp_path / ".DS_Store").write_text("")
    engine.setup(page, bucket)
    own = replace(page, settings=PageSettings(title="A & B"), template=tmp_path)
    assert engine.setup(own, bucket).action is Action.UPDATE
    assert keys(aws) == {"index.html", "gallery/mine.css"}
    assert get(aws)["Body"] == f"{POLICY}<title>A &amp; B</title>".encode()
    assert engine.setup(own, bucket).action is Action.NONE
    engine.setup(page, bucket)
    assert keys(aws) == set(TEMPLATE)


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("nothing", "has no index.html"),
        ("gallery/index.json", "cannot be of the page"),
        ("gallery/page-1.json", "cannot be of the page"),
        ("photo.jpg", "cannot be of the page"),
        ("gallery/a b.css", "cannot be of the page"),
    ],
)
def test_a_template_that_cannot_be_one_is_refused(tmp_path: Path, name: str, says: str) -> None:
    """What it may hold is said with it."""
    (tmp_path / "gallery").mkdir()
    if name != "nothing":
        (tmp_path / "index.html").write_text(POLICY)
        (tmp_path / name).touch()
    with pytest.raises(SettingsError, match=says):
        template_files(tmp_path)
    with pytest.raises(SettingsError, match="cannot be read"):
        template_files(tmp_path / "absent")


@pytest.mark.parametrize(
    ("meta", "fits"),
    [
        (POLICY, True),
        ("<META content=\"default-src 'none'\" HTTP-EQUIV='Content-Security-Policy'>", True),
        ("<meta\nhttp-equiv=content-security-policy content=x>", True),
        ("", False),
        ("Content-Security-Policy", False),
        ('<meta name="viewport" content="width=device-width">', False),
    ],
)
def test_a_template_keeps_a_content_security_policy(tmp_path: Path, meta: str, fits: bool) -> None:
    """Its own, if it needs other than the packaged one; never none."""
    (tmp_path / "index.html").write_text(f"<!DOCTYPE html><head>{meta}</head>")
    if fits:
        assert set(template_files(tmp_path)) == {"index.html"}
        return
    with pytest.raises(SettingsError, match="no Content-Security-Policy") as caught:
        template_files(tmp_path)
    assert caught.value.next == ("gallery --eject DIR",)


@pytest.mark.parametrize(("files", "size"), [(31, 1), (2, 6_000_000)])
def test_a_template_that_is_too_large_is_refused(tmp_path: Path, files: int, size: int) -> None:
    """With what fits."""
    (tmp_path / "gallery").mkdir()
    (tmp_path / "index.html").write_text(POLICY)
    for number in range(files):
        (tmp_path / "gallery" / f"{number}.css").write_bytes(bytes(size))
    with pytest.raises(SettingsError, match=f"has {files + 1} files") as caught:
        template_files(tmp_path)
    assert "30 files of 10,000,000 bytes" in caught.value.hint


@pytest.mark.parametrize("name", ["index.html", "gallery", "gallery/a.css", "gallery/below", "up"])
@pytest.mark.parametrize("leads_to", ["secret", ".", "..", "/dev/zero", "absent"])
def test_a_template_with_a_link_is_refused(tmp_path: Path, name: str, leads_to: str) -> None:
    """A cloned one could publish any file of whoever runs setup, and would be read for ever."""
    (tmp_path / "secret").write_text(POLICY)
    template = tmp_path / "template"
    (template / name).parent.mkdir(parents=True)
    (template / "index.html").write_text(POLICY)
    (template / name).unlink(missing_ok=True)
    (template / name).symlink_to(leads_to if leads_to != "secret" else tmp_path / "secret")
    with pytest.raises(SettingsError, match=f"holds {name}, which is a link, or no file"):
        template_files(template)


def test_what_an_editor_hides_in_a_template_is_none_of_it(tmp_path: Path) -> None:
    """Emacs locks a file by a link that leads nowhere."""
    (tmp_path / "index.html").write_text(POLICY)
    (tmp_path / ".#index.html").symlink_to("jane@host.4711")
    assert set(template_files(tmp_path)) == {"index.html"}


def test_where_there_is_to_be_no_page_what_there_was_goes(
    aws: Aws, engine: Engine, bucket: Bucket, page: IndexPage
) -> None:
    """Somebody's own page stays."""
    engine.setup(page, bucket)
    private = replace(page, settings=PageSettings(public=False), wanted=False)
    assert engine.setup(private, bucket).action is Action.DELETE
    assert keys(aws) == set()
    assert engine.setup(private, bucket).action is Action.NONE
    put(aws, "index.html", b"mine")
    assert engine.setup(private, bucket).action is Action.NONE
    assert keys(aws) == {"index.html"}


def test_the_page_never_makes_markup_of_what_it_fetched() -> None:
    """Names come from strangers: no markup sink, no inline handler, keys encoded."""
    sinks = re.compile(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|Function\(|srcdoc"
    )
    assert not [key for key, text in SCRIPTS.items() if sinks.search(text)]
    assert not re.search(r"\son\w+=|<style|style=|<script(?! type=\"module\" src=)", ENTRY)
    text = SCRIPTS["gallery/pictures.js"]
    assert 'location.origin + "/" + key.split("/").map(encodeURIComponent)' in text


def test_the_page_loads_nothing_from_elsewhere_and_the_browser_is_told_so() -> None:
    """No script, style, font or picture of a third party; a licence's address is in a comment."""
    for key, body in TEMPLATE.items():
        code = "\n".join(line for line in body.decode().splitlines() if not line.startswith("//"))
        assert set(re.findall(r"https?://[\w./]*", code)) <= {"http://www.w3.org/2000/svg"}, key
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]+)"', ENTRY)
    rules = dict(rule.split(maxsplit=1) for rule in policy.split("; "))
    assert rules["default-src"] == "'none'"
    assert {rules[f"{kind}-src"] for kind in ("script", "style", "img", "connect")} == {"'self'"}
    assert "unsafe" not in policy


def test_the_packaged_template_is_all_there() -> None:
    """Nothing that the page names is missing."""
    folder = files("imgpipe.gallery") / "template"
    assert {each.name for each in folder.iterdir()} == {"index.html", "gallery"}
    named = set(re.findall(r'(?:href|src)="(gallery/[^"]+)"', ENTRY))
    assert named - {"gallery/index.json"} == set(TEMPLATE) - {"index.html"}
