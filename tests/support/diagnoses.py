"""A diagnosis with something in every place, checked, and the prompt that it answers."""

from collections.abc import Callable, Sequence

from diagnose.diagnosis.checked import Check, Checked, Confidence, Effect, JudgedCommand, Level, Result
from diagnose.diagnosis.schema import (
    Alternative,
    Citation,
    Command,
    Component,
    Diagnosis,
    Hop,
    Hypothesis,
    MetricReading,
    MissingData,
    TimelineEntry,
)
from diagnose.evidence.prompt import Origin, Prompt

ALARM = "https://console.aws.amazon.com/cloudwatch/home?region=eu-west-1#alarmsV2:alarm/disk%20%28tikv-4%29"
READ_ONLY = JudgedCommand(Effect.READ_ONLY, "it only reads")


def diagnosis_of(say: Callable[[str], str] = str, command: str = "df -h") -> Diagnosis:
    """A diagnosis whose every text is what `say` makes of the one that belongs there."""
    return Diagnosis(
        verdict="action_required",
        headline=say("A slow disk holds up tikv-4: wait and observe."),
        timeline=[TimelineEntry(at=say("02:10"), event=say("it began"), evidence=[say("L1")])],
        components=[Component(name=say("tikv-4"), role="cause")],
        metric_readings=[
            MetricReading(
                name=say("disk.await_ms"),
                value=say("41.2"),
                unit=say("ms"),
                note=say("high"),
                evidence=say("M1"),
            )
        ],
        primary=Hypothesis(
            diagnosis=say("a slow disk"),
            confidence="high",
            reasoning=say("await is high"),
            evidence=[Citation(id=say("M1"), shows=say("41.2 ms")), Citation(id="A1", shows=say("ALARM"))],
            chain=[
                Hop(
                    from_component=say("tikv-4"),
                    to_component=say("tidb"),
                    how=say("its commits wait for the disk"),
                    since=say("02:10"),
                    evidence=[say("M1")],
                )
            ],
        ),
        alternatives=[
            Alternative(
                diagnosis=say("a disk"),
                supporting=[Citation(id=say("M1"), shows=say("41.2"))],
                contradicting=[Citation(id=say("L1"), shows=say("quiet"))],
                conclusion=say("less likely"),
                deciding_observation=say("the disk's errors"),
                deciding_command=command,
            )
        ],
        severity="warning",
        recommended_action=say("wait and observe"),
        commands=[
            Command(
                command=command,
                purpose=say("free space"),
                changes=say("nothing"),
                risk=say("none, read-only"),
            )
        ],
        risks=[say("data loss")],
        missing_data=[MissingData(what=say("disk model"), where=say("its label"))],
    )


def checked_of(
    diagnosis: Diagnosis,
    checks: Sequence[Check] = (),
    shown: Level = "low",
    reasons: Sequence[str] = (),
    judged: JudgedCommand = READ_ONLY,
) -> Checked:
    """The diagnosis with these results of checks; every command is judged alike."""
    return Checked(
        diagnosis,
        checks,
        Confidence(diagnosis.primary.confidence, shown, tuple(reasons)),
        [judged for _ in diagnosis.commands],
        [judged if each.deciding_command.strip() else None for each in diagnosis.alternatives],
    )


def checks_of(say: Callable[[str], str] = str) -> list[Check]:
    """One check that failed, and two of the first hop."""
    return [
        Check("ids", "primary.evidence[0]", Result.FAILED, say("cites M9, which is not in the evidence")),
        Check("edge", "primary.chain[0]", Result.PASSED, say("names two that are connected")),
        Check("order", "primary.chain[0]", Result.UNKNOWN, say("gives no time for the first hop")),
    ]


def prompt_of(say: Callable[[str], str] = str) -> Prompt:
    """A prompt with a metric, a log line, an alarm that has a page in the console, and a gap."""
    evidence = {
        "M1": say("disk.await_ms: 41.2 ms since 2026-11-17T02:10:00Z (-4 min)"),
        "L1": say("02:10:03 raftstore: slow commit"),
        "A1": say("its state: ALARM since 2026-11-17T02:14:00Z (at the onset)"),
        "X1": f"could not look: {say('traces')}",
        "X2": f"looked and found nothing: {say('changes')}",
    }
    return Prompt(
        "system",
        "user",
        evidence,
        (),
        origins={
            "M1": Origin("metric_snapshot", say("Metric snapshot")),
            "L1": Origin("log_tail", say("Log tail, oldest first")),
            "A1": Origin("alarm", say("The alarm"), ALARM),
        },
    )


def whole(say: Callable[[str], str] = str, command: str = "df -h") -> tuple[Checked, list[str], Prompt]:
    """What a rendering is given, with something in every place."""
    judged = JudgedCommand(Effect.CHANGING, say("it may write"), (say("a letter that looks like another"),))
    checked = checked_of(
        diagnosis_of(say, command), checks_of(say), "low", [say("an id is not there")], judged
    )
    return checked, [say("log cut")], prompt_of(say)
