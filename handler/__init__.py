"""What AWS Lambda runs.

It never imports imgpipe; imgpipe imports of it what both sides share: schema, events, recipe,
formats and, for previews, the picture core.
"""
