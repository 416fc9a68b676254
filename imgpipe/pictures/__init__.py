"""Pictures on their way.

From local files into the source bucket, and the rows that tell what became of them.
"""
