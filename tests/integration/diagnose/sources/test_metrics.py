"""Metrics as the source reads them over HTTP: their siblings, pages, a deadline, and the four states."""

import math
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any

import pytest

from diagnose.evidence.clients import Clients
from diagnose.evidence.gathering import gather
from diagnose.evidence.incident import Incident
from diagnose.evidence.looked import Found
from diagnose.evidence.sources.metrics.source import Metrics
from diagnose.evidence.times import in_words
from local.aws.api.troubles import denied, slow, throttled
from local.aws.emulator import Emulator
from local.aws.names import ACCOUNT, REGION
from local.aws.recorded.account import Account
from local.aws.recorded.metrics import Point
from tests.support.incidents import incident
from tests.support.looking import NOW, after, empty, lines, look, not_asked, unseen

ONSET = NOW.replace(second=0) - timedelta(minutes=40)
MINUTE = timedelta(minutes=1)
DIMENSIONS = {"FunctionName": "checkout"}
SIBLINGS = ("Invocations", "Errors", "Throttles", "Duration", "ConcurrentExecutions", "IteratorAge")


@pytest.fixture
def account(api: Emulator) -> Account:
    kept = Account()
    api.api.operations = kept.operations
    return kept


def affected(**attributes: object) -> Incident:
    told = {
        "alarm": "checkout-errors",
        "namespace": "AWS/Lambda",
        "metric_name": "Errors",
        "statistic": "Sum",
        "dimensions": DIMENSIONS,
        "first_seen_at": (ONSET + 4 * MINUTE).isoformat(),
    }
    return incident(NOW, **{**told, **attributes})


def points(usual: float, since: float | None = None, begins: int = -180) -> Iterator[Point]:
    """A point a minute from `begins` minutes before the onset to now, another level from the onset on."""
    for minute in range(begins, 41):
        level = since if since is not None and minute >= 0 else usual
        yield ONSET + minute * MINUTE, level + (minute % 3) * level / 100


def seed(
    account: Account, name: str, made: Iterator[Point], dimensions: dict[str, str] | None = None
) -> None:
    account.metrics.put("AWS/Lambda", name, dimensions or DIMENSIONS, made)


def test_what_deviates_has_a_line_each_and_what_does_not_shares_one(
    clients: Clients, account: Account
) -> None:
    seed(account, "Errors", points(2, since=57))
    seed(account, "Duration", points(120, since=2900))
    seed(account, "Invocations", points(400))
    seed(account, "Throttles", points(0))

    looked = look(Metrics(clients), affected())

    errors, duration, others = lines(looked)
    assert errors.startswith("Errors Sum DEVIATES up: baseline 2")
    assert f"left it {ONSET:%Y-%m-%dT%H:%M:%SZ}" in errors
    assert "peak 58.1" in errors
    assert duration.startswith("Duration p99 DEVIATES up: baseline 121 ms")
    assert "now 2,929 ms" in duration or "now 2,9" in duration
    assert others.startswith("no departure in this data, with their last values: Invocations Sum 40")
    assert "Throttles Sum 0" in others
    assert unseen(looked) == {}
    [nothing] = empty(looked)
    assert nothing.endswith("ConcurrentExecutions Maximum, IteratorAge Maximum, DeadLetterErrors Sum")


def test_yesterday_at_this_time_is_told_beside_it(clients: Clients, account: Account) -> None:
    seed(account, "Errors", points(2, since=57))
    seed(account, "Errors", ((at - timedelta(days=1), value) for at, value in points(2, since=55)))

    [line] = lines(look(Metrics(clients), affected()))

    assert "yesterday at this time 55" in line


def test_offsets_count_from_when_the_alarms_metric_left_its_baseline(
    clients: Clients, account: Account
) -> None:
    seed(account, "Errors", points(2, since=57))

    context = gather(affected(), (), [Metrics(clients)])

    onset = next(line for section in context.sections for line in section.lines if line.startswith("onset: "))
    at, _, how = onset.partition("), ")
    assert at == f"onset: {ONSET:%Y-%m-%dT%H:%M:%SZ} (at the onset"
    assert how == "when the alarm's metric Errors Sum left its baseline"


