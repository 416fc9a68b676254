"""One picture's story: which one is meant, what there is of it, and what that tells."""
