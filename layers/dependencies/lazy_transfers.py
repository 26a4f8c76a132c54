"""Has boto3 import S3's transfers when they are asked for: a sixteenth of a cold start, for one constant."""

import ast
import sys
from pathlib import Path

IMPORT = "from s3transfer.manager import TransferConfig"
CONSTANT = "TRANSFER_CONFIG_SUPPORTS_CRT"
LAZY = f"""
def __getattr__(name):
    if name != {CONSTANT!r}:
        raise AttributeError(f"module {{__name__!r}} has no attribute {{name!r}}")
    {IMPORT}

    return hasattr(TransferConfig, "UNSET_DEFAULT")
"""


def main(compat: Path) -> None:
    """Rewrites `boto3/compat.py`; the build fails where boto3 has changed its ways."""
    tree = ast.parse(compat.read_text("utf-8"))
    rest = [node for node in tree.body if not _is_about_transfers(node)]
    if len(tree.body) - len(rest) != 2:
        sys.exit(f"{compat}: does not import S3's transfers as it did")
    compat.write_text("\n".join(map(ast.unparse, rest)) + "\n" + LAZY, "utf-8")


def _is_about_transfers(node: ast.stmt) -> bool:
    return ast.unparse(node) == IMPORT or (
        isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == CONSTANT
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
