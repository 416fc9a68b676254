"""Settings: where they come from, which wins, and how a bad one is told."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from handler.checks import checks_of
from imgpipe.errors import SettingsError
from imgpipe.pipeline.names import Names
from imgpipe.settings import Settings, load


def write(folder: Path, text: str) -> Path:
    """An imgpipe.toml with this text."""
    path = folder / "imgpipe.toml"
    path.write_text(text)
    return path


def refused(
    folder: Path, text: str = "", environ: dict[str, str] | None = None, **flags: Any
) -> str:
    """The whole message with which these settings are refused."""
    with pytest.raises(SettingsError) as caught:
        load(flags, environ or {}, write(folder, text))
    assert caught.value.hint
    return f"{caught.value.message} | {caught.value.hint}"


def test_a_flag_beats_the_environment_beats_the_file_beats_the_default(tmp_path: Path) -> None:
    """Each layer only overrides what it names."""
    path = write(
        tmp_path, "memory = 1\n".replace("1", "1024") + 'timeout = 30\narchitecture = "x86_64"\n'
    )
    found = load(
        {"memory": 3008, "timeout": None}, {"IMGPIPE_MEMORY": "2048", "IMGPIPE_TIMEOUT": "45"}, path
    )
    assert (found.memory, found.timeout, found.architecture, found.log_retention_days) == (
        3008,
        45,
        "x86_64",
        14,
    )


def test_without_a_file_everything_has_a_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The guide's picture settings: 800 x 600, watermark."""
    monkeypatch.chdir(tmp_path)
    found = load({}, {})
    assert found == Settings()
    assert (found.recipe.renditions[0].width, found.recipe.renditions[0].height) == (800, 600)


def test_a_file_that_was_named_must_be_there(tmp_path: Path) -> None:
    """A typo in --config must not silently mean the defaults."""
    with pytest.raises(SettingsError, match=r"nowhere\.toml does not exist"):
        load({}, {}, tmp_path / "nowhere.toml")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("memry = 1", "unknown key 'memry' | allowed are adopt, "),
        ("memory = 1", "memory is 1 | allowed are whole numbers from 128 to 10240"),
        ("memory = true", "memory is True"),
        ('stage = "My Stage"', "stage is 'My Stage' | allowed are 1 to 12"),
        ("log_retention_days = 15", "log_retention_days is 15 | allowed are 1, 3, 5, 7, 14"),
        ('source_bucket = "My.Bucket"', "source_bucket is 'My.Bucket'"),
        ('permissions = "admin"', "allowed are least, managed"),
        ('pillow_layer_arn = "x"', "arn:aws:lambda:<region>"),
        ("[picture]\nwidht = 3", "[picture] unknown key 'widht' | allowed are"),
        ('[picture]\nfit = "squash"', "fit is 'squash' | allowed are inside, cover, pad, stretch"),
        ("[watermark]\nopacity = 2", "[watermark] opacity is 2 | allowed are numbers from 0 to 1"),
        (
            "[[rendition]]\nname = 'a'\nwatermark = {size = 9}",
            "[rendition 'a'] watermark.size is 9 | allowed are numbers from 0.01 to 1",
        ),
        ("[picture]\nwatermark = 3", "watermark is 3 | allowed are true, false and tables"),
        ("[[rendition]]\nwidth = 3", "a [[rendition]] has no name"),
        ("[[rendition]]\nname = 'a'\n[[rendition]]\nname = 'a'", "two renditions are called 'a'"),
        ("[[rendition]]\nname = '../x'", "name is '../x'"),
        ("[limits]\npixels = 0", "[limits] pixels is 0"),
        ("[limits]\nformats = ['exe']", "formats is ['exe'] | allowed are lists of jpeg, png"),
        ("tags = 3", "tags is not a table"),
        ("picture = 3", "picture is not a table"),
        ("rendition = 3", "rendition is not a table"),
        ("[tags]\n'aws:x' = 'y'", "tag 'aws:x' is 'y'"),
        ("[tags]\na = 3", "tag 'a' is 3"),
        ("a = = b", "cannot be read"),
    ],
)
def test_a_bad_file_is_told_with_place_key_and_what_is_allowed(
    tmp_path: Path, text: str, says: str
) -> None:
    """Every kind of mistake names itself."""
    message = refused(tmp_path, text)
    assert says in message
    assert "imgpipe.toml" in message


def test_jpeg_xl_is_of_the_layer_that_imgpipe_builds(tmp_path: Path) -> None:
    """Of one's own, nobody here knows what it holds."""
    text = 'pillow_layer_arn = "arn:aws:lambda:eu-west-1:770693421928:layer:L:5"\njpeg_xl = true'
    assert "jpeg_xl is of the one that imgpipe builds" in refused(tmp_path, text)


