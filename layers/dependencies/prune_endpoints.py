"""Leaves in botocore's list of endpoints only the services whose descriptions are shipped.

The list is read before the first client is made, and reading all of it takes longer than making the client.
"""

import gzip
import json
import sys
from pathlib import Path


def main(data: Path) -> None:
    """`data` is botocore's folder of that name, its services already pruned."""
    prefixes = {
        json.loads(gzip.decompress(model.read_bytes()))["metadata"]["endpointPrefix"]
        for model in data.glob("*/*/service-2.json.gz")
    }
    path = data / "endpoints.json"
    endpoints = json.loads(path.read_text("utf-8"))
    for partition in endpoints["partitions"]:
        services = partition["services"]
        partition["services"] = {name: services[name] for name in services if name in prefixes}
    path.write_text(json.dumps(endpoints), "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
