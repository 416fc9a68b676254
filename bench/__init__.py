"""What imgpipe is measured against, and by which rules.

``python -m bench`` writes bench/results.md. Nothing here is a test.
"""
