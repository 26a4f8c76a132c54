"""People and machines are told once of each finished diagnosis, by every way, and of nothing else."""

import json
from typing import Any

import jsonschema
import pytest
from botocore.exceptions import ClientError

from events.bus import MOST_BYTES
from events.outgoing import OUTGOING
from local.aws.template import ROOT
from notify.notify_people import NotToldError
from tests.support.told import Told, record, record_of_answer, ticket
from tests.support.told import told as opened

REFUSED = ClientError({"Error": {"Code": "AuthorizationError", "Message": "not authorized"}}, "Publish")


def refuse(*_args: Any, **_request: Any) -> Any:
    raise REFUSED


def check_schema(event: dict[str, Any]) -> dict[str, Any]:
    """An event keeps to the schema that is published for its detail type."""
    name = event["detail-type"].lower().replace(" ", "_")
    published = json.loads((ROOT / "docs/schemas/outgoing" / f"{name}.json").read_text("utf-8"))
    assert [
        fault.message for fault in jsonschema.Draft202012Validator(published).iter_errors(event["detail"])
    ] == []
    assert event["source"] == "differential"
    detail: dict[str, Any] = event["detail"]
    return detail


class TestADiagnosisIsFinished:
    def test_it_goes_out_by_every_way_with_verdict_cause_and_next_step_first(self, told: Told) -> None:
        assert told.finish() == "diagnosed: told by bus, mail, slack, teams"

        [event], [mail], [slack], [teams] = told.events(), told.by("mail"), told.by("slack"), told.by("teams")
        detail = check_schema(event)
        chats = [json.loads(each["Message"])["content"]["description"] for each in (slack, teams)]
        for text in (mail["Message"], detail["text"], detail["jira"], *chats):
            first = text[:300]
            assert "Action required" in first
            assert "The disk of tikv" in first
            assert "Move the leaders off" in first
        assert mail["Subject"] == (
            "Action required (critical): A slow disk holds up tikv-4: move its leaders away."
        )
        assert "read-only (it only reads) free space:" in mail["Message"]
        assert "DESTRUCTIVE (rm -r deletes) room:" in mail["Message"]
        assert "Confidence: medium (the model said high: one check is unknown)" in mail["Message"]
        assert "could not look: traces: not allowed" in mail["Message"]
        assert "missing: the disk's model (in its label)" in mail["Message"]
        assert "#edit-item?itemMode=2&pk=t-1&" in mail["Message"]

    def test_the_event_has_the_record_and_says_where_it_is(self, told: Told) -> None:
        item = told.put(diagnosis_history=[{"diagnosis": "before"}], generation=4)
        told.tell(item, {**item, "diagnosis_status": "running"})

        detail = check_schema(told.events()[0])
        assert detail["record"] == item["diagnosis_record"]
        assert detail["record_at"]["table"] == told.stack.ref("TicketsTable")
        assert (detail["is_revised"], detail["verdict"], detail["severity"]) == (
            True,
            "action_required",
            "critical",
        )
        assert (detail["id"], detail["thread"], detail["ticket"]["generation"]) == (
            "t-1/4/diagnosed",
            "t-1",
            4,
        )

    def test_it_is_noted_and_told_once_however_often_the_record_comes(self, told: Told) -> None:
        told.finish()
        item = told.item()
        assert item["notified"] == {"diagnosed": 0}

        assert told.tell(item, {**item, "diagnosis_status": "running"}) == "diagnosed: told before"
        assert len(told.events()) == len(told.by("mail")) == len(told.by("slack")) == 1

    def test_a_fresh_diagnosis_is_told_anew_in_the_same_thread(self, told: Told) -> None:
        told.finish()
        told.finish(generation=1, notified={"diagnosed": 0})

        notifications = [json.loads(each["Message"]) for each in told.by("slack")]
        assert [each["metadata"]["threadId"] for each in notifications] == ["t-1", "t-1"]
        assert [each["id"] for each in notifications] == ["t-1/0/diagnosed", "t-1/1/diagnosed"]
        assert told.item()["notified"] == {"diagnosed": 1}

    def test_a_ticket_that_was_deleted_meanwhile_is_told_of_no_more(self, told: Told) -> None:
        item = ticket()

        assert told.tell(item, {**item, "diagnosis_status": "running"}) == "not told: the ticket is deleted"
        assert told.item() == {}
        assert told.events() == []

    def test_what_was_deleted_while_it_was_told_is_not_brought_back(self, told: Told) -> None:
        item = told.put()
        put = told.use_case.bus._connect().put_events

        def and_delete(**request: Any) -> Any:
            told.table.delete_item(Key={"ticket_id": "t-1"})
            return put(**request)

        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(told.use_case.bus._connect(), "put_events", and_delete)
            told.tell(item, {**item, "diagnosis_status": "running"})
        assert told.item() == {}

    def test_what_others_noted_meanwhile_stays(self, told: Told) -> None:
        told.finish(notified={"resolved": 0})

        assert told.item()["notified"] == {"resolved": 0, "diagnosed": 0}


