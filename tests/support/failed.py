"""Records of the failure queue, as Lambda documents them, and as it sends them.

https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from handler.event import Kind, s3_event

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws

ID: Final = "e4b46cbf-b738-4d6e-8880-a18cdf61200e"
TIMED_OUT: Final = {
    "errorType": "Sandbox.Timedout",
    "errorMessage": f"RequestId: {ID} Error: Task timed out after 60.00 seconds",
}


def event(*keys: str, kind: Kind = Kind.CREATED, bucket: str = "source") -> dict[str, Any]:
    """S3's event of these keys."""
    events = (s3_event(kind, bucket, key, "eu-west-1") for key in keys)
    return {"Records": [record for each in events for record in each["Records"]]}


def record(payload: Any, response: Any = TIMED_OUT, **context: Any) -> dict[str, Any]:
    """The record of an event that failed three times."""
    return {
        "version": "1.0",
        "timestamp": "2026-11-14T18:16:05.568Z",
        "requestContext": {
            "requestId": ID,
            "functionArn": "arn:aws:lambda:eu-west-1:123456789012:function:f:$LATEST",
            "condition": "RetriesExhausted",
            "approximateInvokeCount": 3,
            **context,
        },
        "requestPayload": payload,
        "responseContext": {
            "statusCode": 200,
            "executedVersion": "$LATEST",
            "functionError": "Unhandled",
        },
        "responsePayload": response,
    }


def send(aws: Aws, queue: str, *bodies: Any) -> None:
    """Send bodies to a queue as Lambda does; what is no text is sent as JSON."""
    sqs = aws.client("sqs")
    url = sqs.get_queue_url(QueueName=queue)["QueueUrl"]
    for body in bodies:
        text = body if isinstance(body, str) else json.dumps(body)
        sqs.send_message(QueueUrl=url, MessageBody=text)


def waiting(aws: Aws, queue: str) -> int:
    """How many messages are in a queue, in somebody's hands or not."""
    sqs = aws.client("sqs")
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    url = sqs.get_queue_url(QueueName=queue)["QueueUrl"]
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    return sum(int(found[name]) for name in names)
