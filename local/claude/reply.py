"""The body of a reply: the derived diagnosis in the schema that was asked for, whole or spoilt by a fault."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from local.claude.answers import MARK, derive_answer
from local.claude.faults import ErrorShape, Kind
from local.claude.known_cause import derive_holds
from local.claude.requests import count_tokens, user_text
from local.claude.schema import STRING_FORMATS, misfits, resolve, types_of

_PROSE = f"{MARK} prose where JSON was asked for."
_MISFIT = json.dumps({"stand_in": "a JSON object that is not what the schema asks for"})
_DECLINED = f"{MARK} I cannot help with this ticket."


class CannotFitError(Exception):
    """Raised when no answer fits an accepted schema: the stand-in's own mistake, or of who gave it one."""


@dataclass(frozen=True)
class Answer:
    """What the model said: the text (None: no content at all), why it stopped, and the tokens it took."""

    text: str | None
    stop_reason: str
    output_tokens: int


def make_answer(
    request: Mapping[str, Any], kind: Kind = Kind.ANSWER, played: Mapping[str, Any] | None = None
) -> Answer:
    """The answer to a request that passed the checks, spoilt in the way that the kind of fault says.

    `played` is played back in place of the one that is derived. Raises CannotFitError.
    """
    text = _diagnosis(request, played)
    room = request["max_tokens"]
    half = text[: len(text) // 2]
    match kind:
        case Kind.REFUSAL:
            answer = Answer(_DECLINED, "refusal", count_tokens(_DECLINED))
        case Kind.EMPTY_REFUSAL:
            answer = Answer(None, "refusal", 1)
        case Kind.NOT_JSON:
            answer = Answer(_PROSE, "end_turn", count_tokens(_PROSE))
        case Kind.MISFIT:
            answer = Answer(_MISFIT, "end_turn", count_tokens(_MISFIT))
        case Kind.TRUNCATED:
            answer = Answer(half, "max_tokens", room)
        case Kind.CONTEXT_WINDOW:
            answer = Answer(half, "model_context_window_exceeded", count_tokens(half))
        case _ if count_tokens(text) > room:
            beginning = text.encode("utf-8", "surrogatepass")[: room * 4]
            answer = Answer(beginning.decode("utf-8", "ignore"), "max_tokens", room)
        case _:
            answer = Answer(text, "end_turn", count_tokens(text))
    return answer


def message_body(
    request: Mapping[str, Any], answer: Answer, number: int, input_tokens: int
) -> dict[str, Any]:
    """A Message as the API sends it."""
    refused = answer.stop_reason == "refusal"
    return {
        "id": f"msg_standin_{number:06d}",
        "type": "message",
        "role": "assistant",
        "model": request["model"],
        "content": [] if answer.text is None else [{"type": "text", "text": answer.text}],
        "stop_reason": answer.stop_reason,
        "stop_sequence": None,
        "stop_details": {"type": "refusal", "category": None, "explanation": None} if refused else None,
        "usage": {
            "input_tokens": input_tokens,
            "output_tokens": answer.output_tokens,
            "cache_creation_input_tokens": 0,
            "cache_read_input_tokens": 0,
            "service_tier": "standard",
        },
    }


def error_body(error: ErrorShape, request_id: str) -> dict[str, Any]:
    """An error as the API sends it."""
    inner: dict[str, Any] = {"type": error.type, "message": error.message}
    if error.code is not None:
        inner["details"] = {"error_code": error.code}
    return {"type": "error", "error": inner, "request_id": request_id}


def fit(root: Mapping[str, Any], node: Mapping[str, Any], wanted: object, name: str = "answer") -> object:
    """A value that fits the node: what is wanted where it fits, else something plain of the right type."""
    node = resolve(root, node)
    if "const" in node:
        return node["const"]
    if "enum" in node:
        return wanted if wanted in node["enum"] else node["enum"][0]
    if "anyOf" in node:
        fitting = [variant for variant in node["anyOf"] if not misfits(root, variant, wanted)]
        return fit(root, (fitting or node["anyOf"])[0], wanted, name)
    if "allOf" in node:
        return fit(root, node["allOf"][0], wanted, name)
    if not misfits(root, node, wanted) and "format" not in node:
        return wanted
    return _plain_value(root, node, wanted, name)


def _plain_value(root: Mapping[str, Any], node: Mapping[str, Any], wanted: object, name: str) -> object:
    match types_of(node)[0]:
        case "object":
            known = wanted if isinstance(wanted, dict) else {}
            return {key: fit(root, part, known.get(key), key) for key, part in node["properties"].items()}
        case "array":
            items = wanted if isinstance(wanted, list) else [] if wanted is None else [wanted]
            items = items or [None] * node.get("minItems", 0)
            return [fit(root, node["items"], item, name) for item in items]
        case "string":
            plain = wanted if isinstance(wanted, str | int | float) else f"{MARK} no rule for {name}"
            return STRING_FORMATS[node["format"]] if "format" in node else str(plain)
        case "integer" | "number":
            return 0
        case "boolean":
            return False
    return None


def _diagnosis(request: Mapping[str, Any], played: Mapping[str, Any] | None) -> str:
    form = request.get("output_config", {}).get("format")
    if form is None:
        return f"{MARK} no schema was asked for, so there is nothing to fill in."
    schema = form["schema"]
    answer: object = played
    if played is None:
        derive = derive_holds if "steps" in schema.get("properties", {}) else derive_answer
        answer = fit(schema, schema, derive(user_text(request)))
    problems = misfits(schema, schema, answer)
    if problems:
        whose = "the stand-in could not fill" if played is None else "the answer to play back does not fit"
        raise CannotFitError(f"{whose} the schema: {problems[0]}")
    return json.dumps(answer, ensure_ascii=False)
