"""Tables that are written as words apart by blanks, as they read best."""


def listed(words: str) -> list[str]:
    return words.split()
