"""The stack as `sam build` makes it by itself: what the cold starts are compared with.

The same sources and the same locked packages, by SAM's own build of Python code: no bytecode is shipped, no
package is pruned, every function gets all of functions/.
"""

import os
from pathlib import Path

from local.aws.template import ROOT, TEMPLATE
from tests.support.built_stack import BuiltStack, archive_and_unpack, run
from tests.support.runtime_emulator import ARCHITECTURE, PYTHON

_FUNCTION = "Type: AWS::Serverless::Function\n"
_MAKEFILE = "BuildMethod: makefile\n"


def plain_build(folder: Path) -> BuiltStack:
    """Builds in `folder`, where nothing was built before."""
    folder.mkdir(parents=True, exist_ok=True)
    template = folder / "template.yaml"
    template.write_text(_plain(TEMPLATE.read_text("utf-8")), "utf-8")
    stack = BuiltStack(folder / "built", folder / "archives", folder / "unpacked")
    tools = f"{PYTHON.parent}{os.pathsep}{os.environ['PATH']}"
    run(
        *(ROOT / ".venv-sam" / "bin" / "sam", "build", "--template", template, "--build-dir", stack.built),
        *("--parameter-overrides", f"Architecture={ARCHITECTURE}"),
        environment={**os.environ, "PATH": tools, "SAM_CLI_TELEMETRY": "0"},
    )
    archive_and_unpack(stack)
    return stack


def _plain(template: str) -> str:
    template = template.replace(f"{_FUNCTION}    Metadata:\n      {_MAKEFILE}", _FUNCTION)
    template = template.replace(_MAKEFILE, "BuildMethod: python3.13\n")
    for sources in ("functions/", "layers/"):
        template = template.replace(f"Uri: {sources}", f"Uri: {ROOT / sources}/")
    return template
