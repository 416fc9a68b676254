"""Bad input: one line that says what is wrong, the next command, the right code, no change."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from imgpipe.aws.account import Aws
from imgpipe.package.archive import archive
from tests.support.proxy import Proxy, proxied
from tests.support.shell import Shell, embedded, photo
from tests.support.standing import standing

SOURCE = "imgpipe-source-000000000000-us-east-1-an"
LAYER = "arn:aws:lambda:{}:770693421928:layer:Klayers-p312-Pillow:1"
Refused = Callable[..., None]

EVERY_CALL_EXPIRED = {
    "service": "*",
    "error": {"code": "ExpiredToken", "message": "The security token has expired", "status": 403},
}


@pytest.fixture(scope="module")
def bare(shared_shell: Shell) -> Shell:
    """A shell with an empty embedded AWS, and without anybody's AWS configuration."""
    nowhere = str(shared_shell.folder / "nowhere")
    return replace(
        shared_shell, extra={"AWS_CONFIG_FILE": nowhere, "AWS_SHARED_CREDENTIALS_FILE": nowhere}
    )


@pytest.fixture(scope="module")
def root(bare: Shell) -> Aws:
    """The embedded AWS itself."""
    return embedded(bare.state)


@pytest.fixture(scope="module")
def refused(root: Aws) -> Refused:
    """Runs a command; expects a line of error, one of what to do, and the account as it was."""

    def run(shell: Shell, *arguments: str, code: int, says: str, then: str) -> None:
        before = standing(root)
        done = shell.run(*arguments, code=code)
        error, following = done.stderr.splitlines()[-2:]
        assert error.startswith("Error: "), done.stderr
        assert following.startswith("  Next: "), done.stderr
        assert says in error
        assert then in following
        assert done.stdout == ""
        assert standing(root) == before

    return run


@pytest.fixture(scope="module")
def proxy(root: Aws) -> Iterator[Proxy]:
    """A proxy in front of that AWS."""
    with proxied(root.endpoint_url or "") as running:
        yield running


@pytest.fixture
def account(bare: Shell, root: Aws, proxy: Proxy) -> Shell:
    """A shell that reaches the embedded AWS through the proxy, as if it were an account."""
    keys = root.session.get_credentials()
    known = {
        "AWS_ACCESS_KEY_ID": keys.access_key,
        "AWS_SECRET_ACCESS_KEY": keys.secret_key,
        "AWS_REGION": root.region,
    }
    proxy.inject()
    return replace(bare, extra={**bare.extra, **known, "IMGPIPE_ENDPOINT_URL": proxy.url})


def test_no_credentials(bare: Shell, refused: Refused) -> None:
    """How to get some, and how to look around without."""
    refused(
        bare,
        "setup",
        "--region",
        "eu-west-1",
        code=3,
        says="Unable to locate credentials",
        then="aws configure",
    )
    assert (
        "imgpipe --region eu-west-1 demo"
        in bare.run("status", "--region", "eu-west-1", code=3).stderr
    )


def test_no_region(bare: Shell, refused: Refused) -> None:
    """The three ways to say it."""
    refused(bare, "setup", code=3, says="no AWS region is set", then="--region")


def test_an_unknown_profile(bare: Shell, refused: Refused) -> None:
    """By name."""
    refused(
        bare,
        "setup",
        "--profile",
        "nobody",
        "--region",
        "eu-west-1",
        code=3,
        says="nobody",
        then="list-profiles",
    )


@pytest.mark.parametrize(
    "command", [["setup"], ["teardown", "--yes"], ["upload", "photo.jpg"], ["list-metadata"]]
)
def test_expired_credentials(
    account: Shell, proxy: Proxy, refused: Refused, command: list[str]
) -> None:
    """Told at the first call, which is sent once."""
    (account.folder / "photo.jpg").write_bytes(photo(30, 20))
    proxy.inject(EVERY_CALL_EXPIRED)
    refused(account, *command, code=3, says="expired", then="aws sso login")
    assert len(proxy.fired()) == 1


def test_a_bucket_name_another_account_has(account: Shell, proxy: Proxy, refused: Refused) -> None:
    """S3 answers 403 for it; the rest of the pipeline is not begun."""
    account = replace(account, extra={**account.extra, "IMGPIPE_SOURCE_BUCKET": "taken"})
    proxy.inject(
        {"service": "s3", "operation": "HeadBucket", "error": {"code": "403", "status": 403}}
    )
    refused(account, "setup", code=1, says="bucket taken belongs", then="choose another name")


def test_a_bucket_of_ours_that_may_not_be_read(
    account: Shell, proxy: Proxy, refused: Refused
) -> None:
    """The default names can be nobody else's, so that 403 is a missing permission."""
    denied = {"service": "s3", "operation": "HeadBucket", "error": {"code": "403", "status": 403}}
    for command in (["setup"], ["teardown", "--yes"]):
        proxy.inject(denied)
        refused(account, *command, code=1, says="s3:ListBucket was denied", then="permission")


