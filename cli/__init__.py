"""`differential`, the command line: see what is diagnosed, and answer it."""
