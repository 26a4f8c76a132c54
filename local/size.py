"""What `sam build` left to be shipped, by package: KiB unpacked and zipped."""

import sys
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

LEAST_KIB = 50
"""Smaller packages are shown as one."""
_ENTRY_BYTES = 76
"""What an archive says of a file beside its name, which it says twice. Source: PKWARE's APPNOTE."""


def main(build: Path) -> None:
    """Prints a table for each function and layer in `build`, largest packages first."""
    for shipped in sorted(path for path in build.iterdir() if path.name.endswith(("Function", "Layer"))):
        packages = {path.name: _kib(path) for path in _packages(shipped)}
        small = {name for name, (unpacked, _) in packages.items() if unpacked < LEAST_KIB}
        rows = sorted(((*packages[name], name) for name in {*packages} - small), reverse=True)
        if small:
            rows.append((*_sum(packages[name] for name in small), f"{len(small)} smaller"))
        print(f"\n{shipped.name}: KiB unpacked, zipped")
        for unpacked, zipped, name in [*rows, (*_sum(packages.values()), "in all")]:
            print(f"{unpacked:9,.0f} {zipped:8,.0f}  {name}")


def _packages(shipped: Path) -> Iterator[Path]:
    """A layer's packages lie in its folder `python`, a function's in its own."""
    inner = shipped / "python"
    return (inner if inner.is_dir() else shipped).iterdir()


def _kib(package: Path) -> tuple[float, float]:
    files = [path for path in [package, *package.rglob("*")] if path.is_file()]
    contents = [path.read_bytes() for path in files]
    names = sum(_ENTRY_BYTES + 2 * len(str(path.relative_to(package.parent))) for path in files)
    zipped = sum(len(zlib.compress(content)) for content in contents) + names
    return sum(map(len, contents)) / 1024, zipped / 1024


def _sum(sizes: Iterable[tuple[float, float]]) -> tuple[float, float]:
    unpacked, zipped = zip(*sizes, strict=True)
    return sum(unpacked), sum(zipped)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
