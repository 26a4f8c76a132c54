"""EventBridge's input transformer, as far as docs/integrations uses it, by its user guide.

A path picks a value out of the event; `<name>` in the template becomes that value as JSON, quotes included. A
path that finds nothing leaves nothing, so what is no JSON then is not delivered: it raises here.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

PLACEHOLDER = re.compile(r"<([\w.-]+)>")
MOST_PATHS, LONGEST_TEMPLATE = 100, 8192


def transformed(transformer: Mapping[str, Any], event: Mapping[str, Any]) -> Any:
    """What a target gets, read as JSON. Raises ValueError where that is none."""
    paths, template = transformer["InputPathsMap"], transformer["InputTemplate"]
    assert len(paths) <= MOST_PATHS
    assert len(template) <= LONGEST_TEMPLATE
    names = set(PLACEHOLDER.findall(template))
    assert names == paths.keys(), "a placeholder without a path, or a path that nothing asks for"
    values = {name: _at(event, path) for name, path in paths.items()}
    return json.loads(PLACEHOLDER.sub(lambda found: values[found[1]], template))


def _at(event: Any, path: str) -> str:
    found = event
    for part in path.removeprefix("$.").split("."):
        if not isinstance(found, Mapping) or part not in found:
            return ""
        found = found[part]
    return json.dumps(found)
