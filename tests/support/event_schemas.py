"""The JSON schemas of what goes over the bus; run as a module it writes their files (`make schemas`)."""

import json
from pathlib import Path

from events.incoming import INCOMING
from events.outgoing import OUTGOING
from local.aws.template import ROOT

FOLDER = ROOT / "docs" / "schemas"


def schemas() -> dict[Path, str]:
    """By its file, the schema of each detail type, in and out."""
    found: dict[Path, str] = {}
    for way, models in (("incoming", INCOMING), ("outgoing", OUTGOING)):
        for detail_type, model in models.items():
            schema = {
                "$schema": "https://json-schema.org/draft/2020-12/schema",
                **model.model_json_schema(),
                "title": detail_type,
            }
            name = detail_type.lower().replace(" ", "_")
            found[FOLDER / way / f"{name}.json"] = json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
    return found


if __name__ == "__main__":
    for path, text in schemas().items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")