def test_exact_values_stand_behind_the_readable_ones(clients: Clients, account: Account) -> None:
    seed(account, "Duration", points(120.125, since=2900.0625))

    [found] = [each for each in look(Metrics(clients), affected()) if isinstance(each, Found)]
    [section] = found.sections

    assert len(section.exact) == len(section.lines)
    assert pytest.approx(float(max(section.exact[0]))) == 2900.0625 * 1.02


def test_a_metric_of_a_namespace_of_ones_own_brings_those_of_the_same_dimensions(
    clients: Clients, account: Account
) -> None:
    of = {"Stage": "prod"}
    account.metrics.put("Shop", "Orders", of, points(50, since=3))
    account.metrics.put("Shop", "Payments", of, points(40, since=1))
    account.metrics.put("Shop", "Payments", {"Stage": "test"}, points(7))

    looked = look(
        Metrics(clients), affected(namespace="Shop", metric_name="Orders", dimensions=of, statistic="Average")
    )

    assert [line.partition(" DEVIATES")[0] for line in lines(looked)] == [
        "Orders Average",
        "Payments Average",
    ]


def test_metrics_of_a_namespace_of_ones_own_are_listed_page_by_page(
    clients: Clients, account: Account, api: Emulator
) -> None:
    of = {"Stage": "prod"}
    for name in ("Orders", "Refunds"):
        account.metrics.put("Shop", name, of, points(50, since=3))
    others = [
        {"Namespace": "Shop", "MetricName": f"M{number}", "Dimensions": [{"Name": "Host", "Value": "h"}]}
        for number in range(500)
    ]
    wanted = {
        "Namespace": "Shop",
        "MetricName": "Refunds",
        "Dimensions": [{"Name": "Stage", "Value": "prod"}],
    }

    def pages(asked: Mapping[str, Any]) -> dict[str, Any]:
        return {"Metrics": [wanted]} if "NextToken" in asked else {"Metrics": others, "NextToken": "2"}

    api.api.operations = {**account.operations, ("cloudwatch", "ListMetrics"): pages}

    looked = look(
        Metrics(clients), affected(namespace="Shop", metric_name="Orders", dimensions=of, statistic="Average")
    )

    assert [line.partition(" DEVIATES")[0] for line in lines(looked)] == [
        "Orders Average",
        "Refunds Average",
    ]
    assert unseen(looked) == {}


@pytest.mark.parametrize(
    ("named", "until", "why"),
    [
        (25, after(90), "only 20 are asked for"),
        (0, after(90), "only 5 pages of their names were read"),
        (0, after(6), "no time was left"),
        (1, after(6), "no time was left after 1"),
    ],
)
def test_what_is_left_out_of_a_list_of_metrics_is_said(
    clients: Clients, account: Account, api: Emulator, named: int, until: Callable[[], float], why: str
) -> None:
    of = [{"Name": "Stage", "Value": "prod"}]
    listed = [{"Namespace": "Shop", "MetricName": f"M{number}", "Dimensions": of} for number in range(named)]
    answer = {"Metrics": listed, "NextToken": "more"}
    api.api.operations = {**account.operations, ("cloudwatch", "ListMetrics"): lambda asked: answer}

    looked = look(
        Metrics(clients),
        affected(namespace="Shop", metric_name="Orders", dimensions={"Stage": "prod"}),
        until=until,
    )

    assert unseen(looked)["other metrics of Shop Stage=prod"] == why


def test_the_metrics_of_a_resource_are_found_by_its_arn_alone(clients: Clients, account: Account) -> None:
    age = "ApproximateAgeOfOldestMessage"
    account.metrics.put("AWS/SQS", age, {"QueueName": "mail"}, points(3, since=900))

    looked = look(Metrics(clients), incident(NOW, resource=f"arn:aws:sqs:{REGION}:{ACCOUNT}:mail"))

    assert lines(looked)[0].startswith(f"{age} Maximum DEVIATES up: baseline 3.03 s")


def test_without_datapoints_it_says_of_which_metrics_and_over_which_window(
    clients: Clients, account: Account
) -> None:
    looked = look(Metrics(clients), affected())

    [nothing] = gather(affected(), looked, []).gaps
    assert nothing.startswith(
        "looked and found nothing: datapoints of AWS/Lambda FunctionName=checkout: Errors Sum"
    )
    since = in_words((NOW - ONSET - 4 * MINUTE).total_seconds())
    assert nothing.endswith(f"(+{since})")


