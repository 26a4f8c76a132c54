"""What X-Ray traced around the onset."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from diagnose.evidence.clients import Clients
from diagnose.evidence.gathering import gather
from diagnose.evidence.sources.traces import Traces
from local.aws.api.troubles import denied
from local.aws.emulator import Emulator
from local.aws.names import ACCOUNT, REGION
from local.aws.recorded.account import Account
from tests.support.incidents import incident
from tests.support.looking import NOW, after, empty, lines, look, not_asked, unseen

PLACE = "X-Ray's traces of orders"
ONSET = NOW - timedelta(minutes=30)
AFFECTED = incident(
    NOW, resource=f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:orders", first_seen_at=ONSET.isoformat()
)


def trace(account: Account, id_: str, seconds: float, *, fault: bool = False, document: Any = None) -> None:
    summary = {
        "Id": id_,
        "StartTime": ONSET,
        "Duration": seconds,
        "ResponseTime": seconds,
        "HasFault": fault,
        "HasError": False,
        "HasThrottle": False,
        "ServiceIds": [{"Name": "orders"}],
        "Http": {"HttpMethod": "POST", "HttpURL": "https://shop/orders", "HttpStatus": 502 if fault else 200},
    }
    account.traces.add_trace(summary, [document] if document else [])


def segment(name: str, start: float, end: float, **more: Any) -> dict[str, Any]:
    return {"id": name, "name": name, "start_time": start, "end_time": end, **more}


def test_failing_and_slow_requests_are_told_down_to_what_they_waited_for(
    clients: Clients, account: Account
) -> None:
    cause = {"exceptions": [{"type": "TimeoutError", "message": "no connection, password=hunter2-Zq9!x"}]}
    document = segment(
        "orders", 0, 5, fault=True, subsegments=[segment("orders-db", 0.5, 4.5, fault=True, cause=cause)]
    )
    trace(account, "1-bad", 5.0, fault=True, document=document)
    for number in range(6):
        trace(account, f"1-good-{number}", 0.1 + number / 100)

    told = lines(look(Traces(clients, 60.0), AFFECTED))

    assert told[0] == (
        "7 requests were traced, 1 of them failed; half took 0.13 s or longer, the slowest 5 s"
    )
    assert told[1] == (f"trace 1-bad at {ONSET:%Y-%m-%dT%H:%M:%SZ}: 5 s, fault POST https://shop/orders 502")
    [waited] = [line for line in told if "orders > orders-db" in line]
    assert waited.startswith(
        "trace 1-bad: orders > orders-db: 4 s by itself, fault; TimeoutError: no connection"
    )
    assert "hunter2" not in waited
    assert "trace 1-bad: orders: 1 s by itself, fault" in told


def test_where_nothing_was_traced_that_is_said(clients: Clients, account: Account) -> None:
    looked = look(Traces(clients, 60.0), AFFECTED)

    assert (empty(looked), unseen(looked)) == ([PLACE], {})


def test_without_a_resource_nobody_is_asked(clients: Clients) -> None:
    assert not_asked(look(Traces(clients), incident(NOW))) == {"X-Ray's traces": "no resource is known"}


def test_what_is_not_allowed_is_named(clients: Clients, account: Account, emulator: Emulator) -> None:
    emulator.api.troubles = {("xray", "GetTraceSummaries"): denied("xray", "GetTraceSummaries")}

    context = gather(AFFECTED, (), [Traces(clients, 60.0)])

    assert context.gaps == ("could not look: traces: not allowed: xray:GetTraceSummaries",)


def test_segments_that_may_not_be_read_cost_the_summaries_nothing(
    clients: Clients, account: Account, emulator: Emulator
) -> None:
    trace(account, "1-bad", 5.0, fault=True)
    emulator.api.troubles = {("xray", "BatchGetTraces"): denied("xray", "BatchGetTraces")}

    looked = look(Traces(clients, 60.0), AFFECTED)

    assert len(lines(looked)) == 2
    assert unseen(looked) == {f"the rest of {PLACE}": "not allowed: xray:BatchGetTraces"}


def test_segments_that_are_garbage_cost_themselves_alone(clients: Clients, api: Emulator) -> None:
    deep: dict[str, Any] = segment("deep", 0, 1)
    for _ in range(100):
        deep = segment("deep", 0, 1, subsegments=[deep])
    summaries = [{"Id": "1-a", "ResponseTime": 2.0}, {"ResponseTime": 9.0}, {"Id": "1-b"}]
    documents = ["{", "[]", '{"name": 7, "start_time": "x", "subsegments": 3}']
    api.api.operations = {
        ("xray", "GetTraceSummaries"): lambda asked: {"TraceSummaries": summaries},
        ("xray", "BatchGetTraces"): lambda asked: {
            "Traces": [{"Id": "1-a", "Segments": [{"Id": "s", "Document": text} for text in documents]}]
        },
    }

    told = lines(look(Traces(clients, 60.0), AFFECTED))

    assert told[0].startswith("2 requests were traced, 0 of them failed")
    assert "trace 1-a: 7: 0 s by itself" in told


def test_pages_without_an_end_are_read_to_a_bound(clients: Clients, api: Emulator) -> None:
    def endless(asked: Mapping[str, Any]) -> dict[str, Any]:
        return {"TraceSummaries": [], "NextToken": "again"}

    api.api.operations = {("xray", "GetTraceSummaries"): endless}

    looked = look(Traces(clients, 60.0), AFFECTED)

    assert (empty(looked), unseen(looked)) == ([], {f"the rest of {PLACE}": "only 0 were read"})


def test_at_its_deadline_it_says_so(clients: Clients, account: Account) -> None:
    assert unseen(look(Traces(clients), AFFECTED, after(1))) == {f"the rest of {PLACE}": "no time was left"}
