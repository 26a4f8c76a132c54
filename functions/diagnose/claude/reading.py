"""Reading the diagnosis out of an answer."""

from pydantic import ValidationError

from diagnose.claude.errors import AmbiguousError, NotTheSchemaError, RefusedError, TruncatedError
from diagnose.claude.json_text import read_json
from diagnose.diagnosis.answer import Answer
from diagnose.diagnosis.schema import Diagnosis


def read_diagnosis(answer: Answer) -> Diagnosis:
    """The diagnosis in an answer; why it ended is looked at before its text.

    Raises RefusedError, TruncatedError or NotTheSchemaError; AmbiguousError where the model said nothing, in
    the schema or out of it, or ended in some other way than it does when it has answered.
    """
    match answer.stop_reason:
        case "refusal":
            words = answer.text.strip()[:500] or "no words were given"
            raise RefusedError(f"Claude declined to answer: {words}", answer.request_id)
        case "max_tokens" | "model_context_window_exceeded":
            raise TruncatedError(f"the answer was cut off ({answer.stop_reason})", answer.request_id)
    if not answer.text.strip():
        raise AmbiguousError(f"the answer is empty ({answer.stop_reason})", answer.request_id)
    try:
        diagnosis = Diagnosis.model_validate(read_json(answer.text))
    except ValueError as error:
        if answer.stop_reason != "end_turn":
            raise AmbiguousError(f"no diagnosis ({answer.stop_reason})", answer.request_id) from error
        raise NotTheSchemaError(_fault(error), answer.request_id) from error
    if not _says_something(diagnosis):
        raise AmbiguousError("the answer says nothing", answer.request_id)
    return diagnosis


def _says_something(diagnosis: Diagnosis) -> bool:
    """Whether it names a cause, or says what is missing to name one, in a word at least."""
    texts = [diagnosis.headline, diagnosis.primary.diagnosis]
    if diagnosis.primary.confidence == "insufficient_data":
        texts += [diagnosis.primary.reasoning, *(missing.what for missing in diagnosis.missing_data)]
    return any(letter.isalnum() for text in texts for letter in text)


def _fault(error: ValueError) -> str:
    if not isinstance(error, ValidationError):
        return f"the text: {error}"
    fault = error.errors()[0]
    return f"{'.'.join(str(part) for part in fault['loc']) or 'the text'}: {fault['msg']}"
