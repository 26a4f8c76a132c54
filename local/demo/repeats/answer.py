"""The full diagnosis of the incident when it came the first time, written by hand and not by Claude."""

from datetime import datetime, timedelta
from typing import Any

from local.demo.repeats.incident import stamp

WRITTEN = "(Written by hand for the demo, not by Claude.)"


def answer(onset: datetime) -> dict[str, Any]:
    """To the ticket of that onset as it is without a `Shape`; its ids are those of that evidence."""
    onset = onset.replace(second=0, microsecond=0)
    reads, waits, fails = (stamp(onset + timedelta(minutes=at)) for at in (-6, -3, 0))
    return {
        "verdict": "action_required",
        "headline": "stock-export was started by hand and locks stock_levels in orders-db: orders-api waits for it "
        "and fails. Stop the export, then start it at its usual time.",
        "timeline": [
            {
                "at": reads,
                "event": "stock-export begins to read, 48,692 rows a second now.",
                "evidence": ["M1"],
            },
            {"at": waits, "event": "Sessions of orders-db begin to wait for locks.", "evidence": ["M2"]},
            {"at": fails, "event": "orders-api begins to fail.", "evidence": ["M3"]},
        ],
        "components": [
            {"name": "stock-export", "role": "cause"},
            {"name": "orders-db", "role": "symptom"},
            {"name": "orders-api", "role": "symptom"},
            {"name": "cart-api", "role": "bystander"},
        ],
        "metric_readings": [
            _reading("rows_read_per_second", "48,692", "", "high: its baseline is 3", "M1"),
            _reading("sessions_waiting_on_lock", "119", "", "high: its baseline is 1", "M2"),
            _reading("http_5xx_percent", "34.5", "%", "high: its baseline is 0.1 %", "M3"),
            _reading("write_latency", "2.02", "ms", "as usual", "M4"),
        ],
        "primary": {
            "diagnosis": "An export that was started by hand holds row locks on stock_levels in one transaction. "
            "119 sessions of orders-db wait for it, and requests of orders-api end in 503.",
            "confidence": "high",
            "reasoning": "The export began before the first session waited, the log names its connection as the "
            f"one that is waited for, and storage and processor of orders-db are as usual. {WRITTEN}",
            "evidence": [
                {"id": "L28", "shows": 'says "export started by hand, one transaction".'},
                {"id": "L35", "shows": "connection 41022 of orders_api waits for 40811 of stock_export."},
                {"id": "M4", "shows": "write_latency is 2.02 ms and the processor is at 31.3 %: as usual."},
            ],
            "chain": [
                {
                    "from_component": "stock-export",
                    "to_component": "orders-db",
                    "how": "It reads 48,692 rows a second in one transaction, and its row locks keep 119 sessions "
                    "of orders-db waiting.",
                    "since": reads,
                    "evidence": ["M1", "L29", "M2"],
                },
                {
                    "from_component": "orders-db",
                    "to_component": "orders-api",
                    "how": "Sessions that wait for a lock hold their connections, and 34.5 % of the requests end "
                    "in 5xx after 30 s.",
                    "since": waits,
                    "evidence": ["M2", "L43", "M3"],
                },
            ],
        },
        "alternatives": [
            {
                "diagnosis": "The storage of orders-db is slow, so that transactions take long and keep their locks.",
                "supporting": [{"id": "M2", "shows": "119 sessions wait for a lock."}],
                "contradicting": [{"id": "M4", "shows": "write_latency is 2.02 ms, as usual."}],
                "conclusion": "Storage is as fast as ever, so it does not hold up anything.",
                "deciding_observation": "Write latency beside that of the day before: above 10 ms speaks for it.",
                "deciding_command": "aws cloudwatch describe-alarms --state-value ALARM",
            },
            {
                "diagnosis": "More orders than the pools of orders-api were made for.",
                "supporting": [{"id": "C3", "shows": "Each of 12 tasks has 20 connections."}],
                "contradicting": [{"id": "M4", "shows": "request_rate of orders-api is 214/s, as usual."}],
                "conclusion": "The rate of requests has not changed.",
                "deciding_observation": "The rate of requests: twice the usual would speak for it.",
                "deciding_command": "",
            },
        ],
        "severity": "critical",
        "recommended_action": "Make sure that stock-export still runs, then stop that task: its transaction is rolled "
        "back and its locks are gone. Keep it from being started by hand in the daytime.",
        "commands": [
            {
                "command": "aws ecs list-tasks --cluster orders --family stock-export",
                "purpose": "Shows whether the export still runs",
                "changes": "nothing",
                "risk": "none, read-only",
            },
            {
                "command": "mysql -h orders-db -e 'KILL 40811'",
                "purpose": "Ends the connection that holds the locks",
                "changes": "ends connection 40811 and rolls its transaction back",
                "risk": "What the export has written to the warehouse so far is there already.",
            },
        ],
        "risks": [
            "Acting: the export starts from the beginning the next time.",
            "Not acting: orders-api goes on failing until the export commits.",
        ],
        "missing_data": [{"what": "Who started the export", "where": "CloudTrail, RunTask"}],
    }


def _reading(name: str, value: str, unit: str, note: str, id_: str) -> dict[str, str]:
    return {"name": name, "value": value, "unit": unit, "note": note, "evidence": id_}
