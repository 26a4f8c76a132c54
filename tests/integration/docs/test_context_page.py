"""docs/context.md: the source that it shows is one, and its table says what the code says."""

import re
from inspect import signature
from typing import Any

import boto3
import pytest

from diagnose.evidence.gathering import SwitchedOff, gather
from diagnose.evidence.sources.alarm.source import Alarms
from diagnose.evidence.sources.changes.source import Changes
from diagnose.evidence.sources.logs.source import Logs
from diagnose.evidence.sources.metrics.source import Metrics
from diagnose.evidence.sources.neighbours.source import Neighbours
from local.aws.names import ACCOUNT, REGION
from local.aws.stack import Stack
from local.aws.template import ROOT
from tests.support.incidents import incident
from tests.support.looking import empty, lines, look, not_asked, unseen

PAGE = (ROOT / "docs" / "context.md").read_text("utf-8")
[CODE] = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
ARN = f"arn:aws:sqs:{REGION}:{ACCOUNT}:"


@pytest.fixture
def source(stack: Stack) -> Any:
    defined: dict[str, Any] = {}
    exec(compile(CODE, "docs/context.md", "exec"), defined)
    return defined["WaitingMessages"](lambda service, region: boto3.client(service, region_name=region))


def test_the_example_is_short() -> None:
    assert len(CODE.strip().splitlines()) < 40


def test_the_example_is_a_source_with_all_four_states(source: Any) -> None:
    sqs = boto3.client("sqs")
    for name in ("full", "empty"):
        sqs.create_queue(QueueName=name)
    sqs.send_message(QueueUrl=sqs.get_queue_url(QueueName="full")["QueueUrl"], MessageBody="hello")

    looked = look(source, incident(resource=[f"{ARN}full", f"{ARN}empty", f"{ARN}gone"]))

    assert lines(looked) == ["full: 1 messages wait"]
    assert empty(looked) == ["waiting messages of queue empty"]
    assert unseen(looked) == {"queue gone": "no such thing, says GetQueueUrl"}
    assert not_asked(look(source, incident())) == {"waiting messages": "no queue is named"}


def test_the_example_is_gathered_with_the_others(source: Any) -> None:
    context = gather(incident(resource=f"{ARN}gone"), (), [source, SwitchedOff("metrics")])

    assert context.gaps == (
        "could not look: queue gone: no such thing, says GetQueueUrl",
        "not asked: metrics (switched off)",
    )


@pytest.mark.parametrize("source_class", [Metrics, Alarms, Logs, Changes, Neighbours])
def test_the_table_has_each_sources_deadline(source_class: Any) -> None:
    [row] = [line for line in PAGE.splitlines() if line.startswith(f"| {source_class.name} |")]
    given = signature(source_class).parameters.get("seconds")

    assert float(row.split("|")[4]) == (given.default if given else source_class.seconds)
