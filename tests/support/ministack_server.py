"""Starts ministack, under its own Python: AWS for the test of the deployment, with three corrections:

1. In a filter, what lies below an absent parent is absent. By ministack, a record without OldImage does
   not match `{"OldImage": {"status": {"S": [{"exists": false}]}}}`; by AWS's event-ruler it does.
2. A pattern may say `$or`, as in Lambda; ministack knows it not.
3. Every request counts as made over TLS. It is not, on loopback, and the queues' policies would refuse it.
"""

from collections.abc import Mapping
from typing import Any

from ministack.app import main
from ministack.core import iam_evaluator
from ministack.services import lambda_svc

_matches = lambda_svc._match_esm_filter
_condition_key = iam_evaluator._resolve_condition_key


def _with_parents(record: Mapping[str, Any], pattern: Mapping[str, Any]) -> dict[str, Any]:
    """The record with an empty object wherever the pattern goes deeper than the record does."""
    deeper = {
        name: _with_parents(below if isinstance(below := record.get(name), dict) else {}, part)
        for name, part in pattern.items()
        if isinstance(part, dict)
    }
    return {**record, **deeper}


def _alternatives(pattern: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The patterns without `$or` of which one must match."""
    found: list[dict[str, Any]] = [{}]
    for name, part in pattern.items():
        if name == "$or":
            options = [each for option in part for each in _alternatives(option)]
        elif isinstance(part, dict):
            options = [{name: each} for each in _alternatives(part)]
        else:
            options = [{name: part}]
        found = [{**one, **other} for one in found for other in options]
    return found


def _matches_as_lambda_does(record: Mapping[str, Any], pattern: Mapping[str, Any]) -> bool:
    return any(_matches(_with_parents(record, each), each) for each in _alternatives(pattern))


def _condition_key_over_tls(key: str, context: object) -> object:
    return "true" if key.lower() == "aws:securetransport" else _condition_key(key, context)


if __name__ == "__main__":
    lambda_svc._match_esm_filter = _matches_as_lambda_does
    iam_evaluator._resolve_condition_key = _condition_key_over_tls
    main()
