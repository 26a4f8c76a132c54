"""Follows tickets through the records of the table's stream: every change of diagnosis_status, and why."""

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from boto3.dynamodb.types import TypeDeserializer

NEW = "new"
ABSENT = "—"
FINISHED = ("done", "failed")

Image = Mapping[str, Any]


@dataclass(frozen=True)
class Transition:
    """One change of a ticket's diagnosis_status; `at` is epoch seconds."""

    at: float
    ticket_id: str
    before: str
    after: str
    why: str

    @property
    def clock_time(self) -> str:
        return datetime.fromtimestamp(self.at).astimezone().strftime("%H:%M:%S.%f")[:-3]


class Watch:
    """An observer for `Mappings`; tells `on_transition` of each change and knows where every ticket is."""

    def __init__(self, on_transition: Callable[[Transition], None] | None = None) -> None:
        self.transitions: list[Transition] = []
        self._on_transition = on_transition
        self._lock = threading.Lock()
        self._states: dict[str, str] = {}
        self._ignored: frozenset[str] = frozenset()
        self._deserialize = TypeDeserializer().deserialize

    def ignore(self, tickets: Iterable[str]) -> None:
        """Neither tell nor count these: they were there before."""
        self._ignored = frozenset(tickets)

    def __call__(self, record: dict[str, Any]) -> None:
        before, after = (self._image(record, name) for name in ("OldImage", "NewImage"))
        was = str(before.get("diagnosis_status", ABSENT)) if before else NEW
        now = str(after.get("diagnosis_status", ABSENT)) if after else "deleted"
        if was == now:
            return
        images = record["dynamodb"]
        ticket_id = str(self._deserialize(images["Keys"]["ticket_id"]))
        if ticket_id in self._ignored:
            return
        why = _why(before, after)
        transition = Transition(images["ApproximateCreationDateTime"], ticket_id, was, now, why)
        with self._lock:
            self._states[ticket_id] = now
            self.transitions.append(transition)
        if self._on_transition is not None:
            self._on_transition(transition)

    def state(self, ticket_id: str) -> str:
        """The ticket's diagnosis_status as last seen; ABSENT while it has none."""
        with self._lock:
            return self._states.get(ticket_id, ABSENT)

    def tickets(self) -> list[str]:
        """Those that were written, in the order in which they were first seen."""
        with self._lock:
            return list(self._states)

    def count(self, *states: str) -> int:
        """How many tickets are in one of `states`."""
        with self._lock:
            return sum(state in states for state in self._states.values())

    def seen(self, state: str) -> int:
        """How many changes into `state` there have been."""
        with self._lock:
            return sum(transition.after == state for transition in self.transitions)

    def _image(self, record: Mapping[str, Any], name: str) -> Image:
        # Binary values are base64 text in a record; nothing is decoded here, so they stay as they are.
        image = record["dynamodb"].get(name) or {}
        return {
            key: value if "B" in value or "BS" in value else self._plain(value)
            for key, value in image.items()
        }

    def _plain(self, value: Any) -> Any:
        try:
            return self._deserialize(value)
        except TypeError:
            return value


def _why(before: Image, after: Image) -> str:
    if not after:
        return "the ticket was deleted"
    status = str(after.get("diagnosis_status", ABSENT))
    if not before and status != "set_aside":
        return f"written, status {after.get('status', 'missing')}"
    if status == ABSENT:
        return "a producer overwrote the whole item"
    reasons: Mapping[str, Callable[[Image, Image], str]] = {
        "running": lambda _, new: f"claimed, attempt {new.get('attempts', 1)}",
        "done": _done,
        "deferred": _deferred,
        "failed": _failed,
        "pending": _pending,
        "set_aside": _set_aside,
    }
    return reasons[status](before, after) if status in reasons else ""


def _done(before: Image, after: Image) -> str:
    usage = after.get("diagnosis_usage") or {}
    confidence = (after.get("diagnosis_record") or {}).get("confidence", {}).get("shown", "?")
    moved = f"; status {before.get('status')} → {after.get('status')}" if _moved(before, after) else ""
    cost = f", {float(usage['cost_usd']):.4f} USD" if "cost_usd" in usage else ""
    return f"diagnosed, confidence {confidence}{cost}{moved}"


def _moved(before: Image, after: Image) -> bool:
    return bool(before.get("status") != after.get("status"))


def _deferred(_: Image, after: Image) -> str:
    reason = str(after.get("deferred_reason", "put off"))
    if "not_before" not in after:
        return reason
    until = datetime.fromtimestamp(float(after["not_before"])).astimezone()
    return f"{reason}; not before {until:%H:%M:%S}"


def _failed(_: Image, after: Image) -> str:
    error = after.get("diagnosis_error") or {}
    return f"{error.get('kind', 'failed')}: {error.get('message', '')}"


def _set_aside(_: Image, after: Image) -> str:
    if after.get("set_aside_for") == "member":
        return f"a member of {after.get('incident_id')}"
    return f"not diagnosed: {after.get('set_aside_for')}"


def _pending(before: Image, after: Image) -> str:
    was = before.get("diagnosis_status")
    if was == "running":
        return "its invocation died, so sweep puts it back"
    if was in FINISHED and "rediagnose" in after:
        return "a person asked for a fresh diagnosis"
    if was == "failed":
        return "redriven from the dead-letter queue"
    return f"its time has come, generation {after.get('generation', '?')}"
