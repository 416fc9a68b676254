"""The live settings, told by the resources' own properties: back to the very settings."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
from hypothesis import HealthCheck, assume, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from handler.checks import checks_of
from handler.delivery_settings import DeliverySettings
from handler.page_settings import PageSettings
from handler.schema import RECIPE, Removed
from imgpipe.engine.resource import Live
from imgpipe.errors import OtherSettingsError
from imgpipe.pipeline import Pipeline, pull
from imgpipe.pipeline.declaration import declared
from imgpipe.pipeline.given_role import GivenRole
from imgpipe.pipeline.live import changes_in, live_settings, refusal
from imgpipe.pipeline.names import Names
from imgpipe.pipeline.readers import KINDS, READERS
from imgpipe.resources.function import Function
from imgpipe.resources.layer_version import LayerVersion
from imgpipe.resources.role import Role
from imgpipe.resources.version import Version
from imgpipe.settings import Settings, load, picture_tables
from imgpipe.settings.checks import RETAINABLE, RETENTION_DAYS
from imgpipe.settings.toml import document
from tests.support.recipes import recipes

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws

pytestmark = pytest.mark.slow

NOT_TOLD: Final = {
    *("profile", "region", "endpoint_url", "local", "stage", "prefix"),  # which pipeline
    "adopt",  # tags of the buckets
    "keep_backup",  # what a teardown does
    *("alarms", "daily_budget"),  # left as they are, where nobody names an address
    "preset",  # renditions, once it is live
    *("output", "quiet", "debug"),  # how a run talks
}
ROLE: Final = "arn:aws:iam::123456789012:role/theirs"
FOREIGN: Final = "arn:aws:lambda:eu-west-1:770693421928:layer:Klayers-p312-Pillow:5"
SETTINGS: Final = st.builds(
    Settings,
    stage=st.sampled_from(["default", "blue"]),
    prefix=st.sampled_from(["imgpipe", "acme"]),
    source_bucket=st.sampled_from(["", "jane-photos"]),
    destination_bucket=st.sampled_from(["", "jane-pictures"]),
    permissions=st.sampled_from(["least", "managed"]),
    permissions_boundary=st.sampled_from(["", "arn:aws:iam::123456789012:policy/B"]),
    role_path=st.sampled_from(["", "/teams/photo/"]),
    architecture=st.sampled_from(["arm64", "x86_64"]),
    runtime=st.sampled_from(["python3.12", "python3.14"]),
    memory=st.integers(128, 10240),
    timeout=st.integers(1, 900),
    log_retention_days=st.sampled_from(RETENTION_DAYS),
    deletion_protection=st.booleans(),
    protect=st.sampled_from([None, False, True]),
    retain=st.none()
    | st.lists(st.sampled_from(RETAINABLE), unique=True).map(
        lambda names: tuple(sorted(names, key=RETAINABLE.index))
    ),
    pillow_layer_arn=st.sampled_from(["", FOREIGN]),
    jpeg_xl=st.booleans(),
    removed=st.sampled_from([str(each) for each in Removed]),
    tags=st.dictionaries(st.sampled_from(["a", "cost centre"]), st.sampled_from(["", "1"])).map(
        lambda tags: tuple(sorted(tags.items()))
    ),
    recipe=recipes(),
    delivery=st.sampled_from(
        [DeliverySettings(), DeliverySettings(enabled=True, widths=(100, 2000), formats=("webp",))]
    ),
    page=st.builds(
        PageSettings,
        title=st.sampled_from(["Pictures", 'Far "from" home\\']),
        description=st.sampled_from(["", "Mountains, größer & weiter"]),
        public=st.booleans(),
        columns=st.integers(1, 8),
        template=st.sampled_from(["", "page"]),
    ),
).map(
    lambda made: replace(
        made,
        assets=picture_tables.asset_paths(made.recipe, Path("nowhere")),
        jpeg_xl=made.jpeg_xl and not made.pillow_layer_arn,
    )
)
PURE: Final = hypothesis_settings(
    deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def pipeline_of(settings: Settings, aws: Aws) -> Pipeline:
    """The pipeline of ``settings``."""
    return Pipeline(settings, Names.of(settings, aws.account, aws.region), aws)


def deployed(pipeline: Pipeline) -> Live:
    """What would be read of ``pipeline`` once it is set up."""
    layer = f"arn:aws:lambda:eu-west-1:{pipeline.aws.account}:layer:{pipeline.names.layer}:3"
    role = f"arn:aws:iam::{pipeline.aws.account}:role/{pipeline.names.role}"
    given = {
        LayerVersion: {"Arn": layer},
        Function: {"CodeSha256": "x"},
        Role: {"Path": "/", "PermissionsBoundary": "", "Arn": role},
        GivenRole: {"Arn": ROLE},
        Version: {"Version": "3"},
    }
    live = Live()
    for resource in declared(pipeline):
        if isinstance(resource, (*KINDS, LayerVersion, GivenRole)):
            live[resource] = {**given.get(type(resource), {}), **resource.properties(live)}
    return live


def with_recipe(live: Live, recipe: str) -> Live:
    """The same, with a function and a version that know ``recipe`` and nothing else."""
    variables = {"Environment": {"Variables": {RECIPE: recipe}}}
    return Live(
        {
            each: {**found, **variables} if isinstance(each, Function | Version) else found
            for each, found in live.items()
        }
    )


def read_back(folder: Path, pipeline: Pipeline, live: Live, **flags: str) -> Settings:
    """The settings of the file that a pull would write, read under the same flags."""
    found = live_settings(pull.located(pipeline, live), live)
    assert found.recipe
    path = folder / "imgpipe.toml"
    path.write_text(document(pull.values(pipeline, found, found.recipe)), encoding="utf-8")
    return load(flags, {}, path)


def test_every_setting_is_told_by_a_resource_or_known_not_to_be() -> None:
    """A new setting must be decided upon: one that is forgotten would be lost unseen."""
    keys = set(checks_of(Settings))
    assert set(READERS) | NOT_TOLD == keys
    assert not set(READERS) & NOT_TOLD
    assert keys < {field.name for field in fields(Settings)}


@PURE
@given(settings=SETTINGS)
def test_a_setup_with_the_same_settings_changes_none(aws: Aws, settings: Settings) -> None:
    """Whatever they are."""
    pipeline = pipeline_of(settings, aws)
    assert changes_in(pipeline, deployed(pipeline)) == ()


@PURE
@given(settings=SETTINGS)
def test_a_pulled_file_reads_as_what_is_live(
    aws: Aws, tmp_path_factory: pytest.TempPathFactory, settings: Settings
) -> None:
    """Pulled by somebody who knows nothing but where it is: the same recipe, names, and all."""
    assume(len(settings.recipe.to_json().encode()) <= picture_tables.LARGEST_BYTES)
    live = deployed(pipeline_of(settings, aws))
    knowing = load({"stage": settings.stage}, {}, None)
    bare = Pipeline(knowing, Names.of(knowing, aws.account, aws.region), aws)
    again = read_back(tmp_path_factory.mktemp("pull"), bare, live)
    assert again.recipe.to_json() == settings.recipe.to_json()
    assert again.page == settings.page
    assert pipeline_of(again, aws).names == pipeline_of(settings, aws).names
    told = {*READERS, "stage", "tags"} - {"source_bucket", "destination_bucket"}
    assert {key: getattr(again, key) for key in told} == {
        key: getattr(settings, key) for key in told
    }
    assert changes_in(pipeline_of(again, aws), live) == ()


def test_what_this_machine_says_stays_in_the_file(aws: Aws, tmp_path: Path) -> None:
    """Of what no resource tells; a flag that leads elsewhere is written, a variable's mood not."""
    (tmp_path / "imgpipe.toml").write_text("profile = 'work'\nquiet = true\nprefix = 'acme'\n")
    found = load({"region": "eu-west-1", "debug": True}, {}, tmp_path / "imgpipe.toml")
    again = read_back(tmp_path, pipeline_of(found, aws), deployed(pipeline_of(found, aws)))
    assert (again.profile, again.quiet, again.prefix) == ("work", True, "acme")
    assert (again.region, again.debug, again.source_bucket) == ("eu-west-1", False, "")


