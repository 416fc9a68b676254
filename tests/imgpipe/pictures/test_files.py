"""Which local files become uploads, and under which keys."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest
from PIL import Image

from handler.formats import sniff
from handler.keys import possible_keys
from imgpipe.errors import UsageError
from imgpipe.pictures import files
from imgpipe.pictures.naming import Naming
from imgpipe.pictures.patterns import Pattern, Patterns

PICTURE = b"\xff\xd8\xff\xe0 a picture's first bytes"


def put(path: Path, body: bytes = PICTURE) -> Path:
    """Write a file, and the directories above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(body)
    return path


def keys(found: files.Found) -> list[str]:
    """The keys of the pictures, in their order."""
    return [file.key for file in found.pictures]


def test_a_named_file_goes_under_its_own_name(tmp_path: Path) -> None:
    """The directories above a named file are nobody's business."""
    path = put(tmp_path / "deep" / "down" / "photo.jpg")
    (found,) = files.pictures([path]).pictures
    assert found == files.LocalFile(path, "photo.jpg", len(PICTURE), "image/jpeg")


def test_a_directory_gives_all_its_pictures_in_order(tmp_path: Path) -> None:
    """Keys are relative to the named directory, sorted directory by directory."""
    for name in ("b/2.jpg", "b/1.jpg", "a/x/y.jpg", "top.jpg"):
        put(tmp_path / name)
    assert keys(files.pictures([tmp_path])) == ["top.jpg", "a/x/y.jpg", "b/1.jpg", "b/2.jpg"]


@pytest.mark.parametrize("prefix", ["2026/holiday", "2026/holiday/", "/2026/holiday"])
def test_a_prefix_is_a_folder(tmp_path: Path, prefix: str) -> None:
    """With or without slashes around it."""
    assert keys(files.pictures([put(tmp_path / "photo.jpg")], Naming(prefix))) == [
        "2026/holiday/photo.jpg"
    ]


@pytest.mark.parametrize("prefix", ["..", "a/../b", "a//b", "./a"])
def test_a_prefix_that_a_url_would_lose_is_refused(tmp_path: Path, prefix: str) -> None:
    """Browsers resolve dots before they ask the CDN."""
    with pytest.raises(UsageError, match="--prefix"):
        files.pictures([put(tmp_path / "photo.jpg")], Naming(prefix))


