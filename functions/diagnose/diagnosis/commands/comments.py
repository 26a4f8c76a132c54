"""What a reader should know of comments in a command."""

from collections.abc import Sequence

from diagnose.diagnosis.commands.call import short


def remarks(comments: Sequence[str]) -> tuple[str, ...]:
    """Marks for the comments of a command that does not only read."""
    return tuple(
        f"A comment says “{short(comment.lstrip('# '), 60)}”, which is no part of what it does."
        for comment in comments[:3]
        if comment.strip("# ")
    )
