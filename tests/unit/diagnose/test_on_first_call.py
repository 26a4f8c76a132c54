"""Claude is built when it is first asked, and once."""

from diagnose.claude.on_first_call import OnFirstCall


class Key:
    """A client that counts how often its key was renewed."""

    def __init__(self) -> None:
        self.renewed = 0

    def ask(self, prompt: object, max_tokens: int, timeout: float) -> object:
        raise AssertionError("not asked here")

    def renew_key(self) -> bool:
        self.renewed += 1
        return True


def test_nothing_is_built_before_the_first_call_and_one_client_after_it() -> None:
    built: list[Key] = []

    def build() -> Key:
        built.append(Key())
        return built[-1]

    claude = OnFirstCall(build)  # type: ignore[arg-type]
    assert built == []

    claude.renew_key()
    claude.renew_key()
    assert [client.renewed for client in built] == [2]
