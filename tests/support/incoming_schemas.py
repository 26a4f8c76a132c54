"""The JSON schemas of what producers tell; run as a module it writes their files (`make schemas`)."""

import json
from pathlib import Path

from events.incoming import INCOMING
from local.aws.template import ROOT

FOLDER = ROOT / "docs" / "schemas" / "incoming"


def schemas() -> dict[Path, str]:
    """By its file, the schema of each detail type."""
    found: dict[Path, str] = {}
    for detail_type, model in INCOMING.items():
        schema = {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            **model.model_json_schema(),
            "title": detail_type,
        }
        name = detail_type.lower().replace(" ", "_")
        found[FOLDER / f"{name}.json"] = json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
    return found


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for path, text in schemas().items():
        path.write_text(text, "utf-8")
