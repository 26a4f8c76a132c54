"""Answers that are true to an incident's evidence: what the sound ones vary, and the planted ones spoil."""

from collections.abc import Sequence
from typing import Any

from diagnose.diagnosis.checked import Level
from diagnose.diagnosis.schema import (
    Alternative,
    Citation,
    Component,
    Diagnosis,
    Hop,
    Hypothesis,
    MetricReading,
    TimelineEntry,
)
from tests.support.planted.incidents import Asked

AT_ONSET = "2026-11-28T11:46:00Z (at the onset)"


def cited(id_: str, shows: str) -> Citation:
    return Citation(id=id_, shows=shows)


def hop(start: str, end: str, since: str, *ids: str, how: str = "the one waits for the other") -> Hop:
    return Hop(from_component=start, to_component=end, how=how, since=since, evidence=list(ids))


def reading(name: str, value: str, unit: str, id_: str) -> MetricReading:
    return MetricReading(name=name, value=value, unit=unit, note="high", evidence=id_)


def entry(at: str, event: str, *ids: str) -> TimelineEntry:
    return TimelineEntry(at=at, event=event, evidence=list(ids))


def alternative(supporting: Sequence[Citation] = (), contradicting: Sequence[Citation] = ()) -> Alternative:
    return Alternative(
        diagnosis="more load than it was made for",
        supporting=list(supporting),
        contradicting=list(contradicting),
        conclusion="it is less likely",
        deciding_observation="the rate of requests beside that of yesterday",
        deciding_command="",
    )


def answer(
    *,
    confidence: Level = "high",
    evidence: Sequence[Citation] = (),
    chain: Sequence[Hop] = (),
    components: Sequence[str] = (),
    **more: Any,
) -> Diagnosis:
    """An answer that asks for action, unless `more` says otherwise."""
    named = list(dict.fromkeys([*components, *(each.from_component for each in chain)]))
    return Diagnosis(
        **{
            "verdict": "action_required",
            "headline": "Something is broken: mend it.",
            "timeline": [],
            "components": [Component(name=name, role="cause") for name in named],
            "metric_readings": [],
            "primary": Hypothesis(
                diagnosis="the one broke the other",
                confidence=confidence,
                reasoning="it explains the most",
                evidence=list(evidence),
                chain=list(chain),
            ),
            "alternatives": [],
            "severity": "critical",
            "recommended_action": "mend it",
            "commands": [],
            "risks": [],
            "missing_data": [],
            **more,
        }
    )


def of_checkout(asked: Asked) -> Diagnosis:
    """A release broke a function, and the API in front of it."""
    find = asked.id_of
    errors, duration, api = find("M", "Errors Sum"), find("M", "Duration"), find("M", "5XXError")
    release, timeout = find("H", "version 2"), find("L", "Task timed out", "[150cc6d5]")
    return answer(
        evidence=[
            cited(release, "version 2 differs from 1, 6 min before the onset (-6 min)"),
            cited(errors, "Errors Sum left its baseline 0 at 2026-11-28T11:46:00Z"),
            cited(duration, "Duration p99 left it at the onset, baseline 386 ms"),
            cited(timeout, 'says "Task timed out after 10.01 seconds"'),
        ],
        chain=[
            hop("checkout-quote", "checkout-quote", "2026-11-28T11:40:00Z (-6 min)", release, errors),
            hop("checkout-quote", "checkout-api", AT_ONSET, errors, api),
        ],
        timeline=[
            entry("2026-11-28T11:40:00Z (-6 min)", "version 2 was released", release),
            entry("11:46:09Z", "a task timed out after 10.01 seconds", timeout),
        ],
        metric_readings=[reading("5XXError Sum", asked.now(api), "", api)],
        alternatives=[
            alternative(
                [cited(find("L", "WARN"), "`tax-rates` gave no answer after 9 s")],
                [cited(find("L", "-> 200"), "tax-rates answered 200 in 31 ms at 11:49:00")],
            )
        ],
    )


def of_replica(asked: Asked) -> Diagnosis:
    """Writes to a primary outrun its replica."""
    find = asked.id_of
    writes, logs, lag = find("M", "WriteIOPS"), find("M", "TransactionLogs"), find("M", "ReplicaLag")
    batch, told = find("L", "event_queue"), find("L", "exceeded 900")
    return answer(
        evidence=[
            cited(writes, "WriteIOPS left its baseline of 379/s at the onset"),
            cited(lag, "ReplicaLag left its baseline 15 s at +3 min"),
            cited(told, "the lag exceeded 900 seconds"),
        ],
        chain=[
            hop("analytics-prod", "analytics-prod-replica-1", "2026-11-28T11:46:00Z", writes, logs, lag),
        ],
        timeline=[
            entry("2026-11-28T11:44:02Z", "a batch began, batch_id 8812", batch),
            entry("11:48:41", 'the log says "replication lag exceeded 900 seconds"', told),
        ],
        metric_readings=[reading("ReplicaLag", asked.now(lag), "", lag)],
        alternatives=[
            alternative([], [cited(find("M", "CPUUtilization"), "CPUUtilization is as before, 28.5 %")])
        ],
    )


def of_store(asked: Asked) -> Diagnosis:
    """A store is refused by the placement driver, and SQL clients miss it; told from a log and readings."""
    find = asked.id_of
    refused, expired = find("L", "request failed", "02:10:34"), find("L", "certificate has expired")
    client, beat = find("L", "command dispatched failed", "02:14:36"), find("M", "heartbeat_age_seconds")
    return answer(
        evidence=[
            cited(expired, 'pd-0 refuses it: "x509: certificate has expired or is not yet valid"'),
            cited(beat, "the heartbeat is 739 s old"),
        ],
        chain=[hop("tikv-4", "tidb-2", "2026-11-17T02:10:34.060Z", refused, expired, client)],
        timeline=[entry("02:10:34", "tikv-4 cannot reach the placement driver", refused)],
        metric_readings=[reading("store.heartbeat_age_seconds", "739", "s", beat)],
        alternatives=[
            alternative([cited(find("M", "rss_gib"), "rss is 41.7 GiB")], [cited(find("M", "cpu"), "18.4 %")])
        ],
    )


def of_healthy(asked: Asked) -> Diagnosis:
    """Nothing is the matter."""
    metrics = asked.id_of("M", "no departure")
    return answer(
        evidence=[cited(metrics, "no departure: CPUUtilization Average 9.93 %")],
        components=["payments-prod"],
        verdict="no_action",
        severity="info",
        headline="payments-prod is healthy: nothing to do.",
        metric_readings=[reading("DatabaseConnections Maximum", "103", "", metrics)],
    )


def of_recovered(asked: Asked) -> Diagnosis:
    """Something was the matter, and is over."""
    refused = asked.id_of("M", "ConnectionsRefused Sum")
    return answer(
        evidence=[cited(refused, "ConnectionsRefused Sum left its baseline at the onset and is back")],
        components=["accounts-db"],
        verdict="no_action",
        severity="info",
        headline="accounts-db was out of reach for some minutes and is back: nothing to do.",
    )


TRUE = {
    "checkout": of_checkout,
    "replica": of_replica,
    "store": of_store,
    "healthy": of_healthy,
    "recovered": of_recovered,
}