@pytest.mark.parametrize(
    ("environ", "says"),
    [
        ({"IMGPIPE_MEMORY": "lots"}, "IMGPIPE_MEMORY is 'lots'"),
        ({"IMGPIPE_LOCAL": "maybe"}, "IMGPIPE_LOCAL is 'maybe' | allowed are true and false"),
        ({"IMGPIPE_REGION": "europe"}, "IMGPIPE_REGION is 'europe'"),
    ],
)
def test_a_bad_variable_is_told_by_its_name(
    tmp_path: Path, environ: dict[str, str], says: str
) -> None:
    """The variable, not the key it stands for."""
    assert says in refused(tmp_path, environ=environ)


def test_a_bad_flag_is_told_by_its_name(tmp_path: Path) -> None:
    """As it was typed."""
    assert "--pillow-layer-arn is 'x'" in refused(tmp_path, pillow_layer_arn="x")
    assert "--tag is 'novalue'" in refused(tmp_path, tags=["novalue"])


@pytest.mark.parametrize(
    ("variable", "warning"),
    [
        (
            "IMGPIPE_REGOIN",
            "unknown environment variable IMGPIPE_REGOIN; did you mean IMGPIPE_REGION?",
        ),
        ("IMGPIPE_X", "unknown environment variable IMGPIPE_X is ignored"),
    ],
)
def test_an_unknown_variable_is_a_warning(tmp_path: Path, variable: str, warning: str) -> None:
    """Another program may have set it; a slip is told all the same."""
    found = load({}, {variable: "eu-west-1", "IMGPIPE_CACHE_DIR": "/x"}, write(tmp_path, ""))
    assert found.warnings == (warning,)
    assert found.region == ""


def test_an_empty_variable_counts_as_not_set(tmp_path: Path) -> None:
    """Shells and CI export empty ones all the time."""
    assert load({}, {"IMGPIPE_MEMORY": ""}, write(tmp_path, "")).memory == Settings().memory


def test_source_and_destination_are_never_one_bucket(tmp_path: Path) -> None:
    """Neither by name nor by naming the other's default."""
    assert "both 'one-bucket'" in refused(
        tmp_path, "source_bucket = 'one-bucket'\ndestination_bucket = 'one-bucket'"
    )
    settings = load(
        {},
        {"IMGPIPE_DESTINATION_BUCKET": "imgpipe-source-123456789012-eu-west-1-an"},
        write(tmp_path, ""),
    )
    with pytest.raises(SettingsError, match="both"):
        Names.of(settings, "123456789012", "eu-west-1")


def test_renditions_inherit_the_picture_and_its_watermark(tmp_path: Path) -> None:
    """The default rendition comes first; a table overrides only what it names."""
    text = (
        "[picture]\nquality = 70\n[watermark]\ntext = 'mine'\n"
        "[[rendition]]\nname = 'thumb'\nwidth = 100\nwatermark = false\n"
    )
    default, thumb = load({}, {}, write(tmp_path, text)).recipe.renditions
    assert default.watermark
    assert (default.name, default.quality, default.watermark.text) == ("", 70, "mine")
    assert (thumb.name, thumb.quality, thumb.width, thumb.height, thumb.watermark) == (
        "thumb",
        70,
        100,
        600,
        None,
    )


def test_more_renditions_than_fit_into_the_functions_environment_are_refused_here(
    tmp_path: Path,
) -> None:
    """Lambda would refuse them half-way through a setup."""
    tables = "".join(
        f"[[rendition]]\nname = 'r{number}'\nwatermark = {{text = '{'x' * 150}'}}\n"
        for number in range(40)
    )
    assert "3,600 fit" in refused(tmp_path, tables)


def test_the_web_preset_adds_six(tmp_path: Path) -> None:
    """thumb, medium and large, each as WebP and JPEG, beside the default rendition."""
    renditions = load({}, {"IMGPIPE_PRESET": "web"}, write(tmp_path, "")).recipe.renditions
    assert [each.name for each in renditions] == [
        "",
        "thumb_webp",
        "thumb_jpeg",
        "medium_webp",
        "medium_jpeg",
        "large_webp",
        "large_jpeg",
    ]


def test_tags_of_file_and_flags_come_together(tmp_path: Path) -> None:
    """A flag wins over the file's tag of the same key; a value may hold an equals sign."""
    found = load({"tags": ["team=x=y", "a=2"]}, {}, write(tmp_path, "[tags]\na = '1'\nb = '3'\n"))
    assert found.tags == (("a", "2"), ("b", "3"), ("team", "x=y"))


