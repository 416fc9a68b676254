"""Scripts of the checks: the reference in docs/, and the built wheel put to the test."""
