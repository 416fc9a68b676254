"""What the table's stream calls: the page is brought to what the table says, the edges forget.

A function of its own, without the layer, so that the role of the one that opens strangers' pictures
may write neither the page nor invalidations.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any, Final

from handler.start import started
from handler import schema
from handler.address import folder_of
from handler.event import COMPARE, FILL, RowChange, row_changes
from handler.invalidation import invalidate, paths
from handler.log import Context, log
from handler.page_data import Store, update
from handler.page_portions import compare, fill
from handler.page_settings import PageSettings
from handler.services import connect, connect_cdn, connect_lambda

_SERVICES: Final = connect()
_STORE: Final = Store(
    s3=_SERVICES.s3,
    dynamodb=_SERVICES.dynamodb,
    bucket=os.environ[schema.DEST_BUCKET],
    table=os.environ[schema.TABLE_NAME],
    settings=PageSettings.from_json(os.environ.get(schema.PAGE, "{}")),
)
_PORTIONS: Final = {FILL: fill, COMPARE: compare}
# Most batches tell of new pictures alone, and find an index.
_cdn: Final = cache(connect_cdn)
_lambda: Final = cache(connect_lambda)
_DELIVERS: Final = schema.DELIVERY in os.environ
started()


def lambda_handler(event: Mapping[str, Any], context: Context) -> dict[str, Any]:
    """Follow a batch of the table's stream, or do a portion of the page; return what was done.

    Where there is to be no page, the edges forget all the same.

    The page comes first. An invalidation that fails fails the batch: Lambda sends it again, and
    writing the page once more changes nothing.
    """
    for kind, step in _PORTIONS.items():
        if kind in event:
            portion = step(_STORE, event[kind])
            return {kind: portion.cursor, "written": portion.written, "pictures": portion.pictures}

    changes = tuple(row_changes(event))
    if _STORE.settings.public:
        places = (place for change in changes for place in change.places)
        update(_STORE._replace(wanted=_to_be_shown), (change.key for change in changes), places)
    replaced = [change for change in changes if change.replaced]
    forgotten = paths((change.key for change in replaced), _on_demand(replaced))
    if forgotten:
        events = (change.id for change in changes)
        invalidate(_cdn(), os.environ[schema.DISTRIBUTION_ID], forgotten, events)
    log(context, "INFO", "the page follows the table", rows=len(changes), paths=forgotten)
    return {"rows": len(changes), "paths": list(forgotten)}


def _to_be_shown() -> bool:
    """Ask for the function's configuration whether there is to be a page.

    Who began before it was changed goes on with the old one, and would bring back what setup took
    away (``lambda:GetFunctionConfiguration``).
    """
    name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
    told = _lambda().get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    return PageSettings.from_json(told.get(schema.PAGE, "{}")).public


def _on_demand(changes: Iterable[RowChange]) -> Iterator[str]:
    """Yield what the paths of all renditions on demand begin with, of originals that changed."""
    yield from (folder_of(change.old.source_key) for change in changes if _DELIVERS and change.old)
