"""`differential`, the command line: see what is diagnosed, and answer it."""

VERSION = "0.1.0"
