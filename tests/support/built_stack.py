"""What `sam build` makes of this project, and what SAM uploads of it."""

import fcntl
import os
import subprocess
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from samtranslator.yaml_helper import yaml_parse

from local.aws.template import ROOT, TEMPLATE
from tests.support.runtime_emulator import ARCHITECTURE

_RESOURCES: dict[str, dict[str, str]] = yaml_parse(TEMPLATE.read_text("utf-8"))["Resources"]
FUNCTIONS = [name for name, it in _RESOURCES.items() if it["Type"] == "AWS::Serverless::Function"]
LAYERS = [name for name, it in _RESOURCES.items() if it["Type"] == "AWS::Serverless::LayerVersion"]
SHIPPED = [*FUNCTIONS, *LAYERS]
ARCHIVE_AS_SAM_DOES = """
import shutil, sys
from samcli.lib.package.utils import make_zip_with_lambda_permissions, zip_folder
for folder, archive in zip(sys.argv[1::2], sys.argv[2::2]):
    with zip_folder(folder, zip_method=make_zip_with_lambda_permissions) as (made, _):
        shutil.copy(made, archive)
"""


@dataclass(frozen=True)
class BuiltStack:
    """Three folders, for reading only: a test session shares them."""

    built: Path
    """As `sam build` left it, with the template that `sam deploy` takes."""
    archives: Path
    """`<logical id>.zip`: what SAM uploads of each function and layer."""
    unpacked: Path
    """The archives unpacked, as Lambda unpacks them, with the same template."""


def build_once(folder: Path) -> BuiltStack:
    """Builds in `folder` unless it was built there; other processes that ask for the same one wait."""
    stack = BuiltStack(folder / "built", folder / "archives", folder / "unpacked")
    with _lock(folder):
        if not stack.unpacked.exists():
            run("make", "build", f"ARCH={ARCHITECTURE}", f"BUILD_DIR={stack.built}")
            archive_and_unpack(stack)
    return stack


def archive_and_unpack(stack: BuiltStack) -> None:
    """Makes the archives of what was built, and unpacks them."""
    stack.archives.mkdir()
    pairs = [path for name in SHIPPED for path in (stack.built / name, stack.archives / f"{name}.zip")]
    run(ROOT / ".venv-sam" / "bin" / "python", "-c", ARCHIVE_AS_SAM_DOES, *pairs)
    unpacking = stack.unpacked.with_suffix(".part")
    for name in SHIPPED:
        with zipfile.ZipFile(stack.archives / f"{name}.zip") as archive:
            archive.extractall(unpacking / name)
    (unpacking / "template.yaml").write_bytes((stack.built / "template.yaml").read_bytes())
    unpacking.rename(stack.unpacked)


def run(*command: str | Path, environment: Mapping[str, str] = os.environ) -> None:
    """Runs a command in the project's folder; what it printed is shown when it fails."""
    ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr


@contextmanager
def _lock(folder: Path) -> Iterator[None]:
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
