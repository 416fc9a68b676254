"""A function's URL, which answers nobody but who may call it and signs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import urlsplit

from imgpipe.aws.errors import or_none
from imgpipe.engine.resource import InseparablePart, Live, Properties, Resource

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws


@dataclass(frozen=True)
class FunctionUrl(InseparablePart):
    """The URL of ``function``. Read-only attribute: ``DomainName``.

    https://docs.aws.amazon.com/lambda/latest/dg/urls-configuration.html
    """

    type: ClassVar[str] = "AWS::Lambda::Url"
    title: ClassVar[str] = "delivery address"
    function: Resource

    @property
    def owner(self) -> Resource:
        """The function, with which it goes."""
        return self.function

    def properties(self, live: Live) -> Properties:
        """Return who may call it: whom IAM allows. Its answers are sent whole."""
        return {"AuthType": "AWS_IAM"}

    def read(self, aws: Aws) -> Properties | None:
        """Return its settings, and where it is."""
        get = aws.client("lambda").get_function_url_config
        found = or_none(lambda: get(FunctionName=self.function.name))
        if found is None:
            return None
        return {
            "AuthType": found["AuthType"],
            "DomainName": urlsplit(found["FunctionUrl"]).hostname,
        }

    def create(self, aws: Aws, desired: Properties) -> None:
        """Create it; AWS chooses where."""
        self._send(aws, "create_function_url_config", desired)

    def update(self, aws: Aws, desired: Properties, changed: frozenset[str]) -> None:
        """Set who may call it; it stays where it is."""
        self._send(aws, "update_function_url_config", desired)

    def _send(self, aws: Aws, operation: str, desired: Properties) -> None:
        call = getattr(aws.client("lambda"), operation)
        aws.eventually("lambda", partial(call, FunctionName=self.function.name, **desired))
