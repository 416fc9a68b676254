"""What CloudFront does at its edges, and ministack does not: names, signatures, stores of keys."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from ministack.services import cloudfront, cloudfront_keyvaluestore, lambda_svc

from imgpipe.local import authorization

if TYPE_CHECKING:
    from collections.abc import Callable

# On a busy machine Node itself may take longer to start than the 5 s that ministack gives it.
PATIENCE_SECONDS: Final = 30.0
_HERE: Final = ".localhost"
_MODULE: Final = b"import cf from 'cloudfront';"
# As AWS's, it refuses a key that is not there.
_STORE: Final = """const items = {};
const cf = { kvs: function () { return { get: async function (name) {
  if (!Object.prototype.hasOwnProperty.call(items, name)) throw new Error('KeyNotFound');
  return items[name];
} }; } };"""


def by_names_of_ones_own(
    parse: Callable[[str], str | None],
) -> Callable[[str], str | None]:
    """Return ``parse``, which finds a distribution by its host, for names of one's own as well.

    That is ``images.example.com.localhost``, as nothing leads ``images.example.com`` here.
    """

    def parsed(host: str) -> str | None:
        name = host.partition(":")[0].lower()
        if (found := parse(host)) or not name.endswith(_HERE):
            return found
        for each in cloudfront._distributions.values():
            if name.removesuffix(_HERE) in cloudfront._get_distribution_aliases(each):
                return str(each["DomainName"]).partition(".")[0].lower()
        return None

    return parsed


def signed_by_the_edge(fetch: Callable[..., Any]) -> Callable[..., Any]:
    """Return ``fetch``, which asks an origin, for functions' URLs too: ministack does not sign.

    As Lambda does, it lets in whom the function's policy gives both rights.
    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-lambda.html
    """

    async def fetched(
        origin: dict[str, Any], method: str, uri: str, query: str, headers: Any, *rest: Any
    ) -> Any:
        host = cloudfront._registered_function_url(origin) or ""
        found = lambda_svc.resolve_function_url(host.partition(".")[0])
        if not found or not origin["oac_id"] or not authorization.lets_the_edge_in(found, rest[-1]):
            return await fetch(origin, method, uri, query, headers, *rest)
        signed = {**headers, "authorization": "AWS4-HMAC-SHA256 by CloudFront"}
        status, told, body = await lambda_svc.handle_function_url_request(
            host.partition(".")[0], method, uri, signed, b"", {}, resolved=found
        )
        return status, "", {name.lower(): value for name, value in told.items()}, body

    return fetched


def with_keys(live: Callable[[str], bytes | None]) -> Callable[[str], bytes | None]:
    """Return ``live``, an edge function's code by its ARN, with the store that it reads.

    ministack has no module ``cloudfront``: in its place is one whose store has what is in it now.
    """

    def code(arn: str) -> bytes | None:
        found = live(arn)
        function = cloudfront._functions.get(arn.rpartition("/")[2]) or {}
        for store in function.get("kvs_arns", ()):
            items = cloudfront_keyvaluestore._stores.get(store, {}).get("items", {})
            read = _STORE.replace("{}", json.dumps(items), 1)
            found = found and found.replace(_MODULE, read.encode())
        return found

    return code
