"""Answers of every shape that the evidence carries: none of them may be flagged."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from diagnose.diagnosis.schema import Command, Diagnosis, Hop, MissingData
from diagnose.evidence.prompt import Prompt
from tests.support.planted.answers import (
    AT_ONSET,
    TRUE,
    alternative,
    answer,
    cited,
    entry,
    hop,
    reading,
)
from tests.support.planted.incidents import Asked, asked


@dataclass(frozen=True)
class Sound:
    """One answer that is right, and what is special about it."""

    incident: str
    shape: str
    diagnosis: Diagnosis
    prompt: Prompt

    def __str__(self) -> str:
        return f"{self.incident}: {self.shape}"


@cache
def sound() -> tuple[Sound, ...]:
    """All of them."""
    every = asked()
    found = [Sound(name, "as it is", TRUE[name](every[name]), every[name].prompt) for name in TRUE]
    for name, makes in (
        ("checkout", _checkout),
        ("replica", _replica),
        ("store", _store),
        ("healthy", _healthy),
    ):
        found += [
            Sound(name, shape, diagnosis, every[name].prompt) for shape, diagnosis in makes(every[name])
        ]
    return tuple(found)


def _checkout(of: Asked) -> Iterator[tuple[str, Diagnosis]]:
    find = of.id_of
    errors, api = find("M", "Errors Sum"), find("M", "5XXError")
    duration, memory = find("M", "Duration"), find("M", "MemoryUsed")
    release, timeout, refused = (
        find("H", "version 2"),
        find("L", "Task timed out"),
        find("L", "ERROR quote failed"),
    )
    warned, started = find("L", "WARN tax-rates"), find("L", "INFO ready")
    alarm, neighbour = find("A", "its state: ALARM"), find("N", "checkout-api")
    onward = hop("checkout-quote", "checkout-api", AT_ONSET, errors, api)

    def shows(id_: str, *texts: str) -> Iterator[tuple[str, Diagnosis]]:
        for text in texts:
            yield f"shows {text}", answer(evidence=[cited(id_, text)], chain=[onward])

    yield from shows(
        memory,
        "the baseline is 14.1 GB",
        "14,063,512,655 bytes before",
        "14063512655 B, then 9063512655",
        "14.06 GB before, 9.06 GB now",
        "14,064 MB at first",
        "13.1 GiB at first",
        "from 14.1 GB to 9.06 GB, at 11:46",
        "dropped at the onset",
    )
    yield from shows(
        duration,
        "p99 rose from 386 ms to 10.1 s",
        "p99 peaked at 10.1 s (+7 min)",
        "p99 was 0.386 s before",
        "it is 26 times its baseline",
        "peak at 2026-11-28T11:53Z",
        "peak at 2026-11-28 11:53:00 UTC, still there",
        "left it 2026-11-28T12:46:00+01:00",
    )
    yield from shows(
        timeout,
        "`Task timed out after 10.01 seconds`",
        "“Task timed out … 10.01 seconds”",
        "a task timed out after 10.01 s",
        "first at 11:46:09, nine seconds in",
    )
    yield from shows(refused, 'says "tax-rates did not answer"', "basket_lines=11 failed at 11:46:54Z")
    yield from shows(alarm, "in ALARM since 2026-11-28T11:49:00Z (+3 min)", "Threshold Crossed at 11:49")
    yield from shows(release, "DISCOUNT_RULES went from v1 to v2", "released 6 min before (-6 min)", "-6 min")
    yield from shows(neighbour, "checkout-api depends on it")
    whole = answer(
        evidence=[cited(id_, text) for id_, text in of.prompt.evidence.items() if id_[0] in "EMAHLN"],
        chain=[onward],
    )
    yield "cites all to the letter", whole
    for since in ("2026-11-28T11:46:00Z", "at the onset", "11:46Z", "11:46", "unknown", ""):
        yield f"since {since!r}", _with(onward.model_copy(update={"since": since}))
    yield (
        "a hop that begins with a change",
        _with(hop("checkout-quote", "checkout-api", "2026-11-28T11:40:00Z (-6 min)", release, api)),
    )
    yield (
        "a cause outside, by an error line",
        _with(hop("tax-rates", "checkout-quote", "11:46:06Z (+6 s)", warned, refused), onward),
    )
    yield "a cause outside, warned of only", _with(hop("tax-rates", "checkout-quote", "+6 s", warned), onward)
    yield (
        "three hops",
        _with(
            hop("tax-rates", "checkout-quote", "11:46:06", warned, refused),
            hop(
                "checkout-quote",
                "checkout-quote",
                "11:46:09",
                timeout,
                duration,
                how="tasks wait until 10.01 seconds are over",
            ),
            hop("checkout-quote", "checkout-api", "2026-11-28T11:47:00Z", errors, api),
        ),
    )
    yield "the system's name for the component", _with(hop("checkout", "checkout-api", AT_ONSET, errors, api))
    yield (
        "a name with what it is",
        _with(hop("checkout-quote (Lambda)", "checkout-api", AT_ONSET, errors, api)),
    )
    yield "another case of letters", _with(hop("Checkout-Quote", "checkout-api", AT_ONSET, errors, api))
    yield "no chain", answer(evidence=[cited(errors, "errors rose")], confidence="medium")
    yield (
        "inconclusive",
        answer(
            evidence=[cited(errors, "errors rose")],
            confidence="low",
            verdict="inconclusive",
            missing_data=[MissingData(what="traces", where="X-Ray")],
        ),
    )
    yield "insufficient data, nothing cited", answer(confidence="insufficient_data", verdict="inconclusive")
    yield (
        "says that a place was not looked at",
        answer(
            evidence=[cited(find("X", "X-Ray"), "the traces could not be read: not allowed")], chain=[onward]
        ),
    )
    yield (
        "repeats a gap",
        answer(
            evidence=[cited(find("X", "CloudTrail"), "could not look: events of AWS CloudTrail: throttled")],
            chain=[onward],
        ),
    )
    yield (
        "absence where somebody looked",
        answer(
            chain=[onward],
            alternatives=[
                alternative([], [cited(find("X", "CodeDeploy"), "no deployment in the day before")])
            ],
        ),
    )
    yield (
        "an earlier diagnosis beside evidence of now",
        answer(
            evidence=[cited(errors, "errors rose")],
            chain=[onward],
            alternatives=[alternative([cited(find("S", "rates-cache"), "rates-cache was down then")])],
        ),
    )
    beside = [cited(errors, "errors rose"), cited(find("S", "rates-cache"), "it was so before")]
    yield "an earlier diagnosis beside other evidence of the cause", answer(evidence=beside, chain=[onward])
    yield (
        "a command",
        answer(
            evidence=[cited(errors, "errors rose")],
            chain=[onward],
            commands=[
                Command(
                    command="aws lambda get-alias", purpose="see", changes="nothing", risk="none, read-only"
                )
            ],
        ),
    )
    yield (
        "readings",
        answer(
            chain=[onward],
            metric_readings=[
                reading("Errors Sum", of.now(errors), "", errors),
                reading("errors", "0", "", errors),
                reading("MemoryUsed Maximum", "9.06", "GB", memory),
                reading("memory used", "9063512655", "bytes", memory),
                reading("Throttles", "0", "", find("M", "Throttles")),
            ],
        ),
    )
    yield (
        "a timeline",
        answer(
            chain=[onward],
            timeline=[
                entry("unknown", "an environment became ready", started),
                entry("2026-11-28T11:41:00.000Z", "it loaded 214 rules", started),
                entry("-6 min", "released", release),
                entry("", "no answer yet after 9 s", warned),
            ],
        ),
    )


def _replica(of: Asked) -> Iterator[tuple[str, Diagnosis]]:
    find = of.id_of
    writes, lag = find("M", "WriteIOPS"), find("M", "ReplicaLag")
    for since in ("at the onset", "2026-11-28T11:46Z", "unknown"):
        yield f"since {since!r}", _with(hop("analytics-prod", "analytics-prod-replica-1", since, writes, lag))
    yield (
        "a reading without a past",
        answer(
            evidence=[cited(find("M", "open_cursors"), "open_cursors is 41.2")],
            chain=[hop("analytics-prod", "analytics-prod-replica-1", "unknown", writes, lag)],
            metric_readings=[reading("open_cursors", "41.2", "", find("M", "open_cursors"))],
        ),
    )
    yield (
        "a chain that code cannot follow",
        answer(
            confidence="low",
            evidence=[cited(find("E", "message"), "the lag exceeded 1000 seconds")],
            chain=[hop("analytics-prod", "analytics-prod-replica-1", "unknown", find("E", "message"))],
        ),
    )


def _store(of: Asked) -> Iterator[tuple[str, Diagnosis]]:
    find = of.id_of
    refused, client = find("L", "request failed", "02:10:34"), find("L", "command dispatched failed")
    closed = find("L", "server is closed")
    yield "the same log at two times", _with(hop("tikv-4", "tidb-2", "02:10:34", refused, client))
    yield (
        "a longer chain",
        _with(
            hop("tikv-4", "tikv-4", "02:10:34.060", refused, how="it cannot send its heartbeat"),
            hop("tikv-4", "tidb-2", "02:10:35", find("L", "failed to update leader"), client),
        ),
    )
    yield (
        "an offset that is not written there",
        answer(evidence=[cited(closed, "pd-2 closed at -34 s")], confidence="medium"),
    )
    yield (
        "quotes what stands in quotation marks",
        answer(
            evidence=[cited(refused, '"rpc status code: 14-UNAVAILABLE" and "request failed"')],
            confidence="medium",
        ),
    )


def _healthy(of: Asked) -> Iterator[tuple[str, Diagnosis]]:
    find = of.id_of
    metrics = find("M", "no departure")
    yield (
        "nothing found where somebody looked",
        answer(
            evidence=[cited(metrics, "103 connections"), cited(find("X", "changes"), "nothing was changed")],
            verdict="no_action",
        ),
    )
    yield (
        "wait and observe",
        answer(
            evidence=[cited(metrics, "CPU is at 9.93 %")], verdict="action_suggested", confidence="medium"
        ),
    )
    yield (
        "a backup",
        answer(
            evidence=[
                cited(find("L", "backup"), "a backup finished in 41 s at 11:40:00Z"),
                cited(metrics, "as before"),
            ],
            verdict="no_action",
        ),
    )


def _with(*chain: Hop) -> Diagnosis:
    return answer(chain=chain)
