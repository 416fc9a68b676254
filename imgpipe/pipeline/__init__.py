"""The pipeline as a value, and what the deploying commands do with it."""
