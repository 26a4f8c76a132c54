"""Pages as AWS gives them: so many items, and a token for the rest."""

import base64
import binascii
from collections.abc import Sequence
from typing import TypeVar

from local.aws.api.errors import ApiError

_MARK = b"from item "

Item = TypeVar("Item")


def page(
    items: Sequence[Item], size: int, token: str | None, invalid: str = "InvalidNextToken"
) -> tuple[list[Item], str | None]:
    """The items from where `token` points, and the token for what is left.

    A token that was never given out is refused with the code `invalid`.
    """
    start = _start(token, invalid) if token else 0
    rest = start + size
    return list(items[start:rest]), _token(rest) if rest < len(items) else None


def with_token(answer: dict[str, object], token: str | None, name: str = "NextToken") -> dict[str, object]:
    """The answer, and the token only if there is one: an empty one would be asked for again."""
    return answer if token is None else answer | {name: token}


def _token(start: int) -> str:
    return base64.urlsafe_b64encode(_MARK + str(start).encode()).decode()


def _start(token: str, invalid: str) -> int:
    try:
        said = base64.urlsafe_b64decode(token)
        if said.startswith(_MARK):
            return int(said.removeprefix(_MARK))
    except (binascii.Error, ValueError):
        pass
    raise ApiError(invalid, "The token that was given is not valid.")
