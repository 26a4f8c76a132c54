"""Alarms that go off in numbers: a storm over connected subjects, and one that flaps."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from local.claude.server import StandIn
from local.demo.alarm_events import Change, ring
from local.demo.running_stack import Plan, RunningStack
from local.demo.ticket_counts import tickets_in
from local.demo.watch import FINISHED

COOLDOWN_SECONDS = 2
TIMEOUT_SECONDS = 50.0
ALARMS, SUBJECTS = 40, 12
WITHIN = timedelta(minutes=5)
FLAPS = 20
CAUSES = ("errors", "latency", "saturation", "throttles")


@dataclass(frozen=True)
class AlarmScenario:
    """The story, what happens, and the most that may come of it by the names of `AlarmCounts`."""

    story: str
    play: Callable[[RunningStack], int]
    """Gives back how many alarms rang."""
    must_be: Mapping[str, range]

    def plan(self) -> Plan:
        """An incident is quiet after seconds here, not after an hour."""
        cooldown = {"ReopenCooldownSeconds": str(COOLDOWN_SECONDS)}
        return Plan(StandIn(latency=0.2), hurry=True, looks=False, parameters=cooldown)


@dataclass(frozen=True)
class AlarmCounts:
    """What came of the alarms, by the tables, the stand-in and the chat."""

    numbers: Mapping[str, int]

    @classmethod
    def of(cls, system: RunningStack, alarms: int) -> "AlarmCounts":
        tickets = tickets_in(system.stack, system.watch.tickets()).values()
        stand_in = system.stand_in
        told = [message.thread for message in system.chat.messages()]
        return cls(
            {
                "alarms that rang": alarms,
                "tickets": len(tickets),
                "incidents": sum("incident_id" not in ticket for ticket in tickets),
                "members": sum("incident_id" in ticket for ticket in tickets),
                "Claude calls": stand_in.answered + stand_in.refused if stand_in else 0,
                "messages in the chat": len(told),
                "threads in the chat": len(set(told)),
            }
        )

    def rows(self) -> list[tuple[str, str]]:
        return [(name, str(number)) for name, number in self.numbers.items()]

    def wrong(self, must_be: Mapping[str, range]) -> list[str]:
        """What is not as it must be, each in a sentence."""
        return [
            f"{name}: {self.numbers[name]}, and it must be {allowed.start} to {allowed.stop - 1}"
            for name, allowed in must_be.items()
            if self.numbers[name] not in allowed
        ]


def wait_for_end(system: RunningStack) -> None:
    """Until all that came of it is over: every incident told, and none asks for one more diagnosis.

    Raises TimeoutError.
    """
    system.mappings.drain(lambda: _is_over(system), TIMEOUT_SECONDS)
    system.mappings.drain(timeout=10)


def _is_over(system: RunningStack) -> bool:
    tickets = tickets_in(system.stack, system.watch.tickets())
    heads = [ticket for ticket in tickets.values() if "incident_id" not in ticket]
    waiting = [head for head in heads if "joined_at" in head or "rediagnose" in head]
    finished = all(head.get("diagnosis_status") in FINISHED for head in heads)
    return bool(heads) and finished and not waiting


def storm(
    system: RunningStack, alarms: int = ALARMS, subjects: int = SUBJECTS, *, in_order: bool = False
) -> int:
    """On a database and what needs it: each within two hops of all others, whichever intake sees first.

    `in_order` has it see the database's first, so that the incident bears its name.
    """
    database, *others = names = ["orders-db", *(f"orders-{number}" for number in range(1, subjects))]
    for name in names:
        needs = [database] if name in others else []
        subject: dict[str, Any] = {"subject_id": {"S": name}, "kind": {"S": "service"}}
        depends = {"depends_on": {"L": [{"S": each} for each in needs]}} if needs else {}
        system.stack.dynamodb.put_item(TableName=system.stack.ref("SubjectsTable"), Item=subject | depends)
    began = datetime.now(UTC) - WITHIN
    changes = []
    for number in range(alarms):
        subject_name, cause = names[number % subjects], CAUSES[number // subjects]
        at = began + WITHIN * number / alarms
        changes.append(_goes_off(system, f"{subject_name}-{cause}", subject_name, at))
    if in_order:
        ring(system.stack, system.account, changes[:1])
        system.mappings.drain(lambda: _each_has_a_ticket(system, changes[:1]), TIMEOUT_SECONDS)
    ring(system.stack, system.account, changes[in_order:])
    system.mappings.drain(lambda: _each_has_a_ticket(system, changes), TIMEOUT_SECONDS)
    return alarms


def _each_has_a_ticket(system: RunningStack, changes: Sequence[Change]) -> bool:
    tickets = system.watch.tickets()
    return all(any(ticket.startswith(change.alarm) for ticket in tickets) for change in changes)


def _flap(system: RunningStack) -> int:
    began = datetime.now(UTC) - WITHIN
    first = _goes_off(system, "orders-queue-age", "orders", began)
    changes = [
        Change(first.alarm, state, began + timedelta(seconds=seconds + 12 * flap), f"{state} once more")
        for flap in range(FLAPS)
        for seconds, state in ((0, "ALARM"), (6, "OK"))
    ]
    ring(system.stack, system.account, [*changes, Change(first.alarm, "ALARM", datetime.now(UTC), "ALARM")])
    return FLAPS + 1


def _goes_off(system: RunningStack, name: str, subject: str, at: datetime) -> Change:
    """A new alarm on the subject, its tag saying so; gives back how it goes off."""
    alarm: dict[str, Any] = {
        "AlarmName": name,
        "Namespace": "Shop",
        "MetricName": name.rpartition("-")[2],
        "Statistic": "Average",
        "Dimensions": [{"Name": "Service", "Value": subject}],
        "Period": 60,
        "Threshold": 5.0,
        "Tags": [{"Key": "subject", "Value": subject}, {"Key": "severity", "Value": "critical"}],
    }
    system.account.alarms.add(alarm, at - timedelta(days=30))
    return Change(name, "ALARM", at, f"Threshold Crossed: 3 datapoints of {name} were above 5.0.")


ALARM_SCENARIOS: Mapping[str, AlarmScenario] = {
    "storm": AlarmScenario(
        f"{ALARMS} alarms on {SUBJECTS} subjects, a database and what needs it, go off within five minutes.",
        storm,
        {
            "tickets": range(ALARMS, ALARMS + 1),
            "incidents": range(1, 2),
            "members": range(ALARMS - 1, ALARMS),
            "Claude calls": range(1, 3),
            "threads in the chat": range(1, 2),
        },
    ),
    "flap": AlarmScenario(
        f"One alarm goes off and is well again, {FLAPS} times in four minutes, and stays in ALARM at last.",
        _flap,
        {
            "tickets": range(1, 2),
            "incidents": range(1, 2),
            "Claude calls": range(1, 3),
            "threads in the chat": range(1, 2),
        },
    ),
}
