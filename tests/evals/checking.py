"""The product's checks over an answer."""

from diagnose.diagnosis.checked import Check, Checked, Confidence, Result
from diagnose.diagnosis.checks import doubts
from diagnose.diagnosis.schema import Diagnosis
from diagnose.evidence.prompt import Prompt


def checked(diagnosis: Diagnosis, prompt: Prompt) -> Checked:
    said = diagnosis.primary.confidence
    found = [
        Check("doubt", "", Result.FAILED, says) for says in doubts(diagnosis, prompt.evidence, prompt.exact)
    ]
    return Checked(diagnosis, found, Confidence(said, said, ()), [], [])
