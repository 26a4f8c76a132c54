"""What the values of a diagnosis are called where people read them."""

VERDICTS = {
    "action_required": "Action required",
    "action_suggested": "Action suggested",
    "no_action": "No action",
    "inconclusive": "Inconclusive",
}
EFFECTS = {
    "read_only": "read-only",
    "changing": "changing",
    "destructive": "DESTRUCTIVE",
}
"""What a command does when it is run, the worst that it may."""


KNOWN_CAUSE = "Known cause, upheld:"
"""Before the words that say where it comes from."""


def level_words(level: str) -> str:
    """How sure, in words: "insufficient data"."""
    return level.replace("_", " ")


def origin_words(ticket_id: str, diagnosed_at: str, confirmed_by: str, confirmed_at: str) -> str:
    """Where a known cause comes from: the confirmed diagnosis of an earlier ticket."""
    at = f" at {confirmed_at}" if confirmed_at else ""
    return f"ticket {ticket_id}, diagnosed at {diagnosed_at}, confirmed by {confirmed_by or 'a person'}{at}"
