"""What was read of a log, as it is shown."""

from diagnose.evidence.redaction.redactor import Redactor
from diagnose.evidence.sources.logs.sections import AT_ONCE, redacted
from tests.support.secret_corpus import POSITIVES, is_told

PASSWORD = "hunter2-Zq9!x"


def test_many_texts_are_redacted_as_each_would_be() -> None:
    texts = [f"login {number} with password={PASSWORD}" for number in range(AT_ONCE + 7)]
    texts[3] = "two\nlines\n\n\x1e and a separator"

    found = redacted(texts, Redactor())

    assert len(found) == len(texts)
    assert set(found) - {found[3]} == {
        f"login {number} with password=[redacted password 1]" for number in range(AT_ONCE + 7) if number != 3
    }
    assert found[3].startswith("two\nlines")


def test_a_secret_at_the_end_of_a_text_does_not_swallow_the_next() -> None:
    key = "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEAq7BFUpkGp3+LQmlQ"

    found = redacted([key, "INFO started", "password=", "INFO ended"], Redactor())

    assert len(found) == 4
    assert found[1] == "INFO started"
    assert "MIIEpAIB" not in found[0]


def test_every_secret_of_the_corpus_is_caught_among_other_texts() -> None:
    texts = [text for positive in POSITIVES for text in (positive.text, "INFO handled order 7")]

    told = "\n".join(redacted(texts, Redactor()))

    assert [positive.kind for positive in POSITIVES if is_told(positive, told)] == []
