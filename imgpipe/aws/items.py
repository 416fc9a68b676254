"""A DynamoDB table's items: conditions as a call's parameters, and items by scan, query and key.

Of boto3 it takes the conditions and the serializer.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from boto3.dynamodb.conditions import Attr, ConditionBase, ConditionExpressionBuilder, Key
from boto3.dynamodb.types import TypeSerializer

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws

__all__ = [
    "Attr",
    "ConditionBase",
    "Item",
    "Key",
    "Page",
    "ahead",
    "batch_get",
    "expressions",
    "pages",
    "query",
    "scan",
]

Item = Mapping[str, Any]

SEGMENTS: Final = 4
PAGE_ITEMS: Final = 1000
# https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html
KEYS_A_CALL: Final = 100
_PAUSE_SECONDS: Final = 0.2


@dataclass(frozen=True)
class Page:
    """What one call read: ``after`` is where the next one goes on, empty at the end."""

    items: Sequence[Item]
    after: Mapping[str, Any]


def expressions(
    *, key: ConditionBase | None = None, where: ConditionBase | None = None
) -> dict[str, Any]:
    """Return conditions as the parameters of Query and Scan: on the ``key``, and on what it reads.

    DynamoDB sends only what matches ``where``, but bills, and counts as the page, what it reads.
    """
    builder = ConditionExpressionBuilder()
    parameters: dict[str, Any] = {}
    names: dict[str, str] = {}
    values: dict[str, Any] = {}
    for name, condition in (("KeyConditionExpression", key), ("FilterExpression", where)):
        if condition is not None:
            built = builder.build_expression(condition, is_key_condition=condition is key)
            parameters[name] = built.condition_expression
            names |= built.attribute_name_placeholders
            values |= built.attribute_value_placeholders

    serialize = TypeSerializer().serialize
    attributes = {
        "ExpressionAttributeNames": names,
        "ExpressionAttributeValues": {name: serialize(value) for name, value in values.items()},
    }
    return parameters | {name: each for name, each in attributes.items() if each}


def query(aws: Aws, table: str, index: str, after: Mapping[str, Any], **parameters: object) -> Page:
    """Return a page of ``index``, from its start or where ``after`` says (``dynamodb:Query``)."""
    start = {"ExclusiveStartKey": after} if after else {}
    answer = aws.client("dynamodb").query(TableName=table, IndexName=index, **parameters, **start)
    return Page(answer["Items"], answer.get("LastEvaluatedKey", {}))


def pages(aws: Aws, table: str, index: str, **parameters: object) -> Iterator[Page]:
    """Yield the pages of ``index`` to its end, each read when it is asked for."""
    page = query(aws, table, index, {}, **parameters)
    yield page
    while page.after:
        page = query(aws, table, index, page.after, **parameters)
        yield page


def scan(
    aws: Aws, table: str, where: ConditionBase | None = None
) -> Generator[Sequence[Item], None, None]:
    """Yield the table's matching items, segment by segment, as ``ahead`` (``dynamodb:Scan``)."""
    parameters = {"TableName": table, "TotalSegments": SEGMENTS, "Limit": PAGE_ITEMS}
    parameters |= expressions(where=where)

    def read(segment: int, after: Mapping[str, Any]) -> Page:
        start = {"ExclusiveStartKey": after} if after else {}
        answer = aws.client("dynamodb").scan(**parameters, Segment=segment, **start)
        return Page(answer["Items"], answer.get("LastEvaluatedKey", {}))

    return ahead(read, SEGMENTS, "scan")


def ahead(
    read: Callable[[int, Mapping[str, Any]], Page], count: int, name: str
) -> Generator[Sequence[Item], None, None]:
    """Yield the items of ``count`` parts in pages, in no order, while others are read.

    ``read`` returns a part's page, from its start or where it is to go on. Of each part one page is
    read ahead, so that memory holds ``count`` pages, however long the parts are.
    """
    pool = ThreadPoolExecutor(count, thread_name_prefix=name)
    try:
        reading = {pool.submit(read, part, {}): part for part in range(count)}
        while reading:
            done, _ = wait(reading, return_when=FIRST_COMPLETED)
            for future in done:
                part, page = reading.pop(future), future.result()
                if page.after:
                    reading[pool.submit(read, part, page.after)] = part
                yield page.items
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def batch_get(aws: Aws, table: str, keys: Sequence[Item]) -> list[Item]:
    """Return the items with these primary keys, as they are now, in no order.

    A key that is not there has none (``dynamodb:BatchGetItem``).
    """
    chunks = (keys[start : start + KEYS_A_CALL] for start in range(0, len(keys), KEYS_A_CALL))
    return [item for chunk in chunks for item in _chunk(aws, table, chunk)]


def _chunk(aws: Aws, table: str, keys: Sequence[Item]) -> list[Item]:
    """Ask until all are answered: DynamoDB answers what it can, and names the rest."""
    asked: Mapping[str, Any] = {table: {"Keys": list(keys), "ConsistentRead": True}}
    items: list[Item] = []
    while asked:
        answer = aws.client("dynamodb").batch_get_item(RequestItems=asked)
        items += answer["Responses"].get(table, [])
        if asked := answer.get("UnprocessedKeys", {}):
            aws.sleep(_PAUSE_SECONDS)
    return items
