"""The command line starts at once, without an AWS SDK or what draws tables; and what a shell has of it."""

import os
import subprocess
import sys

import pytest

from cli.main import main
from cli.one_ticket import me
from local.aws.template import ROOT


def test_help_imports_no_sdk() -> None:
    program = "import sys; from cli.main import main; main(['--help']); print(sorted(sys.modules))"
    told = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT / "layers" / "shared")},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "list" in told
    assert not {"'boto3'", "'botocore'", "'rich'", "'pydantic'"} & set(told.replace("[", "").split(", "))


def test_a_shell_completes_commands_and_values() -> None:
    asked = {"COMP_WORDS": "differential list --state de", "COMP_CWORD": "3"}
    program = "import sys; from cli.main import main; sys.exit(main([]))"
    told = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={
            **os.environ,
            **asked,
            "PYTHONPATH": str(ROOT / "layers" / "shared"),
            "_DIFFERENTIAL_COMPLETE": "bash_complete",
        },
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert told.split() == ["plain,deferred"]


def test_without_its_package_an_assistant_s_server_says_what_to_install(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "mcp.server.mcpserver", None)
    monkeypatch.delitem(sys.modules, "cli.assistant.server", raising=False)
    assert main(["mcp"]) == 3
    told = capsys.readouterr()
    assert (told.out, len(told.err.splitlines())) == ("", 1)
    assert "pipx install 'differential[mcp]" in told.err


def test_who_has_no_name_on_this_machine_is_still_somebody(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody() -> str:
        raise KeyError("uid not found")

    monkeypatch.setattr("getpass.getuser", nobody)
    assert me() == ""