class TestAFailureAndAResolution:
    def test_a_failure_says_why_and_what_to_do(self, told: Told) -> None:
        error = {"kind": "refusal", "message": "Claude refused", "request_id": None, "at": "now"}
        told.finish(diagnosis_status="failed", diagnosis_error=error, diagnosis_record=None, status="open")

        detail = check_schema(told.events()[0])
        assert (detail["kind"], detail["reason"]) == ("refusal", "Claude refused")
        [mail] = told.by("mail")
        assert mail["Subject"] == "Not diagnosed (critical): await 41 ms > 10 ms"
        assert mail["Message"].startswith(
            "Not diagnosed. Cause: refusal: Claude refused. Next step: look for"
        )

    def test_a_resolved_ticket_is_told_once(self, told: Told) -> None:
        item = told.put(status="resolved", notified={"diagnosed": 0})

        assert told.tell(item, {**item, "status": "diagnosed"}) == "resolved: told by bus, mail, slack, teams"
        assert told.tell(item, {**item, "status": "diagnosed"}) == "resolved: told before"
        detail = check_schema(told.events()[0])
        assert detail["is_diagnosed"]
        assert told.by("mail")[0]["Message"].startswith("Resolved. Cause: The disk of tikv-4")

    def test_one_that_was_resolved_before_its_diagnosis_is_told_to_machines_alone(self, told: Told) -> None:
        item = told.put(status="resolved", diagnosis_status="pending", diagnosis_record=None)

        assert told.tell(item, {**item, "status": "open"}) == "resolved: told on the bus alone"
        assert not check_schema(told.events()[0])["is_diagnosed"]
        assert told.by("mail") == told.by("slack") == []


class TestAStorm:
    def test_a_member_is_silent_when_it_is_resolved(self, told: Told) -> None:
        item = told.put(status="resolved", diagnosis_status="set_aside", incident_id="t-0")

        assert told.tell(item, {**item, "status": "open"}) == "no news"

    def test_a_member_that_was_diagnosed_on_request_is_told_in_the_thread_of_its_incident(
        self, told: Told
    ) -> None:
        told.finish(incident_id="t-0")

        assert check_schema(told.events()[0])["thread"] == "t-0"
        assert json.loads(told.by("slack")[0]["Message"])["metadata"]["threadId"] == "t-0"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param({"status": "diagnosed"}, {"status": "acknowledged"}, id="a person acknowledges"),
        pytest.param({}, {"diagnosis_feedback": {"verdict": "wrong"}}, id="a person says that it is wrong"),
        pytest.param({}, {"rediagnose": "why?"}, id="a person asks again"),
        pytest.param({}, {"notified": {"diagnosed": 0}}, id="it was noted that it was told"),
        pytest.param({}, {"occurrence_count": 5}, id="a monitor counts up"),
        pytest.param(
            {"diagnosis_status": "pending"}, {"diagnosis_status": "done"}, id="a request was taken back"
        ),
        pytest.param({"diagnosis_status": "done"}, {"diagnosis_status": "pending"}, id="made pending"),
        pytest.param({"diagnosis_status": "pending"}, {"diagnosis_status": "running"}, id="claimed"),
        pytest.param({"diagnosis_status": "running"}, {"diagnosis_status": "deferred"}, id="put off"),
        pytest.param({"status": "resolved"}, {"status": "resolved", "notes": "x"}, id="edited when resolved"),
        pytest.param({"status": "resolved"}, {"status": "open"}, id="opened again"),
    ],
)
def test_is_no_news(told: Told, old: dict[str, Any], new: dict[str, Any]) -> None:
    before = {**ticket(), **old}

    assert told.tell(told.put(**{**old, **new}), before) == "no news"
    assert told.events() == told.by("mail") == told.by("slack") == []


