"""The JSON schema of `diagnosis_record`; run as a module it writes docs/schemas (`make schemas`)."""

import json

from diagnose.diagnosis.record import DiagnosisRecord
from local.aws.template import ROOT

PATH = ROOT / "docs" / "schemas" / "diagnosis_record.json"


def schema() -> str:
    """The JSON schema of the record, as the file has it."""
    found = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "diagnosis_record",
        **{name: value for name, value in DiagnosisRecord.model_json_schema().items() if name != "title"},
    }
    return json.dumps(found, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    PATH.parent.mkdir(exist_ok=True)
    PATH.write_text(schema(), "utf-8")
