"""Pictures made to do harm: seeds, what is done to them, and where they are let run."""
