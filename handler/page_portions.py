"""The whole page, portion by portion: filled from the table, and compared with it.

Each portion is written as every batch of the stream is, so either may be done at any time, and
what is right is not written again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from handler.gallery_pictures import place, place_of
from handler.page_data import Cursor, Portion, Store, read_index, update
from handler.schema import SHARD, SHARDS, TIME_INDEX, Metadata

_ROWS_A_FILL: Final = 2000
_PAGES_A_COMPARISON: Final = 10
_BELOW: Final = "below"


def fill(store: Store, cursor: Cursor) -> Portion:
    """Bring a portion of the table onto the page, oldest first.

    The cursor has for each shard that is left the key of the last row that was read
    (``dynamodb:Query`` on the index by time).
    """
    standing = cursor or {str(number): None for number in range(SHARDS)}
    answers = {shard: _portion(store, shard, after) for shard, after in standing.items()}
    rows = [Metadata.from_item(item) for answer in answers.values() for item in answer["Items"]]
    left = {
        shard: answer["LastEvaluatedKey"]
        for shard, answer in answers.items()
        if "LastEvaluatedKey" in answer
    }
    done = update(store, (row.filename for row in rows), map(place, rows), filled=not left)
    return done._replace(cursor=left)


def compare(store: Store, cursor: Cursor) -> Portion:
    """Compare a portion of the page with the table, newest first: what has no row there goes.

    The cursor has the place below which the next portion begins.
    """
    index, _ = read_index(store)
    below = tuple(cursor.get(_BELOW, ()))
    pages = [page for page in index.pages if not below or page.start < below]
    portion = pages[:_PAGES_A_COMPARISON]
    pictures = [] if below else list(index.pictures)
    for page in portion:
        pictures += store.read(page.name) or ()
    # Where they are is told beside where they should be.
    places = [*map(place_of, pictures), *(page.start for page in portion)]
    done = update(store, (each["key"] for each in pictures), places)
    return done._replace(cursor={_BELOW: portion[-1].start} if len(pages) > len(portion) else {})


def _portion(store: Store, shard: str, after: Mapping[str, Any] | None) -> Any:
    return store.dynamodb.query(
        TableName=store.table,
        IndexName=TIME_INDEX,
        KeyConditionExpression="#shard = :shard",
        ExpressionAttributeNames={"#shard": SHARD},
        ExpressionAttributeValues={":shard": {"N": shard}},
        Limit=_ROWS_A_FILL // SHARDS,
        **({"ExclusiveStartKey": after} if after else {}),
    )
