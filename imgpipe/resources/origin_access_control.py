"""CloudFront's identity towards an origin: it signs, so that the origin need not be public."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, ClassVar, Final

from imgpipe.aws.errors import already_gone
from imgpipe.engine.resource import Live, Properties, Resource

if TYPE_CHECKING:
    from collections.abc import Callable

    from imgpipe.aws.account import Aws

_SETTINGS: Final = ("SigningProtocol", "SigningBehavior", "OriginAccessControlOriginType")


@dataclass(frozen=True)
class OriginAccessControl(Resource):
    """Sign every request with SigV4. Read-only attribute: ``Id``.

    It cannot be tagged: its description says that it is ours. ``origin_type`` is ``s3``, or
    ``lambda`` for a function's URL.
    """

    type: ClassVar[str] = "AWS::CloudFront::OriginAccessControl"
    title: str = field(default="CDN access", kw_only=True)
    origin_type: str = field(default="s3", kw_only=True)

    @property
    def description(self) -> str:
        """What marks ours; the name, which is unique in the account, carries stage and region."""
        return f"Made by imgpipe: {self.name}"

    def properties(self, live: Live) -> Properties:
        """Return how requests are signed."""
        return {
            "SigningProtocol": "sigv4",
            "SigningBehavior": "always",
            "OriginAccessControlOriginType": self.origin_type,
        }

    def owned(self, live: Properties) -> bool:
        """Ours is what bears our description."""
        return bool(live["Description"] == self.description)

    def read(self, aws: Aws) -> Properties | None:
        """Return the one of this name, whosever it is."""
        pages = aws.client("cloudfront").get_paginator("list_origin_access_controls").paginate()
        listed = (
            item for page in pages for item in page["OriginAccessControlList"].get("Items", [])
        )
        found = next((item for item in listed if item["Name"] == self.name), None)
        return found and {name: found.get(name) for name in (*_SETTINGS, "Description", "Id")}

    def create(self, aws: Aws, desired: Properties) -> None:
        """Create it."""
        aws.client("cloudfront").create_origin_access_control(
            OriginAccessControlConfig=self._config(desired)
        )

    def update(self, aws: Aws, desired: Properties, changed: frozenset[str]) -> None:
        """Set how requests are signed."""
        live = self.read(aws) or {}
        call = aws.client("cloudfront").update_origin_access_control
        _change(aws, live["Id"], partial(call, OriginAccessControlConfig=self._config(desired)))

    def delete(self, aws: Aws, live: Properties) -> None:
        """Delete it, once CloudFront has noticed that the distribution is gone."""
        with already_gone():
            _change(aws, live["Id"], aws.client("cloudfront").delete_origin_access_control)

    def _config(self, desired: Properties) -> dict[str, str]:
        return {"Name": self.name, "Description": self.description, **desired}


def _change(aws: Aws, identifier: str, call: Callable[..., object]) -> None:
    """Send ``call`` with the ETag of the moment, which changes with every change."""
    get = aws.client("cloudfront").get_origin_access_control
    aws.eventually("cloudfront", lambda: call(Id=identifier, IfMatch=get(Id=identifier)["ETag"]))