def test_a_bucket_of_ours_that_is_not_the_pipelines(
    bare: Shell, root: Aws, refused: Refused
) -> None:
    """Untagged: setup begins nothing, and neither setup nor teardown touches it."""
    s3 = root.client("s3")
    s3.create_bucket(Bucket=SOURCE)
    s3.put_object(Bucket=SOURCE, Key="mine.txt", Body=b"mine")
    refused(
        bare,
        "--local",
        "setup",
        code=1,
        says=f"{SOURCE} was there before this pipeline",
        then=f"imgpipe --local setup --adopt {SOURCE}",
    )
    assert "Nothing was deleted" in bare.run("--local", "teardown", "--yes").stderr
    assert s3.get_object(Bucket=SOURCE, Key="mine.txt")["Body"].read() == b"mine"
    s3.delete_object(Bucket=SOURCE, Key="mine.txt")
    s3.delete_bucket(Bucket=SOURCE)


def test_source_and_destination_the_same(bare: Shell, refused: Refused) -> None:
    """By name, and by naming the other's default."""
    both = replace(
        bare,
        extra={"IMGPIPE_SOURCE_BUCKET": "one-bucket", "IMGPIPE_DESTINATION_BUCKET": "one-bucket"},
    )
    refused(both, "--local", "setup", code=3, says="one-bucket", then="name two buckets")
    half = replace(bare, extra={"IMGPIPE_DESTINATION_BUCKET": SOURCE})
    refused(half, "--local", "setup", code=3, says=SOURCE, then="name two buckets")


def test_commands_before_setup(bare: Shell, refused: Refused) -> None:
    """Each says how to begin, in the pipeline that was meant."""
    (bare.folder / "photo.jpg").write_bytes(photo(30, 20))
    for command in (["upload", "photo.jpg"], ["list-metadata"], ["invoke", "photo.jpg"]):
        refused(
            bare,
            "--local",
            "--stage",
            "blue",
            *command,
            code=1,
            says="no pipeline here",
            then="imgpipe --local --stage blue setup",
        )


def unreadable(folder: Path) -> str:
    """A file that cannot be read; root may read any, but not its own memory at address zero."""
    if os.geteuid() == 0:
        return "/proc/self/mem"
    (folder / "locked.jpg").write_bytes(photo(30, 20))
    (folder / "locked.jpg").chmod(0)
    return "locked.jpg"


def test_files_that_cannot_be_uploaded(bare: Shell, refused: Refused) -> None:
    """Missing, unreadable, no file, no picture, an empty directory, links back to themselves."""
    for folder in ("empty", "loop"):
        (bare.folder / folder).mkdir()
    (bare.folder / "loop" / "again").symlink_to("..", target_is_directory=True)
    (bare.folder / "loop" / "notes.txt").write_text("not a picture")
    (bare.folder / "snake.jpg").symlink_to("snake.jpg")
    os.mkfifo(bare.folder / "pipe.jpg")
    for name, says in {
        "nowhere.jpg": "nowhere.jpg does not exist",
        unreadable(bare.folder): "cannot be read",
        "empty": "empty holds no files",
        "loop/notes.txt": "is not a picture",
        "snake.jpg": "snake.jpg cannot be read",
        "pipe.jpg": "neither a file nor a directory",
    }.items():
        refused(bare, "--local", "upload", name, code=2, says=says, then="")


@pytest.mark.parametrize(
    ("text", "says", "then"),
    [
        ("memry = 512", "imgpipe.toml: unknown key 'memry'", "memory"),
        ("memory = 'much'", "memory is 'much'", "128 to 10240"),
        ("memory = ", "imgpipe.toml cannot be read", "mend it"),
        ("# \x80", "imgpipe.toml is not UTF-8", "save it as UTF-8"),
    ],
)
def test_a_bad_imgpipe_toml(bare: Shell, refused: Refused, text: str, says: str, then: str) -> None:
    """File, key, and what is allowed."""
    (bare.folder / "imgpipe.toml").write_bytes(text.encode("latin-1"))
    try:
        refused(bare, "--local", "setup", code=3, says=says, then=then)
    finally:
        (bare.folder / "imgpipe.toml").unlink()


def test_a_layer_that_does_not_fit(bare: Shell, root: Aws, refused: Refused) -> None:
    """Of another region, for another processor, or none that we may use."""
    lambdas = root.client("lambda")
    content = {"ZipFile": archive({"python/empty.py": b""}, "a layer")}
    intel = lambdas.publish_layer_version(
        LayerName="intel", Content=content, CompatibleArchitectures=["x86_64"]
    )
    for arn, says in {
        LAYER.format("eu-west-1"): "is in eu-west-1, the function in us-east-1",
        intel["LayerVersionArn"]: "is made for x86_64, the function for arm64",
        intel["LayerArn"] + ":77": "is gone, or not shared",
    }.items():
        refused(bare, "--local", "setup", "--pillow-layer-arn", arn, code=1, says=says, then="take")
    lambdas.delete_layer_version(LayerName="intel", VersionNumber=intel["Version"])