def test_pages_are_put_together(clients: Clients, account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    seed(account, "Errors", points(2, since=57))
    seed(account, "Invocations", points(400))
    in_one = lines(look(Metrics(clients), affected()))

    class Small:
        """CloudWatch with pages of 100 points."""

        def __init__(self, client: object) -> None:
            self._client = client

        def get_metric_data(self, **asked: object) -> object:
            return self._client.get_metric_data(MaxDatapoints=100, **asked)  # type: ignore[attr-defined]

    small = look(Metrics(lambda service, region: Small(clients(service, region))), affected())

    assert lines(small) == in_one


def test_pages_without_end_are_ended_and_that_is_said(clients: Clients) -> None:
    class Endless:
        def get_metric_data(self, **asked: object) -> dict[str, object]:
            values = {"Id": "m0", "Timestamps": [NOW, "then"], "Values": [1.0, math.nan, 3.0]}
            return {"MetricDataResults": [values, {"Id": "odd"}, {}], "NextToken": "again"}

    looked = look(Metrics(lambda service, region: Endless()), affected())

    assert unseen(looked) == {"older datapoints of the metrics": "more than 5 pages"}
    assert lines(looked)[0].startswith("Errors Sum: 1 at ")


@pytest.mark.parametrize(
    ("trouble", "why"),
    [
        (denied("cloudwatch", "GetMetricData", "AccessDenied"), "not allowed: cloudwatch:GetMetricData"),
        (throttled("Throttling"), "throttled"),
    ],
    ids=["denied", "throttled"],
)
def test_what_may_not_be_read_is_not_said_to_be_nothing(
    clients: Clients, account: Account, api: Emulator, trouble: object, why: str
) -> None:
    seed(account, "Errors", points(2))
    api.api.troubles = {("cloudwatch", "GetMetricData"): trouble}  # type: ignore[dict-item]

    assert gather(affected(), (), [Metrics(clients)]).gaps == (f"could not look: metrics: {why}",)


def test_a_slow_answer_costs_no_more_than_the_sources_time(
    clients: Clients, account: Account, api: Emulator
) -> None:
    class Impatient(Metrics):
        seconds = 0.3

    api.api.troubles = {("cloudwatch", "GetMetricData"): slow(1.0)}

    assert gather(affected(), (), [Impatient(clients)]).gaps == (
        "could not look: metrics: no answer within 0.3 s",
    )


def test_when_time_is_over_yesterday_is_left_out(clients: Clients, account: Account) -> None:
    seed(account, "Errors", points(2, since=57))

    looked = look(Metrics(clients), affected(), until=after(0))

    assert len(lines(looked)) == 1
    assert unseen(looked) == {"metrics at the same time yesterday": "out of time"}


def test_without_a_name_it_is_not_asked(clients: Clients) -> None:
    looked = look(Metrics(clients), incident(NOW))

    assert not_asked(looked) == {"metrics": "no metric or resource of AWS is named"}


def test_what_lies_in_another_account_cannot_be_looked_at(clients: Clients) -> None:
    looked = look(Metrics(clients), affected(account="999999999999"))

    assert unseen(looked) == {"metrics": "it is in another account: 999999999999"}


def test_moto_answers_too(clients: Clients) -> None:
    """Whose statistics are plain ones only: percentiles are asked of the recorded account above."""
    client = clients("cloudwatch", REGION)
    of = [{"Name": "Pond", "Value": "a"}]
    data = [
        {"MetricName": "Depth", "Timestamp": at, "Value": value, "Dimensions": of}
        for at, value in points(3, since=30, begins=-30)
    ]
    client.put_metric_data(Namespace="Garden", MetricData=data)

    pond = {"namespace": "Garden", "metric_name": "Depth", "dimensions": {"Pond": "a"}}
    looked = look(Metrics(clients), affected(**pond, statistic="Maximum"))

    assert lines(looked)[0].startswith("Depth Maximum DEVIATES up: baseline 3")
