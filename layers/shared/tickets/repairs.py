"""What producers write over the pipeline's attributes, put right."""

from collections.abc import Mapping
from functools import reduce
from operator import and_
from typing import Any

from boto3.dynamodb.conditions import Attr

from runtime.unreadable import unreadable_in
from tickets import states
from tickets.attributes import PIPELINE_ATTRIBUTES, invalid_values
from tickets.conditions import is_at_most_of_generation, wants_diagnosis
from tickets.history import write_with_history
from tickets.states import AWAITING_DIAGNOSIS, Status
from tickets.table import MoveRefusedError, TicketTable


class Repairs:
    """Each is made only while what it repairs stands there; else it raises MoveRefusedError."""

    def __init__(self, table: TicketTable) -> None:
        self._table = table

    def remove_invalid(self, ticket_id: str, attributes: Mapping[str, Any]) -> None:
        """Removes attributes, if they still have the values given here, or one that cannot be read."""
        conditions = [
            Attr(name).exists() if any(unreadable_in(value)) else Attr(name).eq(value)
            for name, value in attributes.items()
        ]
        self._table.update(ticket_id, {}, remove=attributes, condition=reduce(and_, conditions))

    def respell(self, ticket_id: str, written: str) -> None:
        """Writes a misspelt `status` as it is meant, if it still stands there."""
        meant = states.meant_by(written)
        self._table.update(ticket_id, {"status": meant}, condition=Attr("status").eq(written))

    def restore(self, ticket_id: str, erased: Mapping[str, Any], written: Any) -> None:
        """Puts back what a producer's overwrite erased, unless the pipeline has met the ticket again.

        `written` is the overwrite's status: it goes back to diagnosed unless a person has moved it since.
        """
        update = _of_the_pipeline(erased)
        unmet = Attr("diagnosis_status").not_exists() & is_at_most_of_generation(_generation(update))
        condition = unmet & Attr("status").is_in(list(AWAITING_DIAGNOSIS))
        if erased.get("status") == Status.DIAGNOSED:
            untouched = condition & Attr("status").eq(written)
            try:
                self._table.update(ticket_id, {**update, "status": Status.DIAGNOSED}, condition=untouched)
            except MoveRefusedError as refused:
                if refused.item.get("status") == written:
                    raise
            else:
                return
        self._table.update(ticket_id, update, condition=condition)

    def begin_anew(self, ticket_id: str, erased: Mapping[str, Any]) -> None:
        """Another incident came under a known id: the former one's diagnosis goes into the history.

        The ticket stays absent; the generation goes on, so that no late message of the former incident does
        anything here. Where a newer record has begun the ticket anew since, nothing is left to do.
        """
        known = _of_the_pipeline(erased)
        generation = _generation(known) + 1
        update = {"generation": generation}
        unmet = Attr("diagnosis_status").not_exists() & wants_diagnosis()
        condition = unmet & is_at_most_of_generation(generation)
        try:
            write_with_history(
                known,
                lambda history: self._table.update(ticket_id, {**update, **history}, condition=condition),
            )
        except MoveRefusedError as refused:
            if not refused.item or "diagnosis_status" in refused.item:
                raise


def _generation(known: Mapping[str, Any]) -> int:
    return int(known.get("generation", 0))


def _of_the_pipeline(item: Mapping[str, Any]) -> dict[str, Any]:
    """What the pipeline wrote of an item."""
    invalid = invalid_values(item)
    return {name: item[name] for name in item.keys() & PIPELINE_ATTRIBUTES if name not in invalid}