CHANGES: Final[dict[str, tuple[dict[str, Any], str, object, object]]] = {
    "memory": ({"memory": 1024}, "memory", 1024, 448),
    "timeout": ({"timeout": 30}, "timeout", 30, 60),
    "architecture": ({"architecture": "x86_64"}, "architecture", "x86_64", "arm64"),
    "runtime": ({"runtime": "python3.13"}, "runtime", "python3.13", "python3.12"),
    "a foreign layer": ({"pillow_layer_arn": FOREIGN}, "pillow_layer_arn", FOREIGN, ""),
    "JPEG XL": ({"jpeg_xl": True}, "jpeg_xl", True, False),
    "removed": ({"removed": "keep"}, "removed", "keep", "follow"),
    "permissions": ({"permissions": "managed"}, "permissions", "managed", "least"),
    "a role of one's own": ({"role_arn": ROLE}, "role_arn", ROLE, ""),
    "retention": ({"log_retention_days": 30}, "log_retention_days", 30, 14),
    "protection": ({"deletion_protection": True}, "deletion_protection", True, False),
    "a bucket": (
        {"source_bucket": "jane-photos"},
        "source_bucket",
        "jane-photos",
        "imgpipe-source-123456789012-eu-west-1-an",
    ),
    "the buckets' prefix": (
        {"prefix": "acme", "destination_bucket": "b-b-b"},
        "destination_bucket",
        "b-b-b",
        "imgpipe-dest-123456789012-eu-west-1-an",
    ),
}


