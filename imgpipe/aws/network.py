"""How to reach an address: through which proxy, trusting whom; as botocore answers it."""

from __future__ import annotations

import os
from ipaddress import ip_address
from urllib.parse import urlsplit

from botocore.httpsession import get_cert_path
from botocore.utils import get_environ_proxies


def is_loopback(url: str) -> bool:
    """Say whether ``url`` leads to this machine: 127.0.0.0/8, ::1, or a name in ``localhost``.

    The names are this machine's by RFC 6761, 6.3.
    """
    host = (urlsplit(url).hostname or "").rstrip(".")
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def proxy_for(url: str) -> str | None:
    """Return the proxy that the environment names for ``url``; never one for this machine.

    NO_PROXY counts. A proxy elsewhere could not come back to a server that listens on loopback
    only.
    """
    if is_loopback(url):
        return None
    return dict[str, str](get_environ_proxies(url)).get(urlsplit(url).scheme)


def ca_bundle(said: str | None = None) -> str:
    """Return the file of certificate authorities to trust: the one ``said``, or botocore's own.

    Nothing said, AWS_CA_BUNDLE counts, and REQUESTS_CA_BUNDLE, as for botocore.
    """
    variables = (os.environ.get(name) for name in ("AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE"))
    return said or next(filter(None, variables), None) or str(get_cert_path(verify=True))