def test_a_ticket_that_came_resolved_or_went_is_no_news(told: Told) -> None:
    resolved = told.put(status="resolved")

    assert told.invoke({"Records": [record(resolved, None)]}) == {"t-1": "no news"}
    assert told.invoke({"Records": [record(None, resolved)]}) == {"t-1": "no news"}


class TestAWayRefuses:
    def test_the_others_go_out_and_only_that_one_is_tried_again(self, told: Told) -> None:
        item = told.put()
        told.table.update_item(
            Key={"ticket_id": "t-1"},
            UpdateExpression="SET notified = :n",
            ExpressionAttributeValues={":n": {"failed": 0}},
        )
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(told.use_case.topics.client, "publish", refuse)
            with pytest.raises(NotToldError, match=r"mail: .*AuthorizationError.*slack: .*teams: "):
                told.tell(item, {**item, "diagnosis_status": "running"})
        assert told.item()["notified"] == {"failed": 0, "diagnosed/bus": 0}
        assert told.tell(item, {**item, "diagnosis_status": "running"}).startswith("diagnosed: told by")

        assert len(told.events()) == len(told.by("mail")) == len(told.by("teams")) == 1
        assert told.item()["notified"] == {"failed": 0, "diagnosed": 0}

    def test_an_event_that_the_bus_does_not_take_is_an_error(self, told: Told) -> None:
        item = told.put()
        answer = {
            "FailedEntryCount": 1,
            "Entries": [{"ErrorCode": "ThrottlingException", "ErrorMessage": "m"}],
        }
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(told.use_case.bus._connect(), "put_events", lambda **_request: answer)
            with pytest.raises(NotToldError, match="bus: ThrottlingException: m"):
                told.tell(item, {**item, "diagnosis_status": "running"})

        assert told.item()["notified"] == {"diagnosed/mail": 0, "diagnosed/slack": 0, "diagnosed/teams": 0}

    def test_a_crash_between_sending_and_noting_may_send_again_with_the_same_id(self, told: Told) -> None:
        item = told.put()
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(told.use_case.tickets, "write", refuse)
            with pytest.raises(ClientError):
                told.tell(item, {**item, "diagnosis_status": "running"})
        told.tell(item, {**item, "diagnosis_status": "running"})

        assert [check_schema(each)["id"] for each in told.events()] == ["t-1/0/diagnosed"] * 2
        assert {json.loads(each["Message"])["id"] for each in told.by("slack")} == {"t-1/0/diagnosed"}


class TestQuiet:
    @pytest.mark.parametrize(
        ("severity", "verdict", "ways"),
        [
            ("warning", "action_required", "on the bus alone"),
            ("critical", "action_suggested", "by bus, mail, slack, teams"),
            ("critical", "no_action", "on the bus alone"),
            ("critical", "inconclusive", "on the bus alone"),
            ("critical", "what?", "by bus, mail, slack, teams"),
            ("no word", "action_required", "on the bus alone"),
        ],
    )
    def test_people_are_told_from_a_severity_and_a_verdict_on(
        self, severity: str, verdict: str, ways: str
    ) -> None:
        with opened(NOTIFY_FROM_SEVERITY="critical", NOTIFY_FROM_VERDICT="action_suggested") as told:
            found = told.finish(severity=severity, diagnosis_record=record_of_answer(verdict=verdict))

            assert found == f"diagnosed: told {ways}"
            assert len(told.events()) == 1
            assert told.item()["notified"] == {"diagnosed": 0}

    def test_the_severer_of_the_tickets_and_the_diagnosis_counts(self) -> None:
        with opened(NOTIFY_FROM_SEVERITY="critical") as told:
            found = told.finish(severity="info", diagnosis_record=record_of_answer(severity="critical"))

            assert found == "diagnosed: told by bus, mail, slack, teams"

    def test_a_failure_is_told_whatever_the_verdicts(self) -> None:
        with opened(NOTIFY_FROM_VERDICT="action_required") as told:
            assert told.finish(diagnosis_status="failed") == "failed: told by bus, mail, slack, teams"


