"""What everything is called: names that follow from settings, account and region alone.

So no state file is needed to find anything again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

from imgpipe.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from imgpipe.settings import Settings

# https://docs.aws.amazon.com/AmazonS3/latest/userguide/gpbucketnamespaces.html
_WITHOUT_ACCOUNT_NAMESPACE: Final = frozenset({"me-south-1", "me-central-1"})


@dataclass(frozen=True)
class Names:
    """Every physical name of one stage in one account and region.

    The default stage's are the guide's own, where it has any. ``alias`` is a name within the
    function, and the same for every stage.
    """

    alias: ClassVar[str] = "live"
    source_bucket: str
    destination_bucket: str
    role: str
    table: str
    function: str
    page_role: str
    page_function: str
    delivery_role: str
    delivery_function: str
    delivery_access_control: str
    edge_function: str
    log_group: str
    queue: str
    layer: str
    origin_access_control: str
    distribution: str
    alarm_topic: str
    jobs_bucket: str
    jobs_role: str

    @classmethod
    def of(cls, settings: Settings, account: str, region: str) -> Names:
        """Return the names for ``settings`` in ``account`` (12 digits) and ``region``.

        Raises:
            SettingsError: both buckets would be one.
        """
        suffix = "" if settings.stage == "default" else f"-{settings.stage}"
        place = f"{account}-{region}" + ("" if region in _WITHOUT_ACCOUNT_NAMESPACE else "-an")
        source = settings.source_bucket or f"{settings.prefix}{suffix}-source-{place}"
        destination = settings.destination_bucket or f"{settings.prefix}{suffix}-dest-{place}"
        if source == destination:
            raise SettingsError(
                f"source and destination bucket are both {source!r}",
                hint="name two buckets, or the function would start itself over and over",
            )
        function = f"ImageProcessingFunction{suffix}"
        return cls(
            source_bucket=source,
            destination_bucket=destination,
            role=f"LambdaImageProcessingRole-{region}{suffix}",
            table=f"ImageMetadata{suffix}",
            function=function,
            page_role=f"ImageGalleryRole-{region}{suffix}",
            page_function=f"ImageGalleryFunction{suffix}",
            delivery_role=f"LambdaImageDeliveryRole-{region}{suffix}",
            delivery_function=f"ImageDeliveryFunction{suffix}",
            delivery_access_control=f"imgpipe-{settings.stage}-{region}-delivery",
            edge_function=f"imgpipe-{settings.stage}-{region}",
            log_group=f"/aws/lambda/{function}",
            queue=f"ImageProcessingFailures{suffix}",
            layer=f"imgpipe-pillow{suffix}",
            origin_access_control=f"imgpipe-{settings.stage}-{region}",
            distribution=f"imgpipe {settings.stage} {region}",
            alarm_topic=f"ImageProcessingAlarms{suffix}",
            # Without the prefix, which `config pull` cannot tell: it gives the buckets by name.
            jobs_bucket=f"imgpipe{suffix}-jobs-{place}",
            jobs_role=f"ImageJobsRole-{region}{suffix}",
        )

    def require_buckets(self, adopt: Iterable[str]) -> None:
        """Raise ``SettingsError`` unless each of ``adopt`` names one of the two buckets."""
        for name in adopt:
            if name not in {self.source_bucket, self.destination_bucket}:
                raise SettingsError(
                    f"bucket {name} is to be adopted, and is neither source nor destination",
                    hint=f'say which: source_bucket = "{name}" in imgpipe.toml, '
                    "or destination_bucket",
                )
