"""What a function is at the moment, as Lambda tells it: tags, versions, whether it is at rest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from imgpipe.aws.errors import or_none
from imgpipe.errors import ServiceError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from imgpipe.aws.account import Aws

# A small function is at rest within a second or two. GetFunction, which is asked, may be called 100
# times a second; all other control calls of an account share 15 a second.
# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
_FIRST_LOOK_SECONDS: Final = 0.2

UNPUBLISHED: Final = "$LATEST"
PLAIN: Final = ("Role", "Handler", "Runtime", "MemorySize", "Timeout")
"""The settings that Lambda tells as CloudFormation takes them."""


def tags_of(answer: Mapping[str, Any]) -> dict[str, str]:
    """Return the tags in ``GetFunction``'s ``answer``.

    Raises:
        ServiceError: Lambda left them out, since the credentials may not read tags; without them
            nobody can tell whose the function is.
    """
    if refusal := answer.get("TagsError"):
        name = answer["Configuration"]["FunctionName"]
        raise ServiceError(
            f"the tags of function {name} cannot be read: {refusal.get('Message', '')}",
            hint="ask for the permission lambda:ListTags, or use another --profile",
            aws_code=refusal.get("ErrorCode", ""),
        )
    return dict(answer.get("Tags", {}))


def tag(aws: Aws, name: str, tags: Mapping[str, str]) -> None:
    """Set ``tags`` on the function ``name`` of this account and region; others stay."""
    arn = f"arn:{aws.partition}:lambda:{aws.region}:{aws.account}:function:{name}"
    client = aws.client("lambda")
    aws.eventually("lambda", lambda: client.tag_resource(Resource=arn, Tags=dict(tags)))


def versions(aws: Aws, name: str) -> list[dict[str, Any]]:
    """Return the configuration of each published version of ``name``, oldest first.

    (``lambda:ListVersionsByFunction``, which lists ``$LATEST`` among them.)
    """
    pages = aws.client("lambda").get_paginator("list_versions_by_function")
    listed = or_none(
        lambda: [each for page in pages.paginate(FunctionName=name) for each in page["Versions"]]
    )
    published = [each for each in listed or [] if each["Version"] != UNPUBLISHED]
    return sorted(published, key=lambda each: int(each["Version"]))


def snapshot(configuration: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a version keeps, in CloudFormation's words, of Lambda's ``configuration``."""
    return {
        **{name: configuration.get(name) for name in PLAIN},
        "Environment": {"Variables": configuration.get("Environment", {}).get("Variables", {})},
        "LoggingConfig": configuration.get("LoggingConfig", {}),
        "Layers": [layer["Arn"] for layer in configuration.get("Layers", [])],
        "Architectures": configuration.get("Architectures", ["x86_64"]),
        "CodeSha256": configuration["CodeSha256"],
    }


def settle(aws: Aws, name: str) -> None:
    """Wait until the function, or a version of it (``name:3``), can be invoked and changed.

    A new one is not found at first, then Pending; a changed one is InProgress.
    """
    client = aws.client("lambda")
    answer = aws.settle(
        lambda: or_none(lambda: client.get_function(FunctionName=name)),
        lambda answer: answer is not None and _at_rest(answer["Configuration"]),
        what=f"function {name}",
        every=_FIRST_LOOK_SECONDS,
    )
    configuration = answer["Configuration"] if answer else {}
    if "Failed" in {configuration.get("State"), configuration.get("LastUpdateStatus")}:
        raise _not_brought_up(name, configuration)


def _at_rest(configuration: Mapping[str, Any]) -> bool:
    changing = configuration.get("LastUpdateStatus") == "InProgress"
    return configuration.get("State") != "Pending" and not changing


def _not_brought_up(name: str, configuration: Mapping[str, Any]) -> ServiceError:
    reasons = (configuration.get(each) for each in ("StateReason", "LastUpdateStatusReason"))
    reason = next(filter(None, reasons), "it does not say why")
    return ServiceError(
        f"Lambda could not bring up {name}: {reason}",
        hint="mend that, then run it again",
        next=("setup",),
    )
