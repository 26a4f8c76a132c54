"""Members of an incident: what the stream and sweep make of `detach`, and what a run knows of them."""

from typing import Any

from tests.support.invoked_pipeline import InvokedPipeline

HEAD = "head"
SINCE = "2027-01-15T08:00:00.000Z"


def put_head(pipeline: InvokedPipeline, **attributes: Any) -> None:
    pipeline.put(HEAD, **{"monitor_state": "alarm", "members": 1, "open_members": 1, **attributes})


def put_member(pipeline: InvokedPipeline, **attributes: Any) -> None:
    joined = {"incident_id": HEAD, "member_since": SINCE, "set_aside_for": "member", "monitor_state": "alarm"}
    pipeline.put("member", **{"diagnosis_status": "set_aside", **joined, **attributes})


def test_a_member_is_not_diagnosed_and_the_incidents_prompt_tells_of_it(pipeline: InvokedPipeline) -> None:
    put_member(pipeline, component="fn-ledger")
    put_head(pipeline, joined_at=5, joined_since=1)

    assert pipeline.deliver() == 1

    head = pipeline.item(HEAD)
    assert head["diagnosis_status"] == "done"
    assert "Other alarms of the same incident" in pipeline.asked()
    assert "on fn-ledger, in alarm" in pipeline.asked()
    assert not {"joined_at", "joined_since"} & head.keys()


def test_a_person_detaches_a_member_and_it_is_diagnosed(pipeline: InvokedPipeline) -> None:
    put_head(pipeline)
    put_member(pipeline)
    pipeline.deliver()

    pipeline.update("member", detach="another fault")
    pipeline.deliver()

    member = pipeline.item("member")
    assert (member["diagnosis_status"], member["status"]) == ("done", "diagnosed")
    assert "incident_id" not in member
    assert pipeline.item(HEAD)["open_members"] == 0
    assert pipeline.stand_in.answered == 2


def test_what_the_stream_has_lost_sweep_detaches_whatever_the_status(pipeline: InvokedPipeline) -> None:
    put_head(pipeline, members=2, open_members=2)
    put_member(pipeline, detach="another fault")
    joined = {"incident_id": HEAD, "member_since": SINCE, "monitor_state": "alarm"}
    pipeline.put("old", status="diagnosed", diagnosis_status="done", detach="another fault", **joined)
    pipeline.changes()

    assert pipeline.sweep() == {"detach": 2, "mark_waiting": 1}
    assert pipeline.sweep().get("detach") is None

    assert pipeline.item("member")["diagnosis_status"] == "pending"
    assert (pipeline.item("old")["diagnosis_status"], pipeline.item(HEAD)["members"]) == ("done", 0)


def test_sweep_asks_for_the_diagnosis_that_nobody_else_asks_for(pipeline: InvokedPipeline) -> None:
    put_head(
        pipeline,
        status="diagnosed",
        diagnosis_status="done",
        joined_at=int(pipeline.clock.now()),
        joined_since=2,
    )
    pipeline.clock.advance(3600 + 1700)
    assert pipeline.sweep() == {}

    pipeline.clock.advance(200)
    assert pipeline.sweep() == {"ask_again": 1}

    assert pipeline.item(HEAD)["rediagnose"] == "2 alarms joined since"
