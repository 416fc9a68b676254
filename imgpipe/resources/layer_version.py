"""The Pillow layer: our own versions of it, or somebody else's attached by ARN.

A layer's versions are immutable and cannot be tagged. What is ours says so, and what it was made
of, in its description.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Final

from botocore.exceptions import ClientError

from imgpipe.aws.errors import absent, already_gone, denied, error_code, or_none
from imgpipe.engine.resource import Live, Properties, Resource
from imgpipe.errors import PackageError
from imgpipe.package import LayerContent

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws

_MARK: Final = "Made by imgpipe of "
_ARN: Final = re.compile(r"arn:[\w-]+:lambda:(?P<region>[\w-]+):\d{12}:layer:[\w-]+:\d+")


@dataclass(frozen=True)
class LayerVersion(Resource):
    """The newest of our versions of the layer ``name``. Read-only attribute: ``Arn``.

    ``architecture`` is Lambda's word (``arm64``, ``x86_64``), ``runtime`` too (``python3.12``).
    """

    type: ClassVar[str] = "AWS::Lambda::LayerVersion"
    title: ClassVar[str] = "Pillow layer"
    immutable: ClassVar[bool] = True
    content: LayerContent
    architecture: str
    runtime: str

    def properties(self, live: Live) -> Properties:
        """Return what it is made of, and what it is made for."""
        return {
            "Description": f"{_MARK}{self.content.digest}",
            "CompatibleArchitectures": [self.architecture],
            "CompatibleRuntimes": [self.runtime],
        }

    def owned(self, live: Properties) -> bool:
        """``read`` only sees versions that carry our mark."""
        return bool(live["Description"].startswith(_MARK))

    def read(self, aws: Aws) -> Properties | None:
        """Return the newest version of ours; those of others are not seen."""
        newest = max(
            _ours(aws, self.name), key=lambda version: int(version["Version"]), default=None
        )
        if newest is None:
            return None
        return {
            "Description": newest["Description"],
            "CompatibleArchitectures": newest.get("CompatibleArchitectures", []),
            "CompatibleRuntimes": newest.get("CompatibleRuntimes", []),
            "Arn": newest["LayerVersionArn"],
        }

    def create(self, aws: Aws, desired: Properties) -> None:
        """Publish a version, and wait until lists show it, or a newer one.

        Who reads the layer next must not be given an older one.

        Raises:
            PackageError: the content could not be built.
        """
        published = aws.client("lambda").publish_layer_version(
            LayerName=self.name, Content={"ZipFile": self.content.build()}, **desired
        )
        arn = published["LayerVersionArn"]
        aws.settle(
            lambda: self.read(aws),
            lambda live: _version(live) >= published["Version"],
            what=f"layer version {arn}",
            every=1,
        )

    def update(self, aws: Aws, desired: Properties, changed: frozenset[str]) -> None:
        """Publish another version, then delete the older ones; functions keep what they have."""
        older = _ours(aws, self.name)
        self.create(aws, desired)
        _delete(aws, self.name, older)

    def borrowers(self, aws: Aws, function: str) -> list[str]:
        """Return the names of the functions but ``function`` that are on one of our versions.

        They keep it when it is deleted, and can no longer be given it; none are known where the
        credentials may not look (``lambda:ListFunctions``).
        https://docs.aws.amazon.com/lambda/latest/dg/layers-delete.html
        """
        ours = {version["LayerVersionArn"] for version in _ours(aws, self.name)}
        pages = aws.client("lambda").get_paginator("list_functions").paginate()
        try:
            return [
                each["FunctionName"]
                for page in pages
                for each in page["Functions"]
                if each["FunctionName"] != function
                and ours & {layer["Arn"] for layer in each.get("Layers", [])}
            ]
        except ClientError as error:
            if denied(error):
                return []
            raise

    def delete(self, aws: Aws, live: Properties) -> None:
        """Delete every version of ours."""
        _delete(aws, self.name, _ours(aws, self.name))


def check_layer_arn(aws: Aws, arn: str, architecture: str, runtime: str) -> None:
    """Check that the layer version ``arn`` can be attached (``lambda:GetLayerVersion``).

    Raises:
        PackageError: it is no layer version's ARN, in another region, gone, not shared, or made
            for something else.
    """
    parsed = _ARN.fullmatch(arn)
    if parsed is None:
        raise PackageError(
            f"{arn!r} is not a layer version's ARN",
            hint="it looks like arn:aws:lambda:REGION:ACCOUNT:layer:NAME:VERSION",
        )
    if parsed["region"] != aws.region:
        raise PackageError(
            f"layer {arn} is in {parsed['region']}, the function in {aws.region}",
            hint="take its ARN of that region",
        )
    version = _foreign(aws, arn)
    for made_for, wanted in (
        ("CompatibleArchitectures", architecture),
        ("CompatibleRuntimes", runtime),
    ):
        # A layer need not say what it is made for; then only the self-test can tell.
        if version.get(made_for) and wanted not in version[made_for]:
            allowed = ", ".join(version[made_for])
            raise PackageError(
                f"layer {arn} is made for {allowed}, the function for {wanted}",
                hint=_other_layer(made_for, version[made_for][0]),
            )


def _other_layer(made_for: str, offered: str) -> str:
    hint = "take another layer, or leave --pillow-layer-arn out"
    if made_for == "CompatibleArchitectures":
        return f'set architecture = "{offered}" in imgpipe.toml, {hint}'
    return hint


def _foreign(aws: Aws, arn: str) -> dict[str, Any]:
    try:
        return dict(aws.client("lambda").get_layer_version_by_arn(Arn=arn))
    except ClientError as error:
        # A deleted version answers like one that was never shared.
        if absent(error) or error_code(error).startswith("AccessDenied"):
            hint = (
                "take a newer version, or leave --pillow-layer-arn out: imgpipe makes its own layer"
            )
            raise PackageError(
                f"layer {arn} is gone, or not shared with this account",
                hint=hint,
                aws_code=error_code(error),
            ) from error
        raise


def _ours(aws: Aws, name: str) -> list[dict[str, Any]]:
    pages = aws.client("lambda").get_paginator("list_layer_versions").paginate(LayerName=name)
    listed = or_none(lambda: [version for page in pages for version in page["LayerVersions"]]) or []
    return [version for version in listed if version.get("Description", "").startswith(_MARK)]


def _version(live: Properties | None) -> int:
    return int(live["Arn"].rpartition(":")[2]) if live else 0


def _delete(aws: Aws, name: str, versions: list[dict[str, Any]]) -> None:
    for version in versions:
        with already_gone():
            aws.client("lambda").delete_layer_version(
                LayerName=name, VersionNumber=version["Version"]
            )
