"""A command that is said to only read does: code has the last word on what a command does."""

from collections.abc import Iterator

from diagnose.diagnosis.checked import Check, Effect, Result
from diagnose.diagnosis.reading.claims import Claims
from diagnose.diagnosis.reading.items import Items


def check_commands(claims: Claims, _items: Items) -> Iterator[Check]:
    """The commands that would decide, and those of which the answer says that they change nothing."""
    for command in claims.commands:
        if command.is_said_to_read:
            if command.judged.effect is Effect.READ_ONLY:
                yield Check("command", command.place, Result.PASSED, "offers a command that only reads")
            else:
                says = f"says of a command that it only reads, which is {command.judged.effect}"
                yield Check("command", command.place, Result.FAILED, f"{says}: {command.judged.why}")
