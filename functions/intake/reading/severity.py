"""How grave an alarm is, by a word in its name."""

import re

GRADES = (f"{kind}{number}" for kind in ("sev", "p") for number in range(1, 6))
WORDS = frozenset(("critical", "fatal", "emergency", "warning", *GRADES))
"""Words of `tickets.urgency` that mean nothing else in a name: `errors-high` tells of a metric."""
SHORT = {"crit": "critical", "warn": "warning"}
PARTS = re.compile(r"[A-Z]+[0-9]*(?![a-z])|[A-Z]?[a-z]+[0-9]*|[0-9]+")


def severity_in(name: str) -> str:
    """The first word that grades it, of names with hyphens as of `CheckoutErrorsCritical`; or nothing."""
    words = (SHORT.get(part.lower(), part.lower()) for part in PARTS.findall(name[:1024]))
    return next((word for word in words if word in WORDS), "")