def test_every_name_carries_the_stage_and_no_two_stages_share_one() -> None:
    """Regions too: what is global carries the region."""
    default = Names.of(Settings(), "123456789012", "eu-west-1")
    other = Names.of(Settings(stage="blue"), "123456789012", "eu-west-1")
    abroad = Names.of(Settings(), "123456789012", "us-east-1")
    assert not set(vars(default).values()) & set(vars(other).values())
    for name in (
        "role",
        "origin_access_control",
        "distribution",
        "source_bucket",
        "destination_bucket",
    ):
        assert getattr(default, name) != getattr(abroad, name)
    assert default.source_bucket == "imgpipe-source-123456789012-eu-west-1-an"
    assert (default.table, default.function) == ("ImageMetadata", "ImageProcessingFunction")


def test_the_longest_names_are_not_too_long() -> None:
    """63 characters for a bucket, 64 for a role, with the longest prefix, stage and region."""
    names = Names.of(Settings(prefix="p" * 12, stage="s" * 12), "123456789012", "ap-southeast-1")
    assert max(len(names.source_bucket), len(names.destination_bucket)) <= 63
    assert max(len(names.role), len(names.function), len(names.origin_access_control)) <= 64


@pytest.mark.parametrize(
    ("text", "environ", "flags", "found"),
    [
        ("", {}, {}, None),
        ("retain = []", {}, {}, ()),
        ('retain = ["source", "table"]', {}, {}, ("source", "table")),
        ('retain = ["source"]', {"IMGPIPE_RETAIN": "none"}, {}, ()),
        ("", {"IMGPIPE_RETAIN": "source, destination"}, {}, ("source", "destination")),
        ("", {"IMGPIPE_RETAIN": "source"}, {"retain": ["table"]}, ("table",)),
        ('retain = ["source"]', {}, {"retain": ["none"]}, ()),
    ],
)
def test_what_is_to_stay_is_a_list_that_may_be_empty(
    tmp_path: Path,
    text: str,
    environ: dict[str, str],
    flags: dict[str, Any],
    found: tuple[str, ...] | None,
) -> None:
    """Nothing said is not the same as nothing kept."""
    assert load(flags, environ, write(tmp_path, text)).retain == found


@pytest.mark.parametrize("bad", ['"source"', '["sauce"]', '["none", "source"]', "[1]", "true"])
def test_what_is_to_stay_has_three_names(tmp_path: Path, bad: str) -> None:
    """Also in a variable."""
    assert "allowed are lists of source, destination, table" in refused(tmp_path, f"retain = {bad}")
    assert "IMGPIPE_RETAIN" in refused(tmp_path, environ={"IMGPIPE_RETAIN": "source,sauce"})


@pytest.mark.parametrize(
    ("environ", "found"), [({}, None), ({"IMGPIPE_PROTECT": "no"}, False), ({}, True)]
)
def test_protection_is_on_off_or_not_spoken_of(
    tmp_path: Path, environ: dict[str, str], found: bool | None
) -> None:
    """A variable says it as other variables say such things."""
    path = write(tmp_path, "protect = true" if found else "")
    assert load({}, environ, path).protect is found


@pytest.mark.parametrize(
    "text",
    [
        'role_path = "teams/"',
        'role_path = "/teams"',
        'role_path = "/*/"',
        'role_path = "/te?ms/"',
        'role_path = "/${aws:username}/"',
        'role_arn = "arn:aws:iam::123456789012:role/*/R"',
        'permissions_boundary = "arn:aws:iam::123456789012:policy/${aws:username}/P"',
        'permissions_boundary = "PowerUserAccess"',
        'permissions_boundary = "arn:aws:iam::123456789012:role/R"',
        'role_arn = "arn:aws:iam::123456789012:policy/P"',
        'role_arn = "arn:aws:iam::123456789012:role/"',
        'role_arn = "arn:aws:iam::123456789012:role/R"\nrole_path = "/x/"',
        'adopt = "my-old-photos"',
        'adopt = ["My Old Photos"]',
    ],
)
def test_roles_and_adopted_buckets_are_named_as_aws_names_them(tmp_path: Path, text: str) -> None:
    """And of the two kinds of role just one."""
    assert refused(tmp_path, text)


CHOICES = [
    (key, word)
    for key, check in checks_of(Settings).items()
    if re.fullmatch(r"\w+(, \w+)+", check.allowed)
    for word in check.allowed.split(", ")
]


@pytest.mark.parametrize(("key", "word"), CHOICES)
def test_every_word_that_is_allowed_is_taken(tmp_path: Path, key: str, word: str) -> None:
    """From the file and from a variable: what a message names must be right."""
    assert {key for key, _ in CHOICES} >= {"removed", "permissions", "architecture", "output"}
    value = word if word.isdecimal() else f'"{word}"'
    in_file = load({}, {}, write(tmp_path, f"{key} = {value}"))
    in_variable = load({}, {f"IMGPIPE_{key.upper()}": word}, write(tmp_path, ""))
    assert str(getattr(in_file, key)) == str(getattr(in_variable, key)) == word
