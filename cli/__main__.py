"""`python -m cli`, for a checkout; installed, it is `differential`."""

from cli.main import run

run()
