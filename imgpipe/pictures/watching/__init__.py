"""A folder, watched: what is in it is put into the bucket, and so is what appears or changes."""
