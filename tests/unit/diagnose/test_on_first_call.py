"""Claude is built when it is first asked, and once."""

from diagnose.claude.on_first_call import OnFirstCall
from diagnose.diagnosis.answer import Answer
from diagnose.evidence.prompt import Prompt


class Key:
    """A client that counts how often its key was renewed."""

    def __init__(self) -> None:
        self.renewed = 0

    def ask(self, prompt: Prompt, max_tokens: int, timeout: float) -> Answer:
        raise AssertionError("not asked here")

    def renew_key(self) -> bool:
        self.renewed += 1
        return True


def test_nothing_is_built_before_the_first_call_and_one_client_after_it() -> None:
    built: list[Key] = []

    def build() -> Key:
        built.append(Key())
        return built[-1]

    claude = OnFirstCall(build)
    assert built == []

    claude.renew_key()
    claude.renew_key()
    assert [client.renewed for client in built] == [2]
