"""What each resource type says it needs of IAM is what its calls ask for: no less, and no more."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

import pytest

from imgpipe.engine.resource import Live, Resource
from imgpipe.resources.alias import Alias
from imgpipe.resources.bucket import Bucket
from imgpipe.resources.distribution import Distribution
from imgpipe.resources.gallery_data import GalleryData
from imgpipe.resources.permissions import permissions
from imgpipe.resources.table import Table
from tests.imgpipe.resources.test_contract import CASES
from tests.support.iam_actions import Asked, known
from tests.support.stand_ins import Given

if TYPE_CHECKING:
    from collections.abc import Callable

    from imgpipe.aws.account import Aws
    from tests.support.account import Engine
    from tests.support.contract import Case
    from tests.support.life import Life

pytestmark = pytest.mark.slow

EVERY: Final = pytest.mark.parametrize(
    "case", [pytest.param(case, id=kind.__name__) for kind, case in CASES.items()]
)
VERBS: Final = ("read", "create", "update", "delete")
NOT_TO_BE_SEEN: Final[dict[type[Resource], set[str]]] = {
    # Of a bucket that holds something, and of one with an unfinished upload.
    Bucket: {"s3:DeleteObject", "s3:DeleteObjectVersion", "s3:AbortMultipartUpload"},
    # Rows of old, which have no shard.
    Table: {"dynamodb:UpdateItem"},
    # With a web ACL alone.
    Distribution: {"pricingplanmanager:ListSubscriptions"},
    # More versions than the one before.
    Alias: {"lambda:DeleteFunction"},
}
"""What these cases do not come to; the pipeline's own tests do (tests/e2e/test_deployer_policy)."""


def declared(resource: Resource, *verbs: str) -> set[str]:
    """The actions that a resource says these verbs need."""
    if isinstance(resource, Given):
        return set()
    found = permissions(resource)
    return {grant.action for verb in verbs for grant in getattr(found, verb)}


BY_THE_FUNCTION: Final[dict[type[Resource], set[str]]] = {GalleryData: {"s3:PutObject"}}
"""What the function's stand-in calls, and as another than who runs imgpipe."""


@pytest.fixture
def asked(life: Life, aws: Aws) -> Asked:
    """The actions that ``aws`` needed; to be asked for before its first call."""
    noted = Asked()
    aws.session.events.register("provide-client-params", noted.note)
    return noted


@EVERY
def test_no_verb_asks_for_more_than_it_says(
    asked: Asked, aws: Aws, engine: Engine, case: Case
) -> None:
    """And what is said is asked for by some verb, but for what these cases do not come to."""
    case.surroundings(aws)
    resource, seen = case.resource, set[str]()
    around = {each for other in case.needed for each in declared(other, "read")}

    def allowed(run: Callable[[], object], *verbs: str) -> None:
        asked.clear()
        run()
        own = asked - BY_THE_FUNCTION.get(type(resource), set())
        assert own <= declared(resource, *verbs) | around, f"{verbs}"
        seen.update(own)

    for each in case.needed:
        engine.setup(each, *case.needed[: case.needed.index(each)])
    live = Live({each: each.read(aws) or {} for each in case.needed})
    allowed(partial(resource.read, aws), "read")
    create = partial(resource.create, aws, resource.properties(live))
    allowed(create, "read", "create", "update")
    for drift in case.drifts.values():
        drift.by_hand(aws)
        asked.clear()
        engine.setup(resource, *case.needed)
        own = set().union(*(declared(each, *VERBS) for each in (resource, *case.needed)))
        assert asked - BY_THE_FUNCTION.get(type(resource), set()) <= own
        seen.update(asked)
    there = resource.read(aws) or {}
    allowed(partial(resource.check_deletable, aws, there), "read", "delete")
    allowed(partial(resource.delete, aws, there), "read", "delete")
    unseen = declared(resource, *VERBS) - seen
    assert unseen == NOT_TO_BE_SEEN.get(type(resource), set())


@EVERY
def test_every_action_is_one_of_iams(case: Case) -> None:
    """By the name of an operation, or by the table of those that are called otherwise."""
    assert [each for each in declared(case.resource, *VERBS) if not known(each)] == []


def test_what_is_no_action_is_not_known() -> None:
    """The operations that share an action, and names that there are not."""
    for name in ("s3:HeadBucket", "lambda:Invoke", "cloudfront:CreateDistributionWithTags"):
        assert not known(name)
    assert not known("s3:ReadObject")
    assert known("s3:ListBucket")
