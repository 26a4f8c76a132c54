"""placeholder"""

from collections.abc import Mapping
from typing import Any

from rendering.html import Html


def charts(item: Mapping[str, Any], facts: Mapping[str, Any]) -> Html | None:
    return None
