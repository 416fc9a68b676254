"""Uploading in a new account, and as somebody who may do little: as far as it goes, in plain words.

IAM is enforced: each identity has exactly the policy that is written here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from tests.support.local_account import somebody
from tests.support.shell import embedded, photo

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imgpipe.aws.account import Aws
    from tests.support.shell import Shell

ACCOUNT: Final = "000000000000"
SOURCE: Final = f"imgpipe-source-{ACCOUNT}-us-east-1-an"
TABLE: Final = f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/ImageMetadata"
FUNCTION: Final = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:ImageProcessingFunction"

PUT: Final = {"Effect": "Allow", "Action": "s3:PutObject", "Resource": f"arn:aws:s3:::{SOURCE}/*"}
FOLLOW: Final = (
    {"Effect": "Allow", "Action": "dynamodb:DescribeTable", "Resource": TABLE},
    {"Effect": "Allow", "Action": "dynamodb:Query", "Resource": f"{TABLE}/index/imgpipe-by-time"},
)
INVOKE: Final = {
    "Effect": "Allow",
    "Action": "lambda:InvokeFunction",
    "Resource": [FUNCTION, f"{FUNCTION}:*"],
}


@pytest.fixture
def aws(pipeline: Shell) -> Aws:
    """The account of the standing pipeline, with a picture to send."""
    (pipeline.folder / "photo.jpg").write_bytes(photo(60, 40))
    return embedded(pipeline.state)


@pytest.fixture
def asleep(aws: Aws) -> Iterator[None]:
    """The trigger hears nothing, as in the minutes after it was wired."""
    s3 = aws.client("s3")
    wired = s3.get_bucket_notification_configuration(Bucket=SOURCE)
    wired.pop("ResponseMetadata")
    nowhere = {"Key": {"FilterRules": [{"Name": "prefix", "Value": "nowhere/"}]}}
    deaf = [{**rule, "Filter": nowhere} for rule in wired["LambdaFunctionConfigurations"]]
    configuration = {"LambdaFunctionConfigurations": deaf}
    s3.put_bucket_notification_configuration(Bucket=SOURCE, NotificationConfiguration=configuration)
    yield
    s3.put_bucket_notification_configuration(Bucket=SOURCE, NotificationConfiguration=wired)


def test_a_trigger_that_sleeps_is_made_up_for(pipeline: Shell, aws: Aws, asleep: None) -> None:
    """No event ever comes: the function is started, and it is said."""
    done = pipeline.run("--local", "upload", "photo.jpg")
    assert "processed" in done.stdout
    assert "the function was started for photo.jpg" in " ".join(done.stderr.split())


@pytest.mark.prove
def test_who_may_not_start_the_function_uploads_and_is_told(
    pipeline: Shell, aws: Aws, asleep: None
) -> None:
    """The picture is there; why nothing comes of it yet is said."""
    shell, options = somebody(pipeline, aws, PUT, *FOLLOW)
    done = shell.run(*options, "upload", "photo.jpg", "--timeout", "22", code=4)
    said = " ".join(done.stderr.split())
    assert "Uploaded 1 of 1 files" in said
    assert "the function cannot be started" in said
    assert "lambda:InvokeFunction" in said


@pytest.mark.prove
def test_who_may_start_the_function_does(pipeline: Shell, aws: Aws, asleep: None) -> None:
    """That one right is enough."""
    shell, options = somebody(pipeline, aws, PUT, *FOLLOW, INVOKE)
    assert "processed" in shell.run(*options, "upload", "photo.jpg").stdout


def test_who_may_only_upload_gets_the_results(pipeline: Shell, aws: Aws) -> None:
    """And no addresses, for which they may not ask; exit code 0."""
    shell, options = somebody(pipeline, aws, PUT, *FOLLOW)
    done = shell.run(*options, "upload", "photo.jpg")
    assert "processed-photo.jpg" in done.stdout
    assert "No addresses: ListDistributions was denied" in " ".join(done.stderr.split())
    (told,) = shell.json(*options, "upload", "photo.jpg")
    assert (told["status"], told["renditions"][0]["url"]) == ("processed", "")


def test_who_may_not_even_follow_has_sent_it(pipeline: Shell, aws: Aws) -> None:
    """Neither a failure nor a promise: it is sent, and why no more is known is said."""
    shell, options = somebody(pipeline, aws, PUT)
    done = shell.run(*options, "upload", "photo.jpg")
    assert "sent" in done.stdout
    assert "cannot be followed: DescribeTable was denied" in " ".join(done.stderr.split())


def test_without_a_distribution_there_are_results_and_one_line_why(
    pipeline: Shell, aws: Aws
) -> None:
    """As in an account that is not verified for CloudFront; setup makes it later."""
    cloudfront = aws.client("cloudfront")
    for each in cloudfront.list_distributions()["DistributionList"]["Items"]:
        found = cloudfront.get_distribution_config(Id=each["Id"])
        config = {**found["DistributionConfig"], "Enabled": False}
        update = cloudfront.update_distribution(
            Id=each["Id"], IfMatch=found["ETag"], DistributionConfig=config
        )
        cloudfront.delete_distribution(Id=each["Id"], IfMatch=update["ETag"])
    done = pipeline.run("--local", "upload", "photo.jpg")
    assert "processed-photo.jpg" in done.stdout
    assert "No addresses: there is no distribution here yet" in " ".join(done.stderr.split())
    pipeline.run("--local", "setup")
    assert "http://" in pipeline.run("--local", "upload", "photo.jpg").stdout
