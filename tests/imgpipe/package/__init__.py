"""Tests of what Lambda is given to run."""
