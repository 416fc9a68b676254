"""Upload a folder through awscrt's S3 client, as s3transfer drives it: FOLDER ENDPOINT LIMIT_GB."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import boto3
from awscrt.auth import AwsCredentialsProvider
from awscrt.io import (
    ClientBootstrap,
    ClientTlsContext,
    DefaultHostResolver,
    EventLoopGroup,
    TlsContextOptions,
)
from awscrt.s3 import S3Client, create_default_s3_signing_config
from s3transfer.crt import BotocoreCRTRequestSerializer, CRTTransferManager


def main(folder: Path, endpoint: str, limit_gib: int) -> None:
    """Put every file beneath ``folder``."""
    session = boto3.Session()._session  # noqa: SLF001 - s3transfer wants botocore's
    group = EventLoopGroup()
    bootstrap = ClientBootstrap(group, DefaultHostResolver(group))
    tls = TlsContextOptions()
    tls.override_default_trust_store(Path(os.environ["AWS_CA_BUNDLE"]).read_bytes())
    credentials = AwsCredentialsProvider.new_static(
        os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_SECRET_ACCESS_KEY"]
    )
    signing = create_default_s3_signing_config(region="eu-west-1", credential_provider=credentials)
    client = S3Client(
        bootstrap=bootstrap,
        region="eu-west-1",
        signing_config=signing,
        part_size=8 * 1024 * 1024,
        tls_connection_options=ClientTlsContext(tls).new_connection_options(),
        throughput_target_gbps=10,
        **({"memory_limit": limit_gib * 1024**3} if limit_gib else {}),
    )
    serializer = BotocoreCRTRequestSerializer(
        session, client_kwargs={"endpoint_url": endpoint, "region_name": "eu-west-1"}
    )
    with CRTTransferManager(client, serializer) as manager:
        futures = [
            manager.upload(str(path), "pictures", path.name, {"Metadata": {"upload-id": "x" * 32}})
            for path in sorted(folder.iterdir())
        ]
        for future in futures:
            future.result()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
