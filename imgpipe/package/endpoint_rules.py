"""A service's endpoint rules, less those for what no function of ours ever asks for.

Most of S3's are about access points and other ways of addressing a bucket than by its name. The
parameters stay, so that botocore hands over what it always does; rules are the form of
https://smithy.io/2.0/additional-specs/rules-engine/specification.html.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

Rule = Mapping[str, Any]

# Parameters of botocore's that are false: nothing in the function's settings turns them on, and no
# operation of its own.
_OFF: Final = frozenset({
    "UseFIPS", "UseDualStack", "Accelerate", "UseS3ExpressControlEndpoint",
    "UseObjectLambdaEndpoint",
})  # fmt: skip
# Every request to S3 is about a bucket, which is always told by its name.
_TOLD: Final = "Bucket"
_FAILING: Final = "aws.parseArn"
# How names end, behind two hyphens, of what tells nobody of its objects, and so is no bucket of
# ours: directory buckets, their access points, buckets on Outposts.
# https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketNotificationConfiguration.html
_OTHERS: Final = frozenset({"x-s3", "xa-s3", "op-s3"})


def pared(ruleset: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``ruleset`` without rules that cannot match, and conditions that always do."""
    return {**ruleset, "rules": _pared(ruleset["rules"])}


def _pared(rules: Sequence[Rule]) -> list[Rule]:
    return [rule for each in rules if (rule := _rule(each)) is not None]


def _rule(rule: Rule) -> Rule | None:
    """Return what is left of a rule, ``None`` where that is nothing."""
    told = [(condition, _holds(condition)) for condition in rule["conditions"]]
    if any(holds is False for _, holds in told):
        return None
    left = {**rule, "conditions": [condition for condition, holds in told if holds is None]}
    if "rules" not in rule:
        return left
    left["rules"] = _pared(rule["rules"])
    return left if left["rules"] else None


def _holds(condition: Mapping[str, Any]) -> bool | None:
    """Return whether a condition holds; ``None`` = that depends."""
    argument, *others = condition["argv"]
    match condition["fn"]:
        case "not":
            holds = _holds(argument)
            return None if holds is None else not holds
        case "booleanEquals" if _reference(argument) in _OFF:
            return others[0] is False
        case "stringEquals" if str(others[0]).removeprefix("--") in _OTHERS:
            return False
        case "isSet" if _reference(argument) == _TOLD:
            return True
        case "isSet" if "fn" in argument:
            return False if _holds(argument) is False else None
        case name:
            return False if name == _FAILING else None


def _reference(argument: object) -> str | None:
    return argument.get("ref") if isinstance(argument, Mapping) else None
