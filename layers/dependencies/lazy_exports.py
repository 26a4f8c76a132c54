"""Has the SDK's packages import a name when it is first asked for, instead of all names at once.

`import anthropic` reads three thousand modules, nearly all through `__init__.py` files that do nothing
but pass names on. Each of these is replaced by a table of where its names come from; the modules
themselves stay as they are. The same goes, in the SDK's own `__init__.py`, for the clients of other
clouds. docs/decisions/0014 has the figures.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

ROOMS = ("types", "resources", "lib")
CLOUDS = ("lib.aws", "lib.bedrock", "lib.foundry", "lib.google_cloud", "lib.vertex")
FEWEST_PACKAGES = 50
"""Fewer than these, and the SDK has changed its ways: then the build fails."""
LAZY = """
_HOMES = {homes!r}


def __getattr__(name):
    if name not in _HOMES:
        raise AttributeError(f"module {{__name__!r}} has no attribute {{name!r}}")
    from importlib import import_module

    module, original = _HOMES[name]
    value = globals()[name] = getattr(import_module(module, __name__), original)
    return value


def __dir__():
    return sorted({{*globals(), *_HOMES}})
"""


def main(sdk: Path) -> None:
    """Rewrites the package in `sdk`."""
    _make_clouds_lazy(sdk / "__init__.py")
    packages = [path for room in ROOMS for path in (sdk / room).rglob("__init__.py")]
    rewritten = sum(map(_make_lazy, packages))
    if rewritten < FEWEST_PACKAGES:
        sys.exit(f"{sdk}: only {rewritten} packages pass names on")


def _make_lazy(package: Path) -> bool:
    """Rewrites a package that does nothing but pass names on."""
    tree = ast.parse(package.read_text("utf-8"))
    rest = [node for node in tree.body if not _passes_on(node)]
    homes = _homes(package, tree.body)
    if not homes or not all(_says_nothing_else(node) for node in rest):
        return False
    package.write_text("\n".join(map(ast.unparse, rest)) + "\n" + LAZY.format(homes=homes), "utf-8")
    return True


def _make_clouds_lazy(package: Path) -> None:
    tree = ast.parse(package.read_text("utf-8"))
    clouds = [node for node in tree.body if _passes_on(node) and getattr(node, "module", "") in CLOUDS]
    if len(clouds) != len(CLOUDS) or any("__getattr__" in ast.unparse(node) for node in tree.body):
        sys.exit(f"{package}: does not import {CLOUDS} each once any more")
    rest = [node for node in tree.body if node not in clouds]
    text = "\n".join(map(ast.unparse, rest)) + "\n" + LAZY.format(homes=_homes(package, clouds))
    package.write_text(text, "utf-8")


def _passes_on(node: ast.stmt) -> bool:
    return isinstance(node, ast.ImportFrom) and node.level > 0


def _says_nothing_else(node: ast.stmt) -> bool:
    """A docstring, the list of names, or what is said to the compiler alone."""
    match node:
        case ast.Expr(value=ast.Constant()) | ast.Assign(targets=[ast.Name(id="__all__")]):
            return True
        case ast.ImportFrom(module="__future__"):
            return True
    return False


def _homes(package: Path, body: list[ast.stmt]) -> dict[str, tuple[str, str]]:
    """Each name, the module that it comes from, and what it is called there."""
    return {
        alias.asname or alias.name: ("." * node.level + (node.module or ""), alias.name)
        for node in body
        if isinstance(node, ast.ImportFrom) and node.level
        for alias in _names(package, node)
    }


def _names(package: Path, node: ast.ImportFrom) -> Iterator[ast.alias]:
    if node.names[0].name != "*":
        yield from node.names
        return
    inner = package.parent.joinpath(*str(node.module).split("."), "__init__.py")
    for name in _homes(inner, ast.parse(inner.read_text("utf-8")).body):
        yield ast.alias(name)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
