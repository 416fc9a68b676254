"""What AWS Lambda runs. It never imports imgpipe; imgpipe imports only its schema, its recipe and, for previews, its image core."""
