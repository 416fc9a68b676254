"""The layer: immutable versions, ours told by their description; a foreign layer's check."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pytest

from imgpipe.engine.graph import Action
from imgpipe.errors import PackageError
from imgpipe.package import LayerContent
from imgpipe.resources.layer_version import LayerVersion, check_layer_arn
from tests.support.stand_ins import create, drift, update

if TYPE_CHECKING:
    from collections.abc import Mapping

    from imgpipe.aws.account import Aws
    from tests.support.account import Calls, Clock, Engine, Faults

FOREIGN = "arn:aws:lambda:eu-west-1:770693421928:layer:Klayers-p312-Pillow:5"


@dataclass(frozen=True)
class Tiny:
    """A package of one small module."""

    text: str

    @property
    def fingerprint(self) -> bytes:
        return self.text.encode()

    def files(self) -> Mapping[str, bytes]:
        return {"tiny.txt": self.text.encode()}


LAYER = LayerVersion("pillow", LayerContent(Tiny("one"), python="3.0"), "arm64", "python3.12")
NEWER = replace(LAYER, content=LayerContent(Tiny("two"), python="3.0"))


def versions(aws: Aws) -> list[int]:
    """The versions that are there, newest first."""
    return [
        version["Version"]
        for version in aws.client("lambda").list_layer_versions(LayerName="pillow")["LayerVersions"]
    ]


def test_other_content_is_another_version_and_the_old_one_goes(engine: Engine, aws: Aws) -> None:
    """Versions cannot be changed: the new one is there before the old one is deleted."""
    engine.setup(LAYER)
    newer = engine.setup(NEWER)
    assert (newer.action, newer.changed) == (Action.UPDATE, frozenset({"Description"}))
    assert newer.calls == ["PublishLayerVersion", "DeleteLayerVersion"]
    assert versions(aws) == [2]


def test_versions_of_others_are_neither_taken_nor_deleted(aws: Aws) -> None:
    """A version without our mark is not seen, even if it is the newest."""
    theirs = aws.client("lambda").publish_layer_version(
        LayerName="pillow", Content={"ZipFile": b"zip"}, Description="by hand"
    )
    assert LAYER.read(aws) is None
    create(aws, LAYER)
    aws.client("lambda").publish_layer_version(LayerName="pillow", Content={"ZipFile": b"zip"})
    assert not drift(aws, LAYER)
    update(aws, NEWER)
    NEWER.delete(aws, {})
    assert versions(aws) == [3, theirs["Version"]]


def test_delete_takes_every_version_of_ours(aws: Aws) -> None:
    """Also one that an interrupted update left behind; and already gone is success."""
    create(aws, LAYER)
    create(aws, NEWER)
    LAYER.delete(aws, LAYER.read(aws) or {})
    assert versions(aws) == []
    assert LAYER.read(aws) is None
    LAYER.delete(aws, {})


def test_a_version_not_listed_yet_is_waited_for(aws: Aws, clock: Clock, faults: Faults) -> None:
    """Nobody is given the older version's ARN because a list is behind."""
    create(aws, LAYER)
    stale = aws.client("lambda").list_layer_versions(LayerName="pillow")
    faults.answer("ListLayerVersions", stale, times=3)
    update(aws, NEWER)
    assert len(clock.naps) == 1
    assert (NEWER.read(aws) or {})["Arn"].endswith(":2")
    assert versions(aws) == [2]


@pytest.mark.parametrize(
    "made_for",
    [{"CompatibleArchitectures": ["x86_64", "arm64"], "CompatibleRuntimes": ["python3.12"]}, {}],
)
def test_a_layer_arn_that_fits_passes(
    aws: Aws, faults: Faults, made_for: dict[str, list[str]]
) -> None:
    """One made for the function's processor and Python is fine, and so is one that does not say."""
    faults.answer("GetLayerVersionByArn", made_for)
    check_layer_arn(aws, FOREIGN, "arm64", "python3.12")


@pytest.mark.parametrize(
    ("made_for", "named"),
    [
        (
            {"CompatibleArchitectures": ["x86_64"], "CompatibleRuntimes": ["python3.12"]},
            "x86_64, the function for arm64",
        ),
        (
            {"CompatibleRuntimes": ["python3.10", "python3.11"]},
            "python3.10, python3.11, the function for python3.12",
        ),
    ],
)
def test_a_layer_arn_for_something_else_is_refused(
    aws: Aws, faults: Faults, made_for: dict[str, list[str]], named: str
) -> None:
    """The error names what the layer is made for, and what was needed."""
    faults.answer("GetLayerVersionByArn", made_for)
    with pytest.raises(PackageError, match=f"made for {named}"):
        check_layer_arn(aws, FOREIGN, "arm64", "python3.12")


@pytest.mark.parametrize(
    ("arn", "words"),
    [
        ("pillow", "not a layer version's ARN"),
        (FOREIGN.rpartition(":")[0], "not a layer version's ARN"),
        (FOREIGN + "\n", "not a layer version's ARN"),
        (FOREIGN.replace("eu-west-1", "us-east-1"), "is in us-east-1, the function in eu-west-1"),
    ],
)
def test_a_layer_arn_that_cannot_be_is_refused_without_a_call(
    aws: Aws, calls: Calls, arn: str, words: str
) -> None:
    """No ARN, no version in it, or another region: AWS need not be asked."""
    with pytest.raises(PackageError, match=words):
        check_layer_arn(aws, arn, "x86_64", "python3.12")
    assert calls == []


@pytest.mark.parametrize("code", ["AccessDeniedException", "ResourceNotFoundException"])
def test_a_layer_arn_that_is_gone_is_refused(aws: Aws, faults: Faults, code: str) -> None:
    """A deleted version and one that was never shared answer alike, and the error says both."""
    faults.fail("GetLayerVersionByArn", code, "not authorized", status=403)
    with pytest.raises(PackageError, match="gone, or not shared") as raised:
        check_layer_arn(aws, FOREIGN, "x86_64", "python3.12")
    assert "imgpipe makes its own" in raised.value.hint


def test_a_layer_for_another_processor_names_the_setting_that_fits(
    aws: Aws, faults: Faults
) -> None:
    """Klayers, which the guide names, builds Pillow for x86_64 alone; the default is arm64."""
    faults.answer("GetLayerVersionByArn", {"CompatibleArchitectures": ["x86_64"]})
    with pytest.raises(PackageError) as caught:
        check_layer_arn(aws, FOREIGN, "arm64", "python3.12")
    assert 'architecture = "x86_64"' in caught.value.hint
