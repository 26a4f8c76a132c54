"""Log groups by the names that others have for them."""

import pytest

from diagnose.evidence.sources.logs.group import LogGroup

HOME = "111122223333"


@pytest.mark.parametrize(
    ("written", "place", "asked"),
    [
        ("/aws/lambda/orders", "log group /aws/lambda/orders", {"logGroupName": "/aws/lambda/orders"}),
        (
            f"arn:aws:logs:eu-central-1:{HOME}:log-group:/aws/lambda/orders:*",
            "log group /aws/lambda/orders",
            {"logGroupName": "/aws/lambda/orders"},
        ),
        (
            "arn:aws:logs:eu-central-1:999900001111:log-group:shared:*",
            "log group shared of account 999900001111",
            {"logGroupIdentifier": "arn:aws:logs:eu-central-1:999900001111:log-group:shared"},
        ),
    ],
)
def test_a_log_group_of_another_account_is_asked_for_by_its_arn(
    written: str, place: str, asked: dict[str, str]
) -> None:
    group = LogGroup.of(written)

    assert (group.place(HOME), group.named(HOME)) == (place, asked)
