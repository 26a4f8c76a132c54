"""`differential spend`."""

from datetime import UTC, datetime

import click

from cli.options import Session, with_session


@click.command()
@with_session
def command(session: Session) -> None:
    """What the diagnoses of this day (UTC) have cost, against its cap; without a cap nothing is counted."""
    found = session.deployment.capacity()
    today = datetime.now(UTC).date().isoformat()
    cap = float(session.deployment.parameter("DailySpendCapUsd") or 0)
    spent = float(found.get("spend_usd", 0)) if found.get("spend_day") == today else 0.0
    if session.screen.is_json:
        session.screen.data({"day": today, "spent_usd": spent if cap else None, "cap_usd": cap or None})
    elif cap:
        session.screen.line(f"{today}: {spent:.2f} of {cap:.2f} USD")
    else:
        session.screen.line(
            "There is no cap (DailySpendCapUsd), so nothing is counted here; the metric CostUsd has it."
        )
