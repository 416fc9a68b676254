"""What CloudFront calls where its edges do not have a rendition: one picture, made and answered.

By the function's URL, which nobody but one distribution may call, with the one path that the edge
made of what a visitor asked for (``handler.address``). A function of its own: it reads originals
and does nothing else, so that it imports and may do less than the others.
"""

from __future__ import annotations

import os
from base64 import b64encode
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, Final, NamedTuple
from zlib import crc32

from botocore.exceptions import ClientError

from handler.start import started
from handler import image, schema
from handler.address import parts_of
from handler.budget import budget
from handler.log import Context, log, memory_used
from handler.originals import connect
from handler.recipe import Recipe, Rendition
from handler.variant import variant

# Lambda's answer holds 6 MB, in Base64 with its headers:
# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
MOST_BYTES: Final = 4_500_000
# Edges keep it until it is forgotten by an invalidation, and after a week ask whether it changed:
# what was on its way past an invalidation must not stay for good. Browsers ask after five minutes,
# as of any other result. A path has the recipe in it: only the original can change behind one.
CACHE_CONTROL: Final = "public, max-age=300, s-maxage=604800"
# For what is not there, or is no picture. Others of CloudFront's errors, it is told, stay nowhere.
BRIEFLY: Final = "public, max-age=10"

_S3: Final = connect()
_BUCKET: Final = os.environ[schema.SOURCE_BUCKET]
_RECIPE: Final = Recipe.from_json(os.environ.get(schema.RECIPE, "{}"))
_ASSETS: Final = Path(__file__).parent.parent / "assets"

started()

Answer = dict[str, Any]


class Wanted(NamedTuple):
    """What a path asks for: the recipe of one rendition, and the ``mark`` of how it is made.

    ``cut`` says whether the visitor chose the box, and so what of the picture is seen.
    """

    recipe: Recipe
    mark: str
    cut: bool


def lambda_handler(event: Mapping[str, Any], context: Context) -> Answer:
    """Return the rendition that the path names, as Lambda's HTTP answer; 404 if there is none.

    https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html

    Raises:
        ClientError: a passing fault, or a missing permission: CloudFront answers 502, and asks
            again at once.
    """
    parts = parts_of(event["rawPath"])
    key, words = parts or ("", {})
    recipe = variant(_RECIPE, words, MOST_BYTES)
    if not key or recipe is None:
        return _refused(404, "there is no such rendition")
    wanted = Wanted(recipe, f"{crc32(str(words).encode()):08x}", "height" in words)
    told = event["headers"].get("if-none-match", "")
    try:
        answer = _S3.get_object(Bucket=_BUCKET, Key=key, **_unless(told, wanted.mark))
    except ClientError as error:
        return _without(error, told)
    with closing(answer["Body"]) as stream:
        return _made(answer, stream, wanted, context)


def _unless(told: str, mark: str) -> dict[str, str]:
    """Return the condition that the original is another one than the edge's rendition is of.

    A rendition's ETag is its original's, and ``mark`` for how it was made: only of the same making
    the original need not be read.
    """
    original, dash, made = told.removeprefix("W/").strip('"').rpartition("-")
    return {"IfNoneMatch": f'"{original}"'} if dash and made == mark else {}


def _without(error: ClientError, told: str) -> Answer:
    """Return the answer where S3 sent no original; raise what passes."""
    status = error.response["ResponseMetadata"]["HTTPStatusCode"]
    if status == 304:  # noqa: PLR2004 - it is called just so
        return {"statusCode": status, "headers": {"ETag": told, "Cache-Control": CACHE_CONTROL}}
    if error.response["Error"]["Code"] != "NoSuchKey":
        raise error
    return _refused(404, "there is no such picture")


def _made(answer: Mapping[str, Any], stream: Any, wanted: Wanted, context: Context) -> Answer:
    size, most = answer["ContentLength"], wanted.recipe.limits.bytes
    if size > most:
        return _refused(415, f"the original has {size:,} bytes; at most {most:,} are read")
    try:
        (picture,) = image.render(stream.read(), wanted.recipe, budget(context), assets=_ASSETS)
    except image.Rejected as rejection:
        return _refused(415, str(rejection))
    if wanted.cut and any(map(_unmarked, picture.warnings)):
        # A small picture is harmless; strips of a large one could be put together again.
        return _refused(415, "too few pixels to bear its watermark")
    log(context, "INFO", "delivered", size=len(picture.body), memory_used=memory_used())
    if len(picture.body) > MOST_BYTES:
        most = MOST_BYTES
        return _refused(415, f"it would have {len(picture.body):,} bytes; {most:,} can be sent")
    etag = answer["ETag"].strip('"')
    return _sent(picture, f'"{etag}-{wanted.mark}"', _kept(answer, picture.rendition))


def _unmarked(warning: str) -> bool:
    return warning.startswith(image.NOT_DRAWN)


def _kept(answer: Mapping[str, Any], rendition: Rendition) -> str:
    """Return how long it is kept: as the recipe says, or as the original does."""
    wanted = rendition.cache_control
    said = str(answer.get("CacheControl", "")) if wanted == "keep" else wanted
    return said or CACHE_CONTROL


def _sent(picture: image.Picture, etag: str, cache_control: str) -> Answer:
    headers = {
        "Content-Type": picture.content_type,
        "Cache-Control": cache_control,
        "ETag": etag,
        # For caches between a browser and the edge, which has chosen by it.
        "Vary": "Accept",
    }
    return {
        "statusCode": 200,
        "headers": headers,
        "body": b64encode(picture.body).decode(),
        "isBase64Encoded": True,
    }


def _refused(status: int, reason: str) -> Answer:
    headers = {"Content-Type": "text/plain; charset=utf-8", "Cache-Control": BRIEFLY}
    return {"statusCode": status, "headers": headers, "body": f"{reason}\n"}
