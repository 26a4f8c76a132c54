"""What a ticket gets that says only that an alarm fired: the rest is found out, and what is not is said."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import boto3
import pytest

from local.claude.server import StandIn
from tests.support.in_process import LIVE
from tests.support.invoked_pipeline import InvokedPipeline, invoked_pipeline

MINUTE = timedelta(minutes=1)
DIMENSIONS = [{"Name": "Stage", "Value": "prod"}]


@pytest.fixture
def pipeline(stand_in: StandIn) -> Iterator[InvokedPipeline]:
    with invoked_pipeline(stand_in, **LIVE) as opened:
        yield opened


@pytest.fixture
def onset(pipeline: InvokedPipeline) -> datetime:
    """Twenty minutes ago, as the pipeline's clock has it."""
    return datetime.fromtimestamp(pipeline.clock.now() // 60 * 60, UTC) - 20 * MINUTE


@pytest.fixture
def _alarm(onset: datetime) -> None:
    cloudwatch = boto3.client("cloudwatch")
    cloudwatch.put_metric_alarm(
        AlarmName="orders-low",
        Namespace="Shop",
        MetricName="Orders",
        Dimensions=DIMENSIONS,
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=10,
        ComparisonOperator="LessThanThreshold",
    )
    data = [
        {
            "MetricName": "Orders",
            "Dimensions": DIMENSIONS,
            "Timestamp": onset + minute * MINUTE,
            "Value": 40 + minute % 3 if minute < 0 else 2,
        }
        for minute in range(-120, 20)
    ]
    cloudwatch.put_metric_data(Namespace="Shop", MetricData=data)


@pytest.mark.usefixtures("_alarm")
def test_a_ticket_that_says_only_that_an_alarm_fired(pipeline: InvokedPipeline, onset: datetime) -> None:
    boto3.client("cloudwatch").set_alarm_state(
        AlarmName="orders-low", StateValue="ALARM", StateReason="too few orders"
    )
    pipeline.put(message="CloudWatch alarm orders-low went to ALARM.", alarm="orders-low")
    pipeline.deliver()

    asked = pipeline.asked()
    began = f"onset: {onset:%Y-%m-%dT%H:%M:%SZ} (at the onset), when the alarm's metric Orders Sum left"
    assert began in asked
    assert "## Metrics of Shop Stage=prod" in asked
    assert "Orders Sum DEVIATES down: baseline 41" in asked
    assert "alarm orders-low: fires when Sum of Shop Orders (Stage=prod) over 1 min is below 10" in asked
    assert "looked and found nothing: diagnosed tickets" in asked
    assert "not asked: the subject's record (the ticket names no subject)" in asked
    assert pipeline.item()["diagnosis_status"] == "done"


@pytest.mark.usefixtures("_alarm")
def test_what_was_known_of_a_subject_is_told_without_its_secrets(pipeline: InvokedPipeline) -> None:
    subjects = boto3.resource("dynamodb").Table(pipeline.stack.ref("SubjectsTable"))
    password = "correct-horse-" + "7battery"
    subjects.put_item(
        Item={
            "subject_id": "shop",
            "description": f"Sells books. password={password}",
            "metrics": [{"namespace": "Shop", "metric_name": "Orders", "dimensions": {"Stage": "prod"}}],
            "depends_on": ["shop"],
        }
    )
    pipeline.put(subject="shop")
    pipeline.deliver()

    asked = pipeline.asked()
    assert "description: Sells books. password=[redacted password 1]" in asked
    assert "not usable in its record: depends_on: names the subject itself" in asked
    assert "Orders Average DEVIATES down" in asked
    assert password not in str(pipeline.stand_in.calls[-1].request)


def test_a_ticket_of_no_use_to_any_source_is_diagnosed_all_the_same(pipeline: InvokedPipeline) -> None:
    pipeline.put(subject="ghost", alarm="ghost", resource=["?", "arn:aws:x"], log_group="", period=7)
    pipeline.deliver()

    asked = pipeline.asked()
    assert "looked and found nothing: the subject's record 'ghost'" in asked
    assert "looked and found nothing: the definition of alarm 'ghost'" in asked
    assert "metrics" in asked.partition("not asked: ")[2]
    assert pipeline.item()["diagnosis_status"] == "done"
