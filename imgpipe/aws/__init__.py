"""One AWS account: the only room that imports boto3, and where botocore's errors are understood."""
