"""The few diagnoses that a ticket had before its present one."""

from collections.abc import Callable, Mapping
from typing import Any

from tickets.states import DiagnosisStatus
from tickets.table import ItemTooLargeError

HISTORY_LENGTH = 3
KEPT = (
    "diagnosed_at",
    "diagnosis_model",
    "prompt_version",
    "diagnosis",
    "diagnosis_feedback",
    "rediagnose",
)


def write_with_history(item: Mapping[str, Any], write: Callable[[Mapping[str, Any]], Any]) -> None:
    """Writes with the history, of which the item's own diagnosis becomes part, if there is room."""
    history = list(item.get("diagnosis_history", ()))
    if _has_diagnosis(item):
        history = [*history, {name: item[name] for name in KEPT if name in item}][-HISTORY_LENGTH:]
    while True:
        try:
            write({"diagnosis_history": history} if history else {})
        except ItemTooLargeError:  # even with all that can be cut: the oldest diagnosis has to go
            if not history:
                raise
            history = history[1:]
        else:
            return


def _has_diagnosis(item: Mapping[str, Any]) -> bool:
    """Whether a diagnosis stands on the ticket; one that was set aside may have one of an earlier time."""
    status = item.get("diagnosis_status")
    return status == DiagnosisStatus.DONE or (
        status == DiagnosisStatus.SET_ASIDE and "diagnosis_record" in item
    )
