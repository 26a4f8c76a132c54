"""Transactions of DynamoDB's that others see whole or not at all, put into moto.

moto answers requests side by side without a lock, and undoes a transaction by putting a copy of the table in
the table's place: whoever reads the table's stream then reads a stream that nothing is written to any more.
"""

import copy
import threading
from collections.abc import Callable
from typing import Any

from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.table import StreamShard, Table

_WRITES = ("put_item", "update_item", "delete_item")
_READS = ("get_item", "query", "scan")
_lock = threading.RLock()
"""One for all tables of the process."""


def keep_transactions_whole() -> None:
    """Make every DynamoDB of this process's moto do so; a second call changes nothing."""
    for name in (*_WRITES, *_READS):
        method = getattr(DynamoDBBackend, name)
        if not hasattr(method, "is_alone"):
            setattr(DynamoDBBackend, name, _alone(method))
    if not hasattr(StreamShard.get, "is_alone"):
        setattr(StreamShard, "get", _alone(StreamShard.get))  # noqa: B010 - moto's own names, replaced
    setattr(Table, "__deepcopy__", _with_items)  # noqa: B010
    setattr(DynamoDBBackend, "transact_write_items", _transact)  # noqa: B010


_moto_transact = DynamoDBBackend.transact_write_items


def _alone(method: Callable[..., Any]) -> Callable[..., Any]:
    def run(*arguments: Any, **more: Any) -> Any:
        with _lock:
            return method(*arguments, **more)

    setattr(run, "is_alone", True)  # noqa: B010
    return run


def _with_items(table: Table, memo: dict[int, Any]) -> Table:
    """What moto needs of the copy that it makes before a transaction: not the stream, which only grows."""
    made = copy.copy(table)
    made.items = copy.deepcopy(table.items, memo)
    return made


def _transact(backend: DynamoDBBackend, transact_items: list[dict[str, Any]]) -> None:
    with _lock:
        tables = dict(backend.tables)
        written = {
            name: len(table.stream_shard.items) for name, table in tables.items() if table.stream_shard
        }
        try:
            _moto_transact(backend, transact_items)
        except Exception:
            for name, table in tables.items():
                table.items = backend.tables[name].items
                backend.tables[name] = table
                if table.stream_shard:
                    del table.stream_shard.items[written[name] :]
            raise
