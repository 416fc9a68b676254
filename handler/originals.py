"""What reads originals for the delivery function: GetObject alone, or a client for S3."""

from __future__ import annotations

import logging
from typing import Any

_log = logging.getLogger(__name__)


def connect() -> Any:
    """Return what has botocore's ``get_object``, made in the least time.

    Lambda replaces its botocore by itself: should one day's not have the parts, or the environment
    not what they need, a client is taken, which only costs time.
    """
    try:
        from handler.get_object import Originals

        return Originals()
    except Exception:
        _log.warning("originals are read through a client", exc_info=True)
    from handler.services import connect_s3

    return connect_s3()
