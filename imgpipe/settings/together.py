"""Checks on settings that bear on each other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from imgpipe.errors import SettingsError
from imgpipe.settings.domain import NONE

# What a certificate has room for in its common name:
# https://docs.aws.amazon.com/acm/latest/APIReference/API_RequestCertificate.html
_LONGEST_COMMON_NAME: Final = 64


def require_fitting(values: Mapping[str, Any]) -> None:
    """Raise ``SettingsError`` where two of ``values`` contradict each other."""
    _two_buckets(values)
    _one_role(values)
    _domain(values)
    _one_layer(values)


def _two_buckets(values: Mapping[str, Any]) -> None:
    """Raise ``SettingsError`` where one bucket is to be both: its function would start itself."""
    source = values.get("source_bucket")
    if source and source == values.get("destination_bucket"):
        raise SettingsError(
            f"source_bucket and destination_bucket are both {source!r}",
            hint="name two buckets: a function that writes where it reads would start itself"
            " over and over",
        )


def _one_role(values: Mapping[str, Any]) -> None:
    """Raise ``SettingsError`` where a role of somebody's own is to be like one that we make."""
    for key in ("permissions_boundary", "role_path"):
        if values.get("role_arn") and values.get(key):
            raise SettingsError(
                f"role_arn names a role of your own, and {key} is of one that imgpipe makes",
                hint="set one of the two",
            )


def _one_layer(values: Mapping[str, Any]) -> None:
    """Raise ``SettingsError`` where a layer of somebody's own is to be like one that we build."""
    if values.get("pillow_layer_arn") and values.get("jpeg_xl"):
        raise SettingsError(
            "pillow_layer_arn names a layer of your own, and jpeg_xl is of the one that imgpipe"
            " builds",
            hint="set one of the two; JPEG XL is read, too, where your layer holds imagecodecs",
        )


def _domain(values: Mapping[str, Any]) -> None:
    """Raise ``SettingsError`` for a certificate without a domain, and a domain too long for one."""
    domain, certificate = values.get("domain", ""), values.get("certificate_arn")
    if certificate and domain in {"", NONE}:
        raise SettingsError(
            "certificate_arn is of a domain, and none is named",
            hint="name it: --domain images.example.com, or domain in imgpipe.toml",
        )
    if len(domain) > _LONGEST_COMMON_NAME and not certificate:
        raise SettingsError(
            f"domain {domain} has {len(domain)} characters, and ACM requests certificates for "
            f"{_LONGEST_COMMON_NAME} at most",
            hint="request one yourself that has the name among its alternative names, and give "
            "its --certificate-arn",
        )
