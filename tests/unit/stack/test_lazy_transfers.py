"""boto3 in the layer imports S3's transfers only when somebody asks for what it knows of them."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import boto3.compat
import pytest

from local.aws.template import ROOT

SCRIPT = ROOT / "layers" / "dependencies" / "lazy_transfers.py"


def rewritten(folder: Path, text: str) -> tuple[Path, int]:
    copy = folder / "compat.py"
    copy.write_text(text, "utf-8")
    done = subprocess.run([sys.executable, SCRIPT, copy], capture_output=True, check=False)
    return copy, done.returncode


def test_all_names_are_still_there(tmp_path: Path) -> None:
    copy, code = rewritten(tmp_path, Path(str(boto3.compat.__file__)).read_text("utf-8"))
    spec = importlib.util.spec_from_file_location("rewritten_compat", copy)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert code == 0
    assert set(vars(boto3.compat)) - set(vars(module)) == {"TransferConfig", "TRANSFER_CONFIG_SUPPORTS_CRT"}
    assert module.TRANSFER_CONFIG_SUPPORTS_CRT == boto3.compat.TRANSFER_CONFIG_SUPPORTS_CRT
    with pytest.raises(AttributeError, match="nothing"):
        module.nothing  # noqa: B018 - that it raises is the point


def test_the_build_fails_where_boto3_has_changed_its_ways(tmp_path: Path) -> None:
    copy, code = rewritten(tmp_path, "import os\n")
    assert code != 0
    assert copy.read_text("utf-8") == "import os\n"
