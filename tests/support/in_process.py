"""The template's tables, queues and secret in this process: AWS without HTTP, on a clock of the test's own.

A call takes about a millisecond, and a delayed message waits for the test's clock, not for real time.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from unittest import mock

import boto3
from moto import mock_aws
from moto.core.botocore_stubber import BotocoreStubber

from local.aws import stack as local_stack
from local.aws.api.quick_moto import keep_moto_quick
from local.aws.emulator import isolate
from local.aws.names import REGION
from local.aws.stack import Stack
from local.aws.tables.rules import keep_table_rules
from local.aws.template import Template
from runtime.clock import Clock
from tests.support.moto_clock import moto_clock
from tests.support.untraced import untraced

API_KEY = "sk-test-key"
LIVE = dict.fromkeys(["ReadAlarms", "ReadChanges", "ReadLogs", "ReadMetrics", "ReadNeighbours"], "true")
"""The live sources, which the template has switched on."""


@contextmanager
def aws(clock: Clock, **parameters: str) -> Iterator[Stack]:
    """A fresh stack: the template's parameters are at their defaults but for those given and `LIVE`.

    A test about something else need not look at alarms, logs and the like.

    As long as it lasts, the process's environment is that of the template's functions.
    """

    environment = dict(os.environ)
    isolate(environment, "")
    del environment["AWS_ENDPOINT_URL"]
    # moto does not know the endpoint of streams that has the account's number in its name
    environment["AWS_ACCOUNT_ID_ENDPOINT_MODE"] = "disabled"
    keep_table_rules()
    keep_moto_quick()
    with (
        mock.patch.dict(os.environ, environment, clear=True),
        # For the package requests, which nothing here uses; to set them up takes longer than a test.
        mock.patch("moto.core.models.RESPONSES_METHODS", ()),
        mock_aws(),
        mock.patch("moto.core.models.BotocoreStubber.process_request", _ANSWER),
        mock.patch("boto3.DEFAULT_SESSION", _session()),
        moto_clock(clock),
    ):
        off = {**Template.read().sources_off(), "ReadSimilar": "true"}
        template = Template.read(parameters=off | parameters, endpoint=f"https://sqs.{REGION}.amazonaws.com")
        stack = local_stack.create(None, template, {"AnthropicApiKey": API_KEY})
        with mock.patch.dict(os.environ, stack.shared_environment()):
            yield stack


_ANSWER = untraced(BotocoreStubber.process_request)


@cache
def _session() -> boto3.Session:
    """One for all, because a new one reads botocore's models from the disk again."""
    return boto3.Session("local", "local", region_name=REGION)