@pytest.mark.parametrize("case", CHANGES)
def test_every_setting_that_would_be_lost_is_told_and_refused(aws: Aws, case: str) -> None:
    """By its key, old and new."""
    values, key, old, new = CHANGES[case]
    live = deployed(pipeline_of(replace(Settings(), **values), aws))
    found = changes_in(pipeline_of(Settings(), aws), live)
    assert (key, old, new, True) in [(c.key, c.old, c.new, c.default) for c in found]
    error = refusal(Settings(), found)
    assert isinstance(error, OtherSettingsError)
    assert key in error.message
    assert error.next == ("config pull", "setup --reset")


@pytest.mark.parametrize("said", [{"memory": 448}, {"source_bucket": "other-photos"}])
def test_what_is_said_is_no_loss(aws: Aws, said: dict[str, Any]) -> None:
    """By a flag here; even where it says the default."""
    settings = load(said, {"IMGPIPE_CONFIG": "/dev/null"})
    live = deployed(pipeline_of(replace(Settings(), **{**said, "memory": 1024}), aws))
    found = [
        change for change in changes_in(pipeline_of(settings, aws), live) if not change.default
    ]
    assert {change.key for change in found} <= set(said)


def test_what_is_switched_off_takes_its_settings_along(aws: Aws, tmp_path: Path) -> None:
    """Nobody has to name each of them, and none that is named counts."""
    whole = DeliverySettings(enabled=True, signing=True, widths=(100,))
    live = deployed(pipeline_of(replace(Settings(), delivery=whole), aws))
    file = tmp_path / "imgpipe.toml"
    file.write_text("[delivery]\nenabled = false\nwidths = [7]\n")
    settings = load({}, {"IMGPIPE_CONFIG": str(file)})
    (change,) = changes_in(pipeline_of(settings, aws), live)
    assert (change.key, change.new, change.default) == ("delivery.enabled", False, False)
    (lost,) = changes_in(pipeline_of(Settings(), aws), live)
    assert (lost.key, lost.default) == ("delivery.enabled", True)


def test_where_a_file_is_it_is_named(aws: Aws) -> None:
    """It lacks something; a pull goes beside it."""
    live = deployed(pipeline_of(Settings(memory=1024), aws))
    settings = Settings(file=Path("../imgpipe.toml"))
    error = refusal(settings, changes_in(pipeline_of(settings, aws), live))
    assert error
    assert "add to ../imgpipe.toml what it lacks" in error.hint
    assert error.next == ("config pull live.toml", "setup --reset")


