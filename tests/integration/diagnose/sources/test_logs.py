"""CloudWatch Logs around the onset, against the emulator."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from diagnose.evidence.clients import Clients
from diagnose.evidence.incident import Incident
from diagnose.evidence.sources.logs.source import Logs
from local.aws.api.errors import ApiError
from local.aws.api.troubles import denied, throttled
from local.aws.emulator import Emulator
from local.aws.names import ACCOUNT, REGION
from tests.support.incidents import incident
from tests.support.looking import NOW, after, empty, lines, look, not_asked, unseen

PATIENT = 60.0
GROUP = "/aws/lambda/orders"
ONSET = NOW - timedelta(minutes=40)


def affected(*groups: str, onset: datetime = ONSET) -> Incident:
    return incident(NOW, log_group=list(groups or (GROUP,)), first_seen_at=onset.isoformat())


def at(minutes: float) -> datetime:
    return ONSET + timedelta(minutes=minutes)


def write(clients: Clients, entries: Sequence[tuple[float, str]], group: str = GROUP) -> None:
    """Log entries, at so many minutes from the onset."""
    logs = clients("logs", "")
    logs.create_log_group(logGroupName=group)
    logs.create_log_stream(logGroupName=group, logStreamName="one")
    events = [
        {"timestamp": int(at(minute).timestamp() * 1000), "message": text} for minute, text in sorted(entries)
    ]
    for start in range(0, len(events), 5000):
        logs.put_log_events(logGroupName=group, logStreamName="one", logEvents=events[start : start + 5000])


def traffic(start: float, end: float, count: int) -> list[tuple[float, str]]:
    step = (end - start) / count
    return [(start + step * number, f"INFO handled order {number + 1} in 12 ms") for number in range(count)]


def test_an_error_since_the_onset_is_told_first_and_shown_among_its_neighbours(clients: Clients) -> None:
    errors = [
        (0.5 + number / 10, f"ERROR pool of orders-db is empty ({number + 1} wait)") for number in range(9)
    ]
    write(clients, [*traffic(-19, 9, 300), *errors])

    looked = look(Logs(clients, PATIENT), affected())

    differs = lines(looked, "log_differences")
    assert differs[1].startswith("new: 9 times; first at ")
    assert differs[1].endswith("ERROR pool of orders-db is empty (1 wait)")
    log = lines(looked, "log")
    [first, *_] = [place for place, line in enumerate(log) if "orders-db" in line]
    assert "INFO handled order" in log[first - 1]
    assert log[0].split(" ")[0] >= f"{at(-5):%Y-%m-%dT%H:%M:%S}"
    assert unseen(looked) == {}


def test_all_secrets_are_out_of_it(clients: Clients) -> None:
    write(clients, [*traffic(-19, 9, 40), (1, "ERROR login failed for password=hunter2-Zq9!x")])

    told = "\n".join(lines(look(Logs(clients, PATIENT), affected())))

    assert "ERROR login failed for password=[redacted" in told
    assert "hunter2" not in told


def test_a_quiet_log_was_looked_at_and_holds_nothing(clients: Clients) -> None:
    write(clients, [(-600, "INFO long before")])

    looked = look(Logs(clients, PATIENT), affected())

    assert empty(looked) == [f"log group {GROUP}"]
    assert unseen(looked) == {}


def test_without_a_log_group_nobody_is_asked(clients: Clients) -> None:
    assert not_asked(look(Logs(clients, PATIENT), incident(NOW))) == {"logs": "no log group is known"}


def test_a_group_that_is_not_there_costs_the_others_nothing(clients: Clients) -> None:
    write(clients, traffic(-19, 9, 40))

    looked = look(Logs(clients, PATIENT), affected("/aws/lambda/order", GROUP))

    assert unseen(looked) == {"log group /aws/lambda/order": "there is no log group of this name"}
    assert len(lines(looked, "log")) > 10


def test_what_is_not_allowed_is_named(clients: Clients, api: Emulator) -> None:
    write(clients, traffic(-19, 9, 40))
    api.api.troubles = {("logs", "FilterLogEvents"): denied("logs", "FilterLogEvents")}

    looked = look(Logs(clients, PATIENT), affected())

    assert unseen(looked) == {f"log group {GROUP}": "not allowed: logs:FilterLogEvents"}
    assert empty(looked) == []


def test_a_group_that_may_not_be_described_is_read_all_the_same(clients: Clients, api: Emulator) -> None:
    write(clients, traffic(-19, 9, 40))
    api.api.troubles = {("logs", "DescribeLogGroups"): denied("logs", "DescribeLogGroups")}

    assert len(lines(look(Logs(clients, PATIENT), affected()), "log")) > 10


def test_throttling_is_told_as_such(clients: Clients, api: Emulator) -> None:
    write(clients, traffic(-19, 9, 40))
    api.api.troubles = {("logs", "FilterLogEvents"): throttled()}

    assert unseen(look(Logs(clients, PATIENT), affected())) == {f"log group {GROUP}": "throttled"}


def test_all_pages_are_read(clients: Clients, api: Emulator) -> None:
    pages = [[event(1, f"ERROR number {page}")] for page in range(7)]
    api.api.operations = described() | {("logs", "FilterLogEvents"): paged(pages)}

    log = lines(look(Logs(clients, PATIENT), affected()), "log")

    assert {line.split("number ")[1] for line in log} == set("0123456")


def test_pages_without_an_end_cost_what_comes_after_them_alone(clients: Clients, api: Emulator) -> None:
    def endless(asked: Mapping[str, Any]) -> dict[str, Any]:
        return {"events": [], "nextToken": f"{asked.get('nextToken', '')}x"}

    api.api.operations = described() | {("logs", "FilterLogEvents"): endless}

    looked = look(Logs(clients, PATIENT), affected())

    assert empty(looked) == []
    assert set(unseen(looked).values()) == {"it had more than 12 pages"}


def test_pages_in_a_circle_are_read_once(clients: Clients, api: Emulator) -> None:
    def circle(asked: Mapping[str, Any]) -> dict[str, Any]:
        return {"events": [event(1, "ERROR again")], "nextToken": "same"}

    api.api.operations = described() | {("logs", "FilterLogEvents"): circle}

    looked = look(Logs(clients, PATIENT), affected())

    assert "its pages came round in a circle" in unseen(looked).values()
    assert "ERROR again" in lines(looked, "log")[0]


def test_at_its_deadline_it_ends_with_what_it_has(clients: Clients) -> None:
    write(clients, traffic(-19, 9, 400))

    looked = look(Logs(clients, PATIENT), affected(), after(5))

    assert lines(looked, "log")
    assert set(unseen(looked).values()) == {"no time was left"}


def test_of_a_log_too_busy_to_be_read_the_errors_are_asked_for(clients: Clients, api: Emulator) -> None:
    noise = [event(-0.5, f"INFO handled {number}") for number in range(5000)]

    def busy(asked: Mapping[str, Any]) -> dict[str, Any]:
        if asked.get("filterPattern"):
            return {"events": [event(1.5, "ERROR pool is empty")]} if within(asked, 1.5) else {"events": []}
        if within(asked, -0.5):
            return {"events": noise, "nextToken": f"{asked.get('nextToken', '')}x"}
        return {"events": []}

    api.api.operations = described() | {("logs", "FilterLogEvents"): busy}

    looked = look(Logs(clients, PATIENT), affected())

    assert lines(looked, "log")[-1].endswith("ERROR pool is empty")
    assert any("there is too much of it: 5000 events were read" in why for why in unseen(looked).values())


def test_garbage_among_the_events_is_counted_and_left_out(clients: Clients, api: Emulator) -> None:
    garbage: list[dict[str, Any]] = [
        {"timestamp": 4102444800000, "message": "ERROR of the year 2100"},
        {"timestamp": int(at(1).timestamp() * 1000)},
        {"message": "ERROR at no time"},
        event(1, "ERROR pool is empty"),
    ]
    api.api.operations = described() | {("logs", "FilterLogEvents"): paged([garbage])}

    looked = look(Logs(clients, PATIENT), affected())

    assert [line.partition(" ")[2] for line in lines(looked, "log")] == ["ERROR pool is empty"]
    assert "3 events without a text, or of another time than was asked for, were left out" in lines(looked)


def test_an_onset_ahead_of_our_clock_is_read_up_to_now(clients: Clients) -> None:
    write(clients, [(39, "ERROR just now")])

    log = lines(look(Logs(clients, PATIENT), affected(onset=NOW + timedelta(minutes=3))), "log")

    assert [line.partition(" ")[2] for line in log] == ["ERROR just now"]


def test_a_group_of_another_account_is_asked_for_by_its_arn(clients: Clients, api: Emulator) -> None:
    arn = f"arn:aws:logs:{REGION}:999900001111:log-group:shared"

    def shared(asked: Mapping[str, Any]) -> dict[str, Any]:
        known = asked.get("logGroupIdentifier") == arn and within(asked, 1)
        return {"events": [event(1, "ERROR over there")] if known else []}

    api.api.operations = {("logs", "FilterLogEvents"): shared}

    looked = look(Logs(clients, PATIENT), affected(f"{arn}:*"))

    assert lines(looked, "log")[0].endswith("ERROR over there")


def test_a_group_of_another_account_that_is_not_shared_is_told_as_such(
    clients: Clients, api: Emulator
) -> None:
    api.api.troubles = {("logs", "FilterLogEvents"): denied("logs", "FilterLogEvents")}

    looked = look(Logs(clients, PATIENT), affected(f"arn:aws:logs:{REGION}:999900001111:log-group:shared"))

    assert unseen(looked) == {"log group shared of account 999900001111": "not allowed: logs:FilterLogEvents"}


class TestInfrequentAccess:
    """Groups of this class know no FilterLogEvents."""

    def test_it_is_read_by_a_query(self, clients: Clients, api: Emulator) -> None:
        asked: list[Mapping[str, Any]] = []
        api.api.operations = queried([(1, "ERROR pool is empty")], asked)

        looked = look(Logs(clients, PATIENT, sleep=lambda seconds: None), affected())

        assert [line.partition(" ")[2] for line in lines(looked, "log")] == ["ERROR pool is empty"]
        assert all("pattern" not in each["queryString"] for each in asked)

    def test_a_query_that_would_scan_too_much_is_not_made(self, clients: Clients, api: Emulator) -> None:
        asked: list[Mapping[str, Any]] = []
        api.api.operations = queried([(1, "ERROR pool is empty")], asked, stored=10**16)

        looked = look(Logs(clients, PATIENT, sleep=lambda seconds: None), affected())

        assert asked == []
        [why] = unseen(looked).values()
        assert why.startswith("a query of 3 minutes would scan about ")
        assert why.endswith(" GB, and 2 GB is allowed")

    def test_a_query_that_is_not_done_in_time_is_stopped(self, clients: Clients, api: Emulator) -> None:
        stopped: list[str] = []

        def stop(asked: Mapping[str, Any]) -> dict[str, Any]:
            stopped.append(asked["queryId"])
            return {"success": True}

        api.api.operations = queried([], [], status="Running") | {("logs", "StopQuery"): stop}

        looked = look(Logs(clients, PATIENT, sleep=lambda seconds: None), affected(), after(6))

        assert [*unseen(looked).values()] == ["the query was not done in time", "no time was left"]
        assert len(stopped) == 1

    def test_a_group_that_says_it_only_when_asked_is_queried_too(
        self, clients: Clients, api: Emulator
    ) -> None:
        def refuse(asked: Mapping[str, Any]) -> dict[str, Any]:
            raise ApiError("InvalidOperationException", "not for this class")

        operations = queried([(1, "ERROR pool is empty")], [])
        api.api.operations = operations | described() | {("logs", "FilterLogEvents"): refuse}

        looked = look(Logs(clients, PATIENT, sleep=lambda seconds: None), affected())

        assert lines(looked, "log")[0].endswith("ERROR pool is empty")


def event(minutes: float, text: str) -> dict[str, Any]:
    """An event as FilterLogEvents gives it."""
    event.number += 1  # type: ignore[attr-defined]
    return {
        "timestamp": int(at(minutes).timestamp() * 1000),
        "message": text,
        "logStreamName": "one",
        "eventId": str(event.number),  # type: ignore[attr-defined]
    }


event.number = 0  # type: ignore[attr-defined]


def within(asked: Mapping[str, Any], minutes: float) -> bool:
    return bool(asked["startTime"] <= at(minutes).timestamp() * 1000 <= asked["endTime"])


def paged(pages: list[list[dict[str, Any]]]) -> Any:
    """FilterLogEvents of one slice in pages; of all other slices nothing."""

    def answer(asked: Mapping[str, Any]) -> dict[str, Any]:
        if not within(asked, 1):
            return {"events": []}
        place = int(asked.get("nextToken", "0"))
        more = {"nextToken": str(place + 1)} if place + 1 < len(pages) else {}
        return {"events": pages[place], **more}

    return answer


def described(**more: Any) -> dict[tuple[str, str], Any]:
    group = {"logGroupName": GROUP, "creationTime": 0, "storedBytes": 10**6, "retentionInDays": 30, **more}
    return {("logs", "DescribeLogGroups"): lambda asked: {"logGroups": [group]}}


def queried(
    entries: list[tuple[float, str]],
    asked_for: list[Mapping[str, Any]],
    stored: int = 10**6,
    status: str = "Complete",
) -> dict[tuple[str, str], Any]:
    def start(asked: Mapping[str, Any]) -> dict[str, Any]:
        asked_for.append(asked)
        return {"queryId": f"{asked['startTime']}-{asked['endTime']}"}

    def results(asked: Mapping[str, Any]) -> dict[str, Any]:
        first, last = map(int, asked["queryId"].split("-"))
        rows = [
            [
                {"field": "@timestamp", "value": f"{at(minute):%Y-%m-%d %H:%M:%S}.000"},
                {"field": "@message", "value": text},
            ]
            for minute, text in entries
            if first <= at(minute).timestamp() <= last
        ]
        return {"results": rows, "status": status}

    return described(logGroupClass="INFREQUENT_ACCESS", storedBytes=stored) | {
        ("logs", "StartQuery"): start,
        ("logs", "GetQueryResults"): results,
    }


@pytest.mark.parametrize("written", ["", f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{GROUP}:*"])
def test_a_group_of_ours_may_be_named_by_its_arn(clients: Clients, written: str) -> None:
    write(clients, traffic(-19, 9, 40))

    assert lines(look(Logs(clients, PATIENT), affected(written or GROUP)), "log")
