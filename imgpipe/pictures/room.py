"""How many pictures may be with the function at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from imgpipe.aws.errors import translated
from imgpipe.errors import ServiceError
from imgpipe.function import invoke

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws


# So many at most are with the function: what people upload meanwhile finds room beside them.
MOST_AT_ONCE: Final = 100


_SHARE: Final = 2


def at_once(aws: Aws) -> int:
    """Return how many pictures may be with the function at a time: half of what the account has.

    That is ``MOST_AT_ONCE`` where it may not be asked (``lambda:GetAccountSettings``).
    """
    try:
        with translated():
            limit = invoke.at_once(aws)
    except ServiceError:
        return MOST_AT_ONCE
    return max(1, min(MOST_AT_ONCE, limit // _SHARE))