class TestByHand:
    def test_a_ticket_is_told_again_with_the_same_id(self, told: Told) -> None:
        told.finish()

        assert told.invoke({"ticket_ids": ["t-1", "t-2"]}) == {
            "t-1": "diagnosed: told by bus, mail, slack, teams",
            "t-2": "not told: there is no such ticket",
        }
        assert [check_schema(each)["id"] for each in told.events()] == ["t-1/0/diagnosed"] * 2
        assert len(told.by("mail")) == 2

    def test_one_that_is_not_finished_is_not(self, told: Told) -> None:
        told.put(diagnosis_status="running")

        assert told.invoke({"ticket_ids": ["t-1"]}) == {"t-1": "not told: it has no finished diagnosis"}

    def test_a_way_that_refuses_is_said_and_does_not_stop_the_next(self, told: Told) -> None:
        told.put()
        told.put(ticket_id="t-2")
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(told.use_case.topics.client, "publish", refuse)
            outcomes = told.invoke({"ticket_ids": ["t-1", "t-2"]})

        assert all(outcome.startswith("not told: mail: ") for outcome in outcomes.values())
        assert len(told.events()) == 2

    @pytest.mark.parametrize("ids", ["t-1", [1], [""], None])
    def test_what_are_no_ids_is_said(self, told: Told, ids: Any) -> None:
        with pytest.raises(ValueError, match="ticket_ids must be a list"):
            told.invoke({"ticket_ids": ids})


def test_what_is_none_of_its_events_is_an_error(told: Told) -> None:
    with pytest.raises(ValueError, match=r"neither Records nor ticket_ids nor an outage: \['body'\]"):
        told.invoke({"body": ""})


def test_a_record_that_cannot_be_read_is_let_go(told: Told) -> None:
    assert told.invoke({"Records": [{"eventID": "e-1", "dynamodb": {}}]}) == {"": "unreadable"}


@pytest.mark.parametrize(
    "text", ["x" * 340_000, "\U00010348 " * 66_000, "<!channel> " * 30_000], ids=range(3)
)
def test_a_ticket_of_400_kb_is_told_within_every_limit(told: Told, text: str) -> None:
    whole = told.finish(
        message=text, diagnosis_record=record_of_answer(headline=text[:9000], recommended_action=text[:9000])
    )

    assert whole == "diagnosed: told by bus, mail, slack, teams"
    [event] = told.events()
    assert len(json.dumps(event["detail"], ensure_ascii=False).encode()) < MOST_BYTES
    assert len(told.by("mail")[0]["Message"].encode()) <= 64 * 1024
    assert len(told.by("slack")[0]["Message"]) < 8000
    check_schema(event)


def test_a_record_that_an_event_cannot_hold_is_pointed_to(told: Told) -> None:
    told.finish(diagnosis_record=record_of_answer(reasoning="x" * 300_000))

    detail = check_schema(told.events()[0])
    assert detail["record"] is None
    assert detail["record_at"] == {
        "table": told.stack.ref("TicketsTable"),
        "ticket_id": "t-1",
        "attribute": "diagnosis_record",
    }


@pytest.mark.parametrize(
    "stored",
    [
        None,
        "text",
        5,
        [],
        {},
        {"version": 1, "cause": "a disk"},
        {"answer": {"primary": []}, "commands": "x"},
    ],
    ids=str,
)
def test_a_record_that_is_none_still_gives_a_message(told: Told, stored: Any) -> None:
    told.finish(diagnosis_record=stored)

    detail = check_schema(told.events()[0])
    assert detail["verdict"] == "unknown"
    first = told.by("mail")[0]["Message"][:300]
    assert first.startswith("Diagnosed, verdict unknown. Cause: Action required A slow disk holds up tikv-4.")
    assert "Next step: read the diagnosis on the ticket." in first


def test_a_ticket_of_odd_values_is_told(told: Told) -> None:
    told.finish(generation=0, severity=5, component=["a"], message={"a": 1}, diagnosis_record={"answer": 1})

    check_schema(told.events()[0])


def test_every_detail_type_has_a_model() -> None:
    assert OUTGOING.keys() >= {"Ticket Diagnosed", "Ticket Diagnosis Failed", "Ticket Resolved"}
