"""Any value in any field of any sender: it is read, or named with its field; nothing else happens."""

import copy
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.webhook_samples import SENDERS, body_of
from webhook.fields import BadFieldError
from webhook.receive import SENDERS as READERS
from webhook.senders.plain import MOST_BYTES
from webhook.senders.told import as_event

ARRIVED = 1_800_000_000.0
MOST_BYTES_OF_AN_EVENT = 24 * 1024
"""Ten of them fit one call to the bus. A plain ticket is handed on as it is."""


def deep(levels: int) -> Any:
    value: Any = "end"
    for _ in range(levels):
        value = [value]
    return value


ODD: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    10**40,
    1e308,
    "",
    " ",
    [],
    {},
    ["x", None, {"y": []}],
    {"x": {"y": ["z"]}},
    deep(200),
    "x" * 60_000,
    "<script>alert(1)</script> <!channel> @here [a](http://evil.example) `code` *b*",
    "\x00\x1b[31m\x07\u202e\u200b\ud800\n\r\t\u2028",
    "$ALERT_ID",
    "9999-12-31T23:59:59Z",
    "0001-01-01T00:00:00+14:00",
    "-5",
)


def paths(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield at
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in inner:
        yield from paths(part, (*at, key))


def with_value(body: Any, path: tuple[Any, ...], odd: Any) -> Any:
    if not path:
        return odd
    changed = copy.deepcopy(body)
    place = changed
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = odd
    return changed


@pytest.mark.parametrize("sender", SENDERS)
def test_whatever_stands_in_a_field_is_read_or_named(sender: str) -> None:
    body, reader = body_of(sender), READERS["/" if sender == "plain" else f"/{sender}"]
    for path in paths(body):
        for odd in ODD:
            try:
                read = reader(with_value(body, path, odd), ARRIVED)
            except BadFieldError as error:
                faults = [str(error)]
            else:
                faults = read.faults
                for told in read.told:
                    size = len(as_event(told)[1].encode())
                    assert size < (MOST_BYTES if sender == "plain" else MOST_BYTES_OF_AN_EVENT), path
                    assert 0 < len(told.violation_key.encode()) <= 1024, path
                    assert told.at.timestamp() <= ARRIVED, path
            for fault in faults:
                assert fault.isprintable(), path
                assert not set(fault) & set("<>@*`()"), (path, fault)
                assert len(fault) < 400, (path, fault)
