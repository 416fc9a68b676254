"""``imgpipe local``: the embedded AWS by hand. Commands with ``--local`` start it themselves."""
