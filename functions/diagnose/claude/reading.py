"""Reading the diagnosis out of an answer."""

from pydantic import ValidationError

from diagnose.claude.errors import NotTheSchemaError, RefusedError, TruncatedError
from diagnose.diagnosis.answer import Answer
from diagnose.diagnosis.schema import Diagnosis


def read_diagnosis(answer: Answer) -> Diagnosis:
    """The diagnosis in an answer; why it ended is looked at before its text.

    Raises RefusedError, TruncatedError or NotTheSchemaError.
    """
    match answer.stop_reason:
        case "refusal":
            words = answer.text.strip()[:500] or "no words were given"
            raise RefusedError(f"Claude declined to answer: {words}", answer.request_id)
        case "max_tokens" | "model_context_window_exceeded":
            raise TruncatedError(f"the answer was cut off ({answer.stop_reason})", answer.request_id)
    try:
        return Diagnosis.model_validate_json(answer.text)
    except ValidationError as error:
        fault = error.errors()[0]
        where = ".".join(str(part) for part in fault["loc"]) or "the text"
        raise NotTheSchemaError(f"{where}: {fault['msg']}", answer.request_id) from error
