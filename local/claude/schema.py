"""The part of JSON Schema that structured outputs accept: what the API refuses, and whether a value fits.

The rules follow the API's documented limits: every object closed and with named properties, no recursion, no
limits on sizes or lengths other than `minItems` of 0 or 1, at most 24 optional and 16 union-typed properties.
Where that leaves a doubt (an object without `required`, a keyword not mentioned) they refuse, so that a
schema accepted here is not one that the API turns down.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

MAX_OPTIONAL = 24
MAX_UNIONS = 16
MAX_DEPTH = 32

STRING_FORMATS = {
    "date-time": "2000-01-01T00:00:00Z",
    "time": "00:00:00Z",
    "date": "2000-01-01",
    "duration": "PT0S",
    "email": "stand-in@example.com",
    "hostname": "stand-in.example.com",
    "uri": "https://stand-in.example.com/",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "uuid": "00000000-0000-4000-8000-000000000000",
}
"""The formats of strings that may be asked for, each with a value that has it."""

_ANYWHERE = {"title", "description", "default", "$defs", "definitions"}
_KEYWORDS: Mapping[str, set[str]] = {
    "object": {"type", "properties", "required", "additionalProperties"},
    "array": {"type", "items", "minItems"},
    "string": {"type", "format", "enum", "const"},
    "integer": {"type", "enum", "const"},
    "number": {"type", "enum", "const"},
    "boolean": {"type", "enum", "const"},
    "null": {"type", "enum", "const"},
}
_IS_A: Mapping[str, Callable[[object], bool]] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
}


class SchemaRefusedError(Exception):
    """Raised when a schema is one that the API refuses; the text says where and why."""


def check_schema(schema: object) -> dict[str, Any]:
    """Return the schema; raise SchemaRefusedError if structured outputs would not take it."""
    if not isinstance(schema, dict) or not schema:
        raise SchemaRefusedError("schema: must be an object that is not empty")
    unions = optional = 0
    for path, node in _nodes(schema, "schema"):
        kinds = _check_node(schema, path, node)
        unions += len(kinds) > 1 or "anyOf" in node
        if "object" in kinds:
            optional += _check_object(path, node)
        if "array" in kinds:
            _check_array(path, node)
        if "string" in kinds and node.get("format") not in (None, *STRING_FORMATS):
            raise SchemaRefusedError(f"{path}.format: {node['format']!r} is not supported")
    if optional > MAX_OPTIONAL:
        raise SchemaRefusedError(f"schema: {optional} optional properties, more than {MAX_OPTIONAL}")
    if unions > MAX_UNIONS:
        raise SchemaRefusedError(f"schema: {unions} union-typed properties, more than {MAX_UNIONS}")
    return schema


def resolve(root: Mapping[str, Any], node: Mapping[str, Any]) -> Mapping[str, Any]:
    """The node itself, or what its `$ref` points to."""
    while "$ref" in node:
        _, place, name = node["$ref"].split("/")
        node = root[place][name]
    return node


def types_of(node: Mapping[str, Any]) -> list[str]:
    """The types that a node names: none for `anyOf`, `allOf`, or an `enum` or `const` that says it all."""
    named = node.get("type", [])
    return [named] if isinstance(named, str) else list(named)


def misfits(root: Mapping[str, Any], node: Mapping[str, Any], value: object, at: str = "answer") -> list[str]:
    """What about the value does not fit the node of an accepted schema; an empty list when it fits."""
    node = resolve(root, node)
    problems = [problem for part in node.get("allOf", ()) for problem in misfits(root, part, value, at)]
    if "anyOf" in node and all(misfits(root, variant, value, at) for variant in node["anyOf"]):
        problems.append(f"{at}: fits none of the variants")
    if value not in node.get("enum", [value]) or value != node.get("const", value):
        problems.append(f"{at}: {value!r} is not one of the values")
    kinds = types_of(node)
    if kinds and not any(_IS_A[kind](value) for kind in kinds):
        problems.append(f"{at}: {value!r} is not of type {' or '.join(kinds)}")
    elif isinstance(value, dict):
        problems += _misfits_of_object(root, node, value, at)
    elif isinstance(value, list):
        problems += [f"{at}: has too few items"] * (len(value) < node.get("minItems", 0))
        for index, item in enumerate(value if kinds else ()):
            problems += misfits(root, node["items"], item, f"{at}[{index}]")
    return problems


def _misfits_of_object(
    root: Mapping[str, Any], node: Mapping[str, Any], value: Mapping[str, Any], at: str
) -> list[str]:
    parts = node.get("properties", {})
    problems = [f"{at}.{name}: is missing" for name in node.get("required", ()) if name not in value]
    problems += [f"{at}.{name}: is unknown" for name in value if parts and name not in parts]
    for name in set(parts) & set(value):
        problems += misfits(root, parts[name], value[name], f"{at}.{name}")
    return problems


def _nodes(node: object, path: str, depth: int = 0) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every schema within the schema, with its place in words; `$ref` is not followed here."""
    if not isinstance(node, dict):
        raise SchemaRefusedError(f"{path}: must be a schema, not {node!r}")
    if depth > MAX_DEPTH:
        raise SchemaRefusedError(f"{path}: is nested too deeply")
    yield path, node
    for keyword in ("properties", "$defs", "definitions"):
        named = node.get(keyword, {})
        if not isinstance(named, dict):
            raise SchemaRefusedError(f"{path}.{keyword}: must be an object")
        for name, part in named.items():
            yield from _nodes(part, f"{path}.{keyword}.{name}", depth + 1)
    for keyword in ("anyOf", "allOf"):
        listed = node.get(keyword, [])
        if not isinstance(listed, list) or (keyword in node and not listed):
            raise SchemaRefusedError(f"{path}.{keyword}: must be a list that is not empty")
        for index, part in enumerate(listed):
            yield from _nodes(part, f"{path}.{keyword}[{index}]", depth + 1)
    if "items" in node:
        yield from _nodes(node["items"], f"{path}.items", depth + 1)


