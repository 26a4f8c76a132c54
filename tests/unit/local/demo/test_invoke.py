"""What cannot be invoked is said in one line that names it."""

import sys
from pathlib import Path

import pytest

from local.demo.invoke import main


@pytest.mark.parametrize(
    ("function", "event", "said"),
    [
        (
            "DiagnoseFunction",
            "nowhere.json",
            "nowhere.json: no event could be read: No such file or directory",
        ),
        ("DiagnoseFunction", "prose.json", "prose.json: no event could be read: "),
        ("DiagnoseFunction", "list.json", "list.json: an event is one JSON object"),
        (
            "Diagnosis",
            "event.json",
            "Diagnosis: no such function; there are IntakeFunction, DiagnoseFunction, ",
        ),
        (
            "diagnose",
            "event.json",
            "no local stack at http://127.0.0.1:9 (Connection refused): `make local` ",
        ),
        ("DiagnoseFunction", "event.json", "no local stack at http://127.0.0.1:9 "),
    ],
)
def test_a_wrong_name_or_file_and_a_stack_that_is_not_there_are_named(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    function: str,
    event: str,
    said: str,
) -> None:
    for name, text in {"prose.json": "not JSON", "list.json": "[]", "event.json": "{}"}.items():
        (tmp_path / name).write_text(text)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setattr(sys, "argv", ["invoke", function, event])

    assert main() == 2
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith(said)
