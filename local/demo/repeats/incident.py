"""One violation that comes back: made up, with all its evidence in the ticket, at any time.

An export that runs by day locks rows that an API needs. `Shape` says what is different the next time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

MINUTES_AFTER = 8
VIOLATION = "orders_api_5xx_below_1_percent:orders-api"
CONTEXT = {
    "export": "stock-export copies stock_levels to the warehouse at 02:00Z, or when it is started by hand",
    "parameters": {"orders-db": "innodb_lock_wait_timeout 30 s, max_connections 800"},
    "pools": "orders-api: 12 tasks, 20 connections each; cart-api: 6 tasks, 10 connections each",
}
TOPOLOGY = (
    "web-shop, mobile-shop -> orders-api (ECS service, 12 tasks) -> orders-db (MySQL 8.0, db.r6g.xlarge)\n"
    "cart-api -> orders-db\n"
    "stock-export (scheduled ECS task) -> orders-db, reads and locks stock_levels"
)


@dataclass(frozen=True)
class Shape:
    """How strong each sign of the incident is; 0 for one that is not there at all."""

    rows_read: int = 48_210
    waiting: int = 118
    failing: Decimal = Decimal("34.2")
    latency: int = 2
    """Of orders-db's storage, in ms: twenty times as much is another cause with the same complaint."""
    waits_in_log: bool = True
    connection: int = 40_811
    """Of the export, as the database calls it."""


@dataclass(frozen=True)
class Size:
    """How much of the usual the evidence has: lines of the log, and minutes before the onset."""

    lines: int
    minutes: int


WHOLE = Size(lines=213, minutes=50)
AS_BEFORE = Shape(rows_read=51_870, waiting=131, failing=Decimal("37.9"), connection=52_377)
OF_THE_DISK = Shape(rows_read=0, waiting=112, failing=Decimal("35.1"), latency=48, waits_in_log=False)


def ticket(
    ticket_id: str, onset: datetime, shape: Shape | None = None, *, size: Size = WHOLE, **more: Any
) -> dict[str, Any]:
    """The ticket as a monitor writes it eight minutes after the onset."""
    of = shape or Shape()
    onset = onset.replace(second=0, microsecond=0)
    return {
        "ticket_id": ticket_id,
        "violation_key": VIOLATION,
        "invariant_name": "orders_api_5xx_below_1_percent",
        "component": "orders-api",
        "subject": "orders",
        "severity": "critical",
        "status": "open",
        "message": f"orders-api answers {of.failing} % of its requests with 5xx (limit 1 %).",
        "first_seen_at": stamp(onset + timedelta(minutes=2)),
        "last_seen_at": stamp(onset + timedelta(minutes=MINUTES_AFTER)),
        "occurrence_count": 7,
        "metric_snapshot": {"series": _series(onset, of, range(-size.minutes, MINUTES_AFTER))},
        "topology": TOPOLOGY,
        "subject_context": CONTEXT,
        "log_tail": "\n".join(_log(onset, of, size.lines)),
        **more,
    }


def stamp(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _series(onset: datetime, of: Shape, minutes: range) -> list[dict[str, Any]]:
    api, db, export = {"service": "orders-api"}, {"db": "orders-db"}, {"task": "stock-export"}
    rows = ("rows_read_per_second", export, "Count", 3, -6, of.rows_read)
    waits = ("sessions_waiting_on_lock", db, "Count", 1, -3, of.waiting)
    return [
        _metric(onset, minutes, "http_5xx_percent", api, "Percent", Decimal("0.1"), 0, of.failing),
        _metric(onset, minutes, *(rows if of.rows_read else (*rows[:-1], 3))),
        _metric(onset, minutes, *waits),
        _metric(onset, minutes, "write_latency", db, "Milliseconds", 2, -5, of.latency),
        _metric(onset, minutes, "request_rate", api, "Count/Second", 212, 0, 212),
        _metric(onset, minutes, "cpu_percent", db, "Percent", 31, 0, 31),
        _metric(onset, minutes, "request_rate", {"service": "cart-api"}, "Count/Second", 64, 0, 64),
    ]


def _metric(
    onset: datetime,
    minutes: range,
    name: str,
    of: dict[str, str],
    unit: str,
    usual: int | Decimal,
    begins: int,
    reaches: int | Decimal,
) -> dict[str, Any]:
    """A metric that from `begins` on (minutes from the onset) climbs to what it reaches within two points."""
    jitter = (Decimal("1.02"), Decimal("0.98"), Decimal("1.01"), Decimal(1), Decimal("0.99"))
    halfway = (Decimal(usual) + reaches) / 2
    values = [
        round((usual if at < begins else reaches if at > begins else halfway) * jitter[at % 5], 3)
        for at in minutes
    ]
    return {
        "Label": name,
        "Dimensions": of,
        "Unit": unit,
        "Timestamps": [stamp(onset + timedelta(minutes=at)) for at in minutes],
        "Values": values,
    }


def _log(onset: datetime, of: Shape, usual: int) -> Sequence[str]:
    lines: list[tuple[float, str]] = [
        (-25 + number * 0.15, f"{_usual(number)} -> 200 in {18 + number % 31} ms, {1 + number % 7} items")
        for number in range(usual)
    ]
    lines += [
        (-18.3 + 4 * number, f"orders-db Note  checkpoint at log sequence {7_100_000 + 913 * number}")
        for number in range(6)
    ]
    if of.rows_read:
        lines += [
            (-6.2, "stock-export INFO  export started by hand, one transaction, reads stock_levels"),
            (-5.9, "stock-export INFO  holds row locks on stock_levels until it commits"),
        ]
    holder = f"{of.connection} (stock_export) on stock_levels"
    lines += [
        (
            -2.8 + 1.7 * number,
            f"orders-db Warning lock wait: {41_022 + number} (orders_api) waits for {holder}",
        )
        for number in range(5 if of.waits_in_log else 0)
    ]
    lines += [
        (0.2 + 1.2 * number, f"orders-api ERROR POST /orders/{91_300 + 11 * number} -> 503 after 30001 ms")
        for number in range(6)
    ]
    return [f"{_millis(onset + timedelta(minutes=at))} {line}" for at, line in sorted(lines)]


def _usual(number: int) -> str:
    """A request that is answered as on any day."""
    if number % 3:
        return f"orders-api INFO  GET /orders/{88_000 + 37 * number}"
    return f"cart-api   INFO  PUT /carts/{510_000 + 91 * number}"


def _millis(at: datetime) -> str:
    return f"{stamp(at)[:-1]}.{at.microsecond // 1000:03}Z"
