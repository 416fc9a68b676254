"""A function that is simply there, published, with its alias: what hangs on one is tested on it."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tests.support.stand_ins import Given

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws

NAME: Final = "resize"
ARN: Final = f"arn:aws:lambda:eu-west-1:123456789012:function:{NAME}"
ALIAS: Final = "live"
LIVE: Final = {"FunctionName": NAME, "Qualifier": ALIAS}


@dataclass(frozen=True)
class PartOf(Given):
    """A stand-in for a part of the function."""

    @property
    def owner(self) -> Given:
        return FUNCTION


FUNCTION: Final = Given(NAME, (("Arn", ARN),))
SERVED: Final = PartOf(ALIAS, (("AliasArn", f"{ARN}:{ALIAS}"),))
PUBLISHED: Final = PartOf(NAME, (("Version", "1"),))


def empty_zip() -> bytes:
    """A zip of nothing."""
    content = io.BytesIO()
    zipfile.ZipFile(content, "w").close()
    return content.getvalue()


def make(aws: Aws) -> None:
    """Make the function, publish it as version 1, and point the alias at that."""
    role = aws.client("iam").create_role(RoleName="role", AssumeRolePolicyDocument="{}")["Role"]
    functions = aws.client("lambda")
    functions.create_function(
        FunctionName=NAME,
        Role=role["Arn"],
        Code={"ZipFile": empty_zip()},
        Runtime="python3.12",
        Handler="a.b",
    )
    functions.publish_version(FunctionName=NAME)
    functions.create_alias(FunctionName=NAME, Name=ALIAS, FunctionVersion="1")