def marked(folder: Path, content: bytes, text: str = "image = 'mark.png'") -> Settings:
    """The settings of a file whose watermark is this one, beside it."""
    folder.mkdir(exist_ok=True)
    (folder / "mark.png").write_bytes(content)
    (folder / "mark.ttf").write_bytes(content)
    (folder / "imgpipe.toml").write_text(f"[watermark]\n{text}\n")
    return load({}, {}, folder / "imgpipe.toml")


@pytest.mark.parametrize(
    ("text", "content", "told"),
    [
        ("image = 'mark.png'", b"old", []),
        ("image = 'mark.png'", b"new", [("mark.png", "mark.png, of other content")]),
        (
            "text = 'x'\nfont = 'mark.ttf'",
            b"new",
            [("mark.ttf", "mark.ttf, of other content")],
        ),
        ("text = 'x'", b"new", []),
    ],
)
def test_a_watermarks_file_of_other_content_is_a_change(
    aws: Aws, tmp_path: Path, text: str, content: bytes, told: list[tuple[str, str]]
) -> None:
    """Though its name is the same; pictures come out otherwise, and nobody's default is lost."""
    live = deployed(pipeline_of(marked(tmp_path / "live", b"old", text), aws))
    here = pipeline_of(marked(tmp_path / "here", content, text), aws)
    found = changes_in(here, live)
    assert [(change.old, change.new) for change in found] == told
    assert all(change.of_pictures and change.label == "watermark" for change in found)
    assert refusal(here.settings, found) is None


def test_a_files_content_is_told_beside_what_else_changes(aws: Aws, tmp_path: Path) -> None:
    """The live recipe is what its own content is held against."""
    live = deployed(pipeline_of(marked(tmp_path / "live", b"old"), aws))
    smaller = "image = 'mark.png'\nsize = 0.5"
    for content, keys in ((b"old", ["watermark.size"]), (b"new", ["watermark.size", "watermark"])):
        here = pipeline_of(marked(tmp_path / "here", content, smaller), aws)
        assert [change.key for change in changes_in(here, live)] == keys


@pytest.mark.parametrize(
    "recipe", ["{", "[]", '{"renditions": 3}', '{"renditions": [{"newer": 1}]}', '{"limits": []}']
)
def test_a_recipe_that_cannot_be_read_is_never_replaced_blindly(aws: Aws, recipe: str) -> None:
    """A newer release's, or somebody's by hand."""
    pipeline = pipeline_of(Settings(), aws)
    live = with_recipe(deployed(pipeline), recipe)
    found = live_settings(pipeline, live)
    assert found.unreadable
    assert [change.default for change in changes_in(pipeline, live)] == [True]
    assert refusal(pipeline.settings, changes_in(pipeline, live))


def test_an_older_release_told_less(aws: Aws) -> None:
    """Without REMOVED, and with a bare recipe: no difference."""
    pipeline = pipeline_of(Settings(), aws)
    live = with_recipe(deployed(pipeline), json.dumps({"renditions": [{}]}))
    assert changes_in(pipeline, live) == ()


def test_half_a_setup_is_no_other_setting(aws: Aws) -> None:
    """A log group that has not been told how long it keeps its events, and nothing else."""
    pipeline = pipeline_of(Settings(), aws)
    group = next(each for each in declared(pipeline) if each.title == "log group")
    assert changes_in(pipeline, Live({group: {"RetentionInDays": None, "Tags": {}}})) == ()


def test_the_pages_function_and_role_tell_no_setting(aws: Aws) -> None:
    """Left alone, they say nothing of the memory, the permissions or the recipe."""
    pipeline = pipeline_of(Settings(memory=1024), aws)
    live = deployed(pipeline)
    pages = {pipeline.names.page_function, pipeline.names.page_role}
    left = Live({each: live[each] for each in live if each.name in pages})
    assert len(left) == 2
    found = live_settings(pipeline, left)
    assert (found.values, found.recipe) == ({}, None)
