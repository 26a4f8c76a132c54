"""Leaves in botocore's data what is read when clients are made: a good part of a cold start is reading it.

The list of endpoints keeps the services whose descriptions are shipped; the descriptions lose their
documentation and their compression.
"""

import gzip
import json
import sys
from pathlib import Path
from typing import Any


def main(data: Path) -> None:
    """`data` is botocore's folder of that name, with the services that are not called removed."""
    prefixes = set()
    for packed in data.glob("*/*/service-2.json.gz"):
        description = json.loads(gzip.decompress(packed.read_bytes()))
        prefixes.add(description["metadata"]["endpointPrefix"])
        packed.with_suffix("").write_text(json.dumps(_undocumented(description)), "utf-8")
        packed.unlink()
    path = data / "endpoints.json"
    endpoints = json.loads(path.read_text("utf-8"))
    for partition in endpoints["partitions"]:
        services = partition["services"]
        partition["services"] = {name: services[name] for name in services if name in prefixes}
    path.write_text(json.dumps(endpoints), "utf-8")


def _undocumented(description: Any) -> Any:
    """Without the texts; a member that is itself called `documentation` is no text."""
    if isinstance(description, list):
        return [_undocumented(value) for value in description]
    if not isinstance(description, dict):
        return description
    return {
        name: _undocumented(value)
        for name, value in description.items()
        if not (name == "documentation" and isinstance(value, str))
    }


if __name__ == "__main__":
    main(Path(sys.argv[1]))