def test_keys_may_be_the_paths_below_a_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a list of files needs that lie in many folders and are called the same."""
    paths = [put(tmp_path / "in" / name) for name in ("a/1.jpg", "b/1.jpg")]
    monkeypatch.chdir(tmp_path / "in")
    naming = Naming("2026", tmp_path / "in")
    expected = ["2026/a/1.jpg", "2026/b/1.jpg"]
    assert keys(files.pictures(paths, naming)) == expected
    assert keys(files.pictures([Path("a/../a/1.jpg"), Path("b")], naming)) == expected
    assert keys(files.pictures([Path()], Naming("2026", Path()))) == expected
    with pytest.raises(UsageError, match="is not below"):
        files.pictures([put(tmp_path / "out.jpg")], naming)


def test_patterns_see_the_path_below_the_named_folder(tmp_path: Path) -> None:
    """Behind the prefix; what they leave out is not even looked at."""
    for name in ("raw/1.jpg", "1.jpg", "notes.txt"):
        put(tmp_path / name)
    leave = Naming("raw", patterns=Patterns((Pattern(takes=False, text="raw/*"),)))
    assert keys(files.pictures([tmp_path], leave)) == ["raw/1.jpg", "raw/notes.txt"]
    nothing = Naming(patterns=Patterns((Pattern(takes=False, text="*"),)))
    with pytest.raises(UsageError, match="leave no file"):
        files.pictures([tmp_path], nothing)


def test_an_empty_list_is_nothing_to_do() -> None:
    """As where ``find`` found nothing."""
    assert not files.pictures([]).pictures
    assert not files.everything([]).pictures


def test_links_that_lead_back_end(tmp_path: Path) -> None:
    """Directories that contain each other by links are walked once each."""
    put(tmp_path / "a" / "1.jpg")
    put(tmp_path / "b" / "2.jpg")
    (tmp_path / "a" / "up").symlink_to(tmp_path)
    (tmp_path / "a" / "other").symlink_to(tmp_path / "b")
    (tmp_path / "b" / "other").symlink_to(tmp_path / "a")
    found = files.pictures([tmp_path])
    assert sorted(file.path.name for file in found.pictures) == ["1.jpg", "2.jpg"]


def test_links_to_files_and_directories_are_followed(tmp_path: Path) -> None:
    """A link counts as what it leads to, under its own name."""
    put(tmp_path / "elsewhere" / "real.jpg")
    here = tmp_path / "here"
    here.mkdir()
    (here / "file.jpg").symlink_to(tmp_path / "elsewhere" / "real.jpg")
    (here / "folder").symlink_to(tmp_path / "elsewhere")
    assert keys(files.pictures([here])) == ["file.jpg", "folder/real.jpg"]


def test_what_is_no_regular_file_in_a_directory_is_passed_over(tmp_path: Path) -> None:
    """Reading a pipe would wait forever, and a link into nowhere has nothing to read."""
    put(tmp_path / "photo.jpg")
    os.mkfifo(tmp_path / "pipe.jpg")
    (tmp_path / "nowhere.jpg").symlink_to(tmp_path / "gone.jpg")
    (tmp_path / "itself.jpg").symlink_to(tmp_path / "itself.jpg")
    assert keys(files.pictures([tmp_path])) == ["photo.jpg"]


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """One missing path stops all before anything is uploaded."""
    with pytest.raises(UsageError, match=r"gone\.jpg does not exist"):
        files.pictures([put(tmp_path / "photo.jpg"), tmp_path / "gone.jpg"])


def test_an_unreadable_file_is_named() -> None:
    """The system's own reason. A process's memory cannot be read from its start, even by root."""
    with pytest.raises(UsageError, match=r"/proc/self/mem cannot be read: .*error"):
        files.pictures([Path("/proc/self/mem")])


def test_a_link_to_itself_cannot_be_read(tmp_path: Path) -> None:
    """Named outright, it is an error rather than passed over."""
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    with pytest.raises(UsageError, match="cannot be read: Too many levels of symbolic links"):
        files.pictures([loop])


def test_a_named_pipe_is_refused(tmp_path: Path) -> None:
    """It would be waited for forever."""
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UsageError, match="neither a file nor a directory"):
        files.pictures([tmp_path / "pipe"])


def test_an_empty_directory_is_an_error(tmp_path: Path) -> None:
    """It is more likely a slip than a wish."""
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match="empty holds no files"):
        files.pictures([put(tmp_path / "photo.jpg"), tmp_path / "empty"])


def test_non_pictures_are_refused_where_named_and_left_out_elsewhere(tmp_path: Path) -> None:
    """A directory may hold anything; what is named is meant."""
    picture = put(tmp_path / "d" / "photo.jpg")
    put(tmp_path / "d" / "Thumbs.db", b"no picture")
    notes = put(tmp_path / "notes.jpg", b"text with a picture's name")
    found = files.pictures([tmp_path / "d", notes])
    assert [file.path for file in found.pictures] == [picture]
    assert [file.path for file in found.refused] == [notes]
    assert found.left_out == 1


@pytest.mark.parametrize("body", [b"", b"text", b"\xff\xd8"])
def test_nothing_but_non_pictures_is_an_error(tmp_path: Path, body: bytes) -> None:
    """It says which formats there are, and how to upload it all the same."""
    with pytest.raises(UsageError, match=r"notes.txt is not a picture") as error:
        files.pictures([put(tmp_path / "notes.txt", body)])
    assert "jpeg" in error.value.hint
    assert "--force" in error.value.hint


def test_everything_takes_anything(tmp_path: Path) -> None:
    """What ``--force`` asks for; what is no picture has no type."""
    put(tmp_path / "photo.jpg")
    put(tmp_path / "notes.txt", b"text")
    found = files.everything([tmp_path])
    assert [(file.key, file.content_type) for file in found.pictures] == [
        ("notes.txt", files.UNKNOWN),
        ("photo.jpg", "image/jpeg"),
    ]


def test_two_files_for_one_key_are_refused(tmp_path: Path) -> None:
    """The second would silently replace the first."""
    paths = [put(tmp_path / "a" / "photo.jpg"), put(tmp_path / "b" / "photo.jpg")]
    with pytest.raises(UsageError, match=r"would both be uploaded as photo\.jpg") as error:
        files.pictures(paths)
    assert "--prefix" in error.value.hint


@pytest.mark.parametrize(
    "named",
    [["d/a.jpg", "d"], ["d", "d/a.jpg"], ["d", "d"], ["e", "d/b.jpg", "d"], ["e", "d", "e", "d"]],
    ids=" ".join,
)
def test_the_same_file_named_twice_is_uploaded_once(tmp_path: Path, named: list[str]) -> None:
    """As shell patterns and directories overlap."""
    put(tmp_path / "e" / "notes.txt", b"no picture")
    for name in ("a.jpg", "b.jpg"):
        put(tmp_path / "d" / name)
    found = keys(files.pictures([tmp_path / name for name in named]))
    assert sorted(found) == ["a.jpg", "b.jpg"]


def test_two_files_for_one_key_are_found_however_far_apart(tmp_path: Path) -> None:
    """In the third directory, behind others."""
    for name in ("a/1.jpg", "a/2.jpg", "b/3.jpg", "b/4.jpg", "c/5.jpg", "c/2.jpg"):
        put(tmp_path / name)
    with pytest.raises(UsageError, match=r"a/2.jpg and .*c/2.jpg would both be uploaded as 2.jpg"):
        files.pictures([tmp_path / name for name in "abc"])


@pytest.mark.parametrize(
    "name",
    [
        "a b.jpg",
        "1+1.jpg",
        "100%.jpg",
        "größe-日本.jpg",
        "two\nlines.jpg",
        "-x.jpg",
        "a\\b.jpg",
        "[bold]x[/bold].jpg",
        "{}.JPG",
    ],
)
def test_any_name_is_its_key(tmp_path: Path, name: str) -> None:
    """Names are never interpreted."""
    put(tmp_path / name)
    assert keys(files.pictures([tmp_path])) == [name]


def test_a_name_that_is_no_utf8_is_refused(tmp_path: Path) -> None:
    """S3's keys are UTF-8, and a guessed name would be another name."""
    path = put(Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.jpg")))
    with pytest.raises(UsageError, match="not UTF-8"):
        files.pictures([path])


def test_a_key_may_be_as_long_as_its_renditions_keys_allow(tmp_path: Path) -> None:
    """To the byte, the folder included."""
    path = put(tmp_path / "photo.jpg")
    folder = "f" * (files.LONGEST_KEY - len("/photo.jpg"))
    assert keys(files.pictures([path], Naming(folder))) == [f"{folder}/photo.jpg"]
    with pytest.raises(UsageError, match="too long"):
        files.pictures([path], Naming(folder + "f"))


def test_the_longest_key_leaves_room_for_its_longest_rendition() -> None:
    """To the byte: S3 ends at 1,024."""
    made = possible_keys("k" * files.LONGEST_KEY, "r" * 32 + "-page-100")
    assert max(len(key.encode()) for key in made) == 1024


@pytest.mark.parametrize("name", ["a\x1b[31m.jpg", "a\x01.jpg"])
def test_a_name_s3_cannot_list_is_refused(tmp_path: Path, name: str) -> None:
    """It could be uploaded, and then neither be listed nor deleted."""
    put(tmp_path / name)
    with pytest.raises(UsageError, match="control character"):
        files.pictures([tmp_path])


@pytest.mark.parametrize(
    "name", ["JPEG", "PNG", "GIF", "WEBP", "AVIF", "TIFF", "BMP", "JPEG2000", "ICO"]
)
def test_a_real_picture_is_known_by_its_bytes(name: str) -> None:
    """What Pillow writes has the name that the function knows it by."""
    stream = io.BytesIO()
    Image.new("RGB", (20, 20), "red").save(stream, name)
    kind = sniff(stream.getvalue()[:256])
    assert kind
    assert kind.name == name.lower()
