"""All the checks of an answer against its prompt, and how sure it may be called after them."""

from collections.abc import Callable, Iterable, Sequence

from diagnose.diagnosis.checked import Check, Checked, Result
from diagnose.diagnosis.checks.command import check_commands
from diagnose.diagnosis.checks.connected import check_connected
from diagnose.diagnosis.checks.deviation import check_deviations
from diagnose.diagnosis.checks.edge import check_edges
from diagnose.diagnosis.checks.figures import check_figures
from diagnose.diagnosis.checks.ids import check_ids
from diagnose.diagnosis.checks.naming import check_components, check_metrics
from diagnose.diagnosis.checks.order import check_order
from diagnose.diagnosis.checks.sources import check_absence, check_guidance, check_hints
from diagnose.diagnosis.checks.times import check_times
from diagnose.diagnosis.checks.words import check_words
from diagnose.diagnosis.confidence import confidence_of
from diagnose.diagnosis.reading.claims import Claims, claims_of
from diagnose.diagnosis.reading.items import Items
from diagnose.diagnosis.reading.said_commands import deciding_place
from diagnose.diagnosis.schema import Diagnosis
from diagnose.evidence.prompt import Prompt

BROKEN = "broken"
CheckClaims = Callable[[Claims, Items], Iterable[Check]]
CHECKS: dict[str, CheckClaims] = {
    "id": check_ids,
    "guidance": check_guidance,
    "hint": check_hints,
    "absence": check_absence,
    "figure": check_figures,
    "words": check_words,
    "component": check_components,
    "metric": check_metrics,
    "time": check_times,
    "edge": check_edges,
    "deviation": check_deviations,
    "order": check_order,
    "connected": check_connected,
    "command": check_commands,
}
"""Each by the name that its results carry; docs/trust.md says what each catches and what it cannot."""


def check(diagnosis: Diagnosis, prompt: Prompt, without: Sequence[str] = ()) -> Checked:
    """The answer with the results of all checks but those that are left out."""
    items, claims = Items(prompt), claims_of(diagnosis)
    results = [*claims.unread]
    for name in (name for name in CHECKS if name not in without):
        results += _results(name, claims, items)
    deciding = {each.place: each.judged for each in claims.commands}
    return Checked(
        diagnosis,
        results,
        confidence_of(diagnosis, results, items),
        [each.judged for each in claims.commands[: len(diagnosis.commands)]],
        [deciding.get(deciding_place(number)) for number in range(len(diagnosis.alternatives))],
    )


def _results(name: str, claims: Claims, items: Items) -> list[Check]:
    """A check of ours that breaks must not cost the diagnosis, which is paid for, nor pass for a result."""
    try:
        return list(CHECKS[name](claims, items))
    except Exception:  # noqa: BLE001 - whatever it is, it is ours and not the ticket's
        return [Check(BROKEN, "answer", Result.UNKNOWN, f"was not checked: our check {name!r} broke")]
