"""The ports of `make local`, which events/env.json names too."""

AWS_PORT = 4566
CLAUDE_PORT = 4567
