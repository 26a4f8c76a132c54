"""The command line starts at once: help imports neither an AWS SDK nor what draws tables."""

import os
import subprocess
import sys

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
