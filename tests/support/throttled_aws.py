"""AWS refusing some calls of this process for a while."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from botocore.client import BaseClient
from botocore.exceptions import ClientError


@contextmanager
def throttled(operation: str, *, after: int = 0, times: int = 1) -> Iterator[None]:
    """Refuses so many calls of the operation ("UpdateItem"), once so many were let through."""
    make_call: Any = BaseClient._make_api_call  # type: ignore[attr-defined]
    let_through, to_refuse = after, times

    def call(client: BaseClient, name: str, parameters: Any) -> Any:
        nonlocal let_through, to_refuse
        if name == operation and let_through > 0:
            let_through -= 1
        elif name == operation and to_refuse > 0:
            to_refuse -= 1
            error = {"Code": "ThrottlingException", "Message": "Rate exceeded"}
            raise ClientError({"Error": error}, name)  # type: ignore[typeddict-item]
        return make_call(client, name, parameters)

    with mock.patch.object(BaseClient, "_make_api_call", call):
        yield
