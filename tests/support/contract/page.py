"""What keeps the page's data: the mapping from the table's stream, and the data itself."""

from __future__ import annotations

import io
import json
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final

from handler.event import FILL
from handler.gallery import INDEX_KEY, Index
from imgpipe.resources.event_source_mapping import EventSourceMapping
from imgpipe.resources.gallery_data import GalleryData
from tests.support.contract import Case, Drift
from tests.support.contract.function import DISOWNED, FUNCTION
from tests.support.contract.storage import PICTURES, TABLE, disown_bucket
from tests.support.stand_ins import Given

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws

_QUEUE = Given("failures", (("Arn", "arn:aws:sqs:eu-west-1:123456789012:failures"),))
_MAPPING = EventSourceMapping(
    "mapping", function=FUNCTION.resource, table=TABLE.resource, queue=_QUEUE
)


def _live(aws: Aws) -> dict[str, Any]:
    return dict(_MAPPING.read(aws) or {})


def _update(**settings: Any) -> Drift:
    def by_hand(aws: Aws) -> None:
        change = aws.client("lambda").update_event_source_mapping
        change(UUID=_live(aws)["UUID"], **settings)

    return Drift(by_hand, ("UpdateEventSourceMapping",))


def _remove(aws: Aws) -> None:
    aws.client("lambda").delete_event_source_mapping(UUID=_live(aws)["UUID"])


def _another_stream(aws: Aws) -> None:
    """Close the table's stream and open another: the mapping is left with what nobody writes to."""
    change = aws.client("dynamodb").update_table
    change(TableName=TABLE.resource.name, StreamSpecification={"StreamEnabled": False})
    opened = {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
    change(TableName=TABLE.resource.name, StreamSpecification=opened)


EVENT_SOURCE_MAPPING = Case(
    _MAPPING,
    (*FUNCTION.needed, FUNCTION.resource, TABLE.resource, _QUEUE),
    {
        "window": _update(MaximumBatchingWindowInSeconds=300),
        "batch": _update(BatchSize=1),
        "tries": _update(MaximumRetryAttempts=0, MaximumRecordAgeInSeconds=60),
        "bisection": _update(BisectBatchOnFunctionError=False),
        "parallel batches": _update(ParallelizationFactor=10),
        "failures": _update(DestinationConfig={"OnFailure": {}}),
        "switched off": _update(Enabled=False),
        "stream": Drift(_another_stream, ("DeleteEventSourceMapping", "CreateEventSourceMapping")),
    },
    remove=_remove,
    theirs=DISOWNED,
)

_FILLER: Final = Given("fill")
_DATA = GalleryData(
    INDEX_KEY,
    bucket=PICTURES,
    function=_FILLER,
    table=Given("Rows"),
    trigger=Given("mapping"),
)


def _put(index: bytes) -> Any:
    return lambda aws: aws.client("s3").put_object(Bucket=PICTURES.name, Key=INDEX_KEY, Body=index)


def filling(aws: Aws, bucket: str) -> Any:
    """Return what takes the place of ``Invoke``: the page's function, which moto does not run."""

    def invoke(model: Any, params: Any, **_: object) -> tuple[object, dict[str, Any]] | None:
        if model.name != "Invoke" or FILL not in json.loads(params["body"]):
            return None
        index = json.dumps(Index(filled=True).to_json()).encode()
        put = aws.client("s3").put_object
        aws.eventually("s3", lambda: put(Bucket=bucket, Key=INDEX_KEY, Body=index))
        payload = io.BytesIO(json.dumps({FILL: {}}).encode())
        answer = {"StatusCode": 200, "Payload": payload, "ResponseMetadata": {}}
        return SimpleNamespace(status_code=200, content=b""), answer

    return invoke


def _answering(aws: Aws) -> None:
    aws.session.events.register("before-call", filling(aws, PICTURES.name))


_CALLS: Final = ("Invoke", "PutObject")
GALLERY_DATA = Case(
    _DATA,
    (PICTURES, *(_DATA.function, _DATA.table, _DATA.trigger)),
    {
        "broken off": Drift(_put(json.dumps(Index().to_json()).encode()), _CALLS),
        "damaged": Drift(_put(b"[]"), _CALLS),
        "no JSON": Drift(_put(b"<html>"), _CALLS),
    },
    remove=lambda aws: aws.client("s3").delete_object(Bucket=PICTURES.name, Key=INDEX_KEY),
    theirs=disown_bucket,
    surroundings=_answering,
)
CASES = (EVENT_SOURCE_MAPPING, GALLERY_DATA)
