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


def level_words(level: str) -> str:
    """How sure, in words: "insufficient data"."""
    return level.replace("_", " ")
