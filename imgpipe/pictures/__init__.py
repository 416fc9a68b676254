"""Pictures on their way: from local files into the source bucket, and the rows that tell what became of them."""