def _check_node(root: Mapping[str, Any], path: str, node: Mapping[str, Any]) -> list[str]:
    """Check the keywords of one schema; return the types that it names."""
    if "$ref" in node:
        _check_reference(root, path, node)
        return []
    named = node.get("type", [])
    unknown = [kind for kind in (named if isinstance(named, list) else [named]) if str(kind) not in _KEYWORDS]
    if unknown:
        raise SchemaRefusedError(f"{path}.type: {unknown[0]!r} is not supported")
    kinds = types_of(node)
    if not kinds and not {"anyOf", "allOf", "enum", "const"} & set(node):
        raise SchemaRefusedError(f"{path}: says neither type, anyOf, allOf, enum nor const")
    allowed = _ANYWHERE | {"anyOf", "allOf"} | set().union(*(_KEYWORDS[kind] for kind in kinds))
    if not kinds:
        allowed |= {"enum", "const"}
    for keyword in node:
        if keyword not in allowed:
            kind = kinds[0] if kinds else "any"
            raise SchemaRefusedError(f"{path}: property {keyword!r} is not supported for type {kind!r}")
    choices = node.get("enum", [])
    if not isinstance(choices, list) or ("enum" in node and not choices):
        raise SchemaRefusedError(f"{path}.enum: must be a list that is not empty")
    if any(isinstance(choice, dict | list) for choice in [*choices, node.get("const")]):
        raise SchemaRefusedError(f"{path}: enum and const take only plain values")
    return kinds


def _check_object(path: str, node: Mapping[str, Any]) -> int:
    """Check what is particular to objects; return the number of optional properties."""
    if node.get("additionalProperties") is not False:
        raise SchemaRefusedError(f"{path}: an object must have 'additionalProperties' set to false")
    if not node.get("properties"):
        raise SchemaRefusedError(f"{path}: an object without properties could only ever be empty")
    required = node.get("required")
    if not isinstance(required, list) or not all(isinstance(name, str) for name in required):
        raise SchemaRefusedError(f"{path}: an object must have 'required', a list of names")
    strangers = [name for name in required if name not in node["properties"]]
    if strangers:
        raise SchemaRefusedError(f"{path}.required: {strangers[0]!r} is not among the properties")
    return len(set(node["properties"]) - set(required))


def _check_array(path: str, node: Mapping[str, Any]) -> None:
    if "items" not in node:
        raise SchemaRefusedError(f"{path}: an array must have 'items'")
    if node.get("minItems", 0) not in (0, 1):
        raise SchemaRefusedError(f"{path}: only 0 and 1 are supported for 'minItems'")


def _check_reference(root: Mapping[str, Any], path: str, node: Mapping[str, Any]) -> None:
    extra = sorted(set(node) - _ANYWHERE - {"$ref"})
    if extra:
        raise SchemaRefusedError(f"{path}: property {extra[0]!r} is not supported beside '$ref'")
    _definition(root, path, node["$ref"])
    pending, reached = [node["$ref"]], set()
    while pending:
        for _, inner in _nodes(_definition(root, path, pending.pop()), path):
            reference = inner.get("$ref")
            if reference == node["$ref"]:
                raise SchemaRefusedError(f"{path}: recursive schemas are not supported ({reference})")
            if reference is not None and reference not in reached:
                reached.add(reference)
                pending.append(reference)


def _definition(root: Mapping[str, Any], path: str, reference: object) -> object:
    """What a reference points to; only definitions at the top of the schema itself can be pointed to."""
    match str(reference).split("/"):
        case ["#", ("$defs" | "definitions") as place, name] if name in root.get(place, {}):
            return root[place][name]
    raise SchemaRefusedError(f"{path}.$ref: {reference!r} is not a definition of this schema")
