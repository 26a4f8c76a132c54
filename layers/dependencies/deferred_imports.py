"""Has modules that every start reads import, when it is first used, what no start uses.

boto3 reads its transfers from and to S3 (which bring multiprocessing), botocore and boto3 what writes their
documentation (an HTML parser), urllib3 and pydantic importlib.metadata (which brings zipfile). None of it is
used to call DynamoDB or SQS. docs/decisions/0014 has the figures.
"""

import ast
import sys
from pathlib import Path

USED_IN_FUNCTIONS = {
    "boto3/docs/__init__.py": "boto3.docs.service",
    "boto3/docs/docstring.py": "boto3.docs",
    "botocore/docs/__init__.py": "botocore.docs.service",
    "botocore/docs/docstring.py": "botocore.docs",
    "pydantic/plugin/_loader.py": "importlib.metadata",
    "urllib3/http2/__init__.py": "importlib.metadata",
}
"""A module, and what it imports names from that its functions alone use."""
USED_FOR_A_VALUE = {"boto3/compat.py": ("s3transfer.manager", "TRANSFER_CONFIG_SUPPORTS_CRT")}
"""A module, and what it imports from for the one value that it works out with it, for other modules."""
WORKED_OUT = """
def __getattr__(name):
    if name != {name!r}:
        raise AttributeError(f"module {{__name__!r}} has no attribute {{name!r}}")
    return _worked_out()


def _worked_out():
    return {value}
"""
"""The import is in a function of its own: Python asks a module for other names as well, such as __path__."""


class ChangedError(Exception):
    """Raised when a package has changed its ways: then the build fails."""


def main(packages: Path) -> None:
    """Rewrites the modules in `packages`. Raises ChangedError when one is not as expected."""
    for name, origin in USED_IN_FUNCTIONS.items():
        _rewrite(packages / name, *_taken_out(packages / name, origin))
    for name, (origin, value) in USED_FOR_A_VALUE.items():
        tree, imports = _taken_out(packages / name, origin)
        _rewrite(packages / name, _with_value_worked_out(tree, value), imports)


def _taken_out(path: Path, origin: str) -> tuple[ast.Module, dict[str, ast.ImportFrom]]:
    """The module without its imports from `origin` and below, and these by the names that they bring."""
    tree = ast.parse(path.read_text("utf-8"))
    taken = [node for node in tree.body if isinstance(node, ast.ImportFrom) and _is_from(node, origin)]
    tree.body = [node for node in tree.body if node not in taken]
    imports = {alias.asname or alias.name: node for node in taken for alias in node.names}
    if not imports:
        raise ChangedError(f"{path}: imports nothing from {origin} any more")
    return tree, imports


def _is_from(node: ast.ImportFrom, origin: str) -> bool:
    return not node.level and f"{node.module}.".startswith(f"{origin}.")


def _with_value_worked_out(tree: ast.Module, name: str) -> ast.Module:
    """The module with a value that it no longer has, and works out whenever another asks for it."""
    for node in tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id=found)], value=value) if found == name:
                tree.body.remove(node)
                tree.body += ast.parse(WORKED_OUT.format(name=name, value=ast.unparse(value))).body
                return tree
    raise ChangedError(f"{name} is not set any more")


def _rewrite(path: Path, tree: ast.Module, imports: dict[str, ast.ImportFrom]) -> None:
    """Each function of the module now imports what it uses; nothing else may use it."""
    within = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    used = {function: names for function in within if (names := _used(function, imports))}
    if _used(tree, imports) - set().union(*used.values()) or not used:
        raise ChangedError(f"{path}: uses {sorted(imports)} outside its functions, or not at all")
    elsewhere = [node for node in tree.body if not isinstance(node, ast.FunctionDef | ast.ClassDef)]
    if any(_used(node, imports) for node in elsewhere):
        raise ChangedError(f"{path}: uses some of {sorted(imports)} when it is imported")
    for function, names in used.items():
        used_here = {name: imports[name] for name in sorted(names)}
        block = _innermost(function.body, used_here)
        first = next(index for index, node in enumerate(block) if _used(node, used_here))
        block[first:first] = {id(node): node for node in used_here.values()}.values()
    path.write_text(ast.unparse(ast.fix_missing_locations(tree)) + "\n", "utf-8")


def _innermost(block: list[ast.stmt], names: dict[str, ast.ImportFrom]) -> list[ast.stmt]:
    """The innermost block that has all uses of the names in it: what is not reached imports nothing."""
    using = [node for node in block if _used(node, names)]
    parts = [vars(using[0]).get(part, []) for part in ("body", "orelse")] if len(using) == 1 else []
    for part in parts:
        if sum(_uses(node, names) for node in part) == _uses(using[0], names):
            return _innermost(part, names)
    return block


def _uses(inside: ast.AST, names: dict[str, ast.ImportFrom]) -> int:
    return sum(isinstance(node, ast.Name) and node.id in names for node in ast.walk(inside))


def _used(inside: ast.AST, names: dict[str, ast.ImportFrom]) -> set[str]:
    return {node.id for node in ast.walk(inside) if isinstance(node, ast.Name)} & names.keys()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
