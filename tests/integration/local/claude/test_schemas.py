"""Schemas of an answer that the API would refuse are refused by the stand-in."""

from typing import Any

import anthropic
import pytest

from local.claude.schema import SchemaRefusedError, check_schema
from tests.integration.local.claude.asking import closed

TEXT = {"type": "string"}
LOOP = {"$defs": {"Node": closed({"next": {"$ref": "#/$defs/Node"}})}}
RING = {
    "$defs": {"A": closed({"b": {"$ref": "#/$defs/B"}}), "B": closed({"a": {"$ref": "#/$defs/A"}})},
}


class TestSchemas:
    @pytest.mark.parametrize(
        ("schema", "words"),
        [
            ([], "not empty"),
            ({"type": "object", "properties": {"a": TEXT}, "required": ["a"]}, "additionalProperties"),
            (closed({"a": TEXT}, additionalProperties=True), "additionalProperties"),
            (closed({"a": TEXT}, additionalProperties=TEXT), "additionalProperties"),
            (closed({}), "without properties"),
            (closed({"a": closed({})}), "schema.properties.a"),
            (closed({"a": TEXT}, required=None), "required"),
            (closed({"a": TEXT}, required=["b"]), "'b'"),
            (closed({"a": TEXT}, required=[["a"]]), "required"),
            (closed({"a": TEXT}, minProperties=1), "minProperties"),
            (closed({"a": {"type": "integer", "minimum": 1}}), "minimum"),
            (closed({"a": {"type": "number", "maximum": 1}}), "maximum"),
            (closed({"a": {"type": "number", "multipleOf": 2}}), "multipleOf"),
            (closed({"a": {"type": "string", "minLength": 1}}), "minLength"),
            (closed({"a": {"type": "string", "maxLength": 9}}), "maxLength"),
            (closed({"a": {"type": "string", "format": "text"}}), "format"),
            (closed({"a": {"type": "array", "items": TEXT, "minItems": 2}}), "minItems"),
            (closed({"a": {"type": "array", "items": TEXT, "maxItems": 2}}), "maxItems"),
            (closed({"a": {"type": "array"}}), "items"),
            (closed({"a": {"type": "any"}}), "any"),
            (closed({"a": {"type": ["string", 7]}}), "7"),
            (closed({"a": {"description": "no type"}}), "neither type"),
            (closed({"a": {"oneOf": [TEXT]}}), "neither type"),
            (closed({"a": {"anyOf": []}}), "anyOf"),
            (closed({"a": {"enum": []}}), "enum"),
            (closed({"a": {"enum": [{"b": 1}]}}), "plain values"),
            (closed({"a": "string"}), "must be a schema"),
            ({**closed({"a": TEXT}), "properties": ["a"]}, "must be an object"),
            (closed({"a": {"$ref": "#/$defs/Node"}}), "not a definition"),
            (closed({"a": {"$ref": "https://example.com/x"}}), "not a definition"),
            (closed({"a": {"$ref": "#/$defs/Node", "minItems": 1}}, **LOOP), "beside '$ref'"),
            (closed({"a": {"$ref": "#/$defs/Node"}}, **LOOP), "recursive"),
            (closed({"a": {"$ref": "#/$defs/A"}}, **RING), "recursive"),
            (closed({f"a{n}": TEXT for n in range(25)}, required=[]), "25 optional"),
            (closed({f"a{n}": {"type": ["string", "null"]} for n in range(17)}), "17 union"),
            (closed({f"a{n}": {"anyOf": [TEXT, {"type": "null"}]} for n in range(17)}), "17 union"),
        ],
    )
    def test_what_the_api_refuses_is_refused(self, schema: Any, words: str) -> None:
        with pytest.raises(SchemaRefusedError, match=r"^schema") as refused:
            check_schema(schema)
        assert words in str(refused.value)

    def test_a_schema_nested_too_deeply_is_refused(self) -> None:
        schema: dict[str, Any] = TEXT
        for _ in range(100):
            schema = {"type": "array", "items": schema}
        with pytest.raises(SchemaRefusedError, match="too deeply"):
            check_schema(schema)

    def test_what_the_sdk_makes_of_a_free_form_map_is_refused(self) -> None:
        sdk_made = anthropic.transform_schema({"type": "object", "additionalProperties": {"type": "string"}})
        with pytest.raises(SchemaRefusedError, match="could only ever be empty"):
            check_schema(closed({"readings": sdk_made}, required=["readings"]))

    def test_limits_that_are_kept_are_accepted(self) -> None:
        check_schema(closed({f"a{n}": {"type": ["string", "null"]} for n in range(16)}, required=[]))
