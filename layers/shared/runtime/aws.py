"""How AWS is called: a call that stalls ends well before the time that an invocation keeps for its writes.

boto3 by itself waits 60 s for a connection and 60 s for each read, several times over.
"""

from botocore.config import Config

POOL_CONNECTIONS = 16
"""A client hands out no more connections than it keeps; so many threads may share one."""

CALLS = Config(
    connect_timeout=2,
    read_timeout=5,
    retries={"mode": "standard", "total_max_attempts": 2},
    max_pool_connections=POOL_CONNECTIONS,
)
"""At the most two stalled attempts, 14 s, and the wait between them."""

QUICK_CALLS = CALLS.merge(
    Config(connect_timeout=1, read_timeout=2, retries={"mode": "standard", "total_max_attempts": 1})
)
"""For what an invocation can do without: QUICK_CALL_SECONDS, and no second attempt."""
QUICK_CALL_SECONDS = 3.0
