"""moto's queues, streams and logs on a clock of the test's own."""

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from unittest import mock

from runtime.clock import Clock

# Whatever is first imported while the clock is in place would keep it for the rest of the run.
for service in (
    "cloudwatch",
    "codedeploy",
    "dynamodb",
    "dynamodbstreams",
    "ecs",
    "logs",
    "secretsmanager",
    "sqs",
    "ssm",
):
    importlib.import_module(f"moto.{service}.models")


@contextmanager
def moto_clock(clock: Clock) -> Iterator[None]:
    """As long as it lasts, delays, visibility, retention and the times of stream records go by the clock."""

    def utcnow() -> datetime:
        return datetime.fromtimestamp(clock.now(), UTC).replace(tzinfo=None)

    with (
        mock.patch("moto.core.utils.utcnow", utcnow),
        mock.patch("moto.dynamodb.models.table.utcnow", utcnow),
    ):
        yield
