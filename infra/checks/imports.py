"""Imports between the files of a crate run one way: no two files reach each other by them.

A file imports another when it names something in it by `crate::`, `self::`, `super::` or a child's name; to declare a
module is no import, to re-export from one is. Left out: tests inside a file, which are at its end.

    python infra/checks/imports.py        every crate of the workspace
    python infra/checks/imports.py api    the crates that are named
    python infra/checks/imports.py --self-test
"""

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

COMMENT = re.compile(r"//[^\n]*")
MODULE = re.compile(r'^\s*(?:#\[path = "([^"]+)"\]\s*)?(?:pub(?:\([^)]*\))? )?mod (\w+);', re.MULTILINE)
VISIBILITY = re.compile(r"\bpub\(in [^)]*\)")
USE = re.compile(r"^\s*(?:pub(?:\([^)]*\))? )?use ([^;]+);", re.MULTILINE)


def source(file: Path) -> str:
    text = VISIBILITY.sub("pub", COMMENT.sub("", file.read_text()))
    return re.split(r"#\[cfg\(test\)\]\s*mod tests\b(?!;)", text)[0]


def modules(root: Path) -> dict[tuple[str, ...], Path]:
    """The files of a target by the path of their module."""
    found: dict[tuple[str, ...], Path] = {(): root}
    # With the folder that the files of its children are in.
    left = [((), root.parent)]
    while left:
        at, folder = left.pop()
        file = found[at]
        for path, name in MODULE.findall(source(file)):
            if path:
                child = (file.parent / path).resolve()
                below = child.parent
            else:
                child, below = folder / f"{name}.rs", folder / name
            if not child.exists():
                raise FileNotFoundError(f"{file}: the file {child} of `mod {name};` does not exist")
            found[*at, name] = child
            left.append(((*at, name), below))
    return found


def leaves(tree: str, before: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """The paths of a `use`, with its braces opened."""
    tree = tree.strip()
    head, brace, rest = tree.partition("{")
    path = (*before, *(part.strip() for part in head.split("::") if part.strip()))
    if not brace:
        return [path]
    depth, start, parts, inner = 0, 0, [], rest[: rest.rindex("}")]
    for at, char in enumerate(inner):
        depth += (char == "{") - (char == "}")
        if char == "," and depth == 0:
            parts.append(inner[start:at])
            start = at + 1
    parts.append(inner[start:])
    return [leaf for part in parts if part.strip() for leaf in leaves(part, path)]


def named(file: Path) -> list[tuple[str, ...]]:
    text = source(file)
    paths = [leaf for use in USE.findall(text) for leaf in leaves(use)]
    body = USE.sub("", text)
    paths += [tuple(path.split("::")) for path in re.findall(r"(?<![\w:])(?:\$?\w+::)+\w+", body)]
    return paths


def imports(found: dict[tuple[str, ...], Path]) -> dict[Path, set[Path]]:
    edges: dict[Path, set[Path]] = {file: set() for file in found.values()}
    for at, file in found.items():
        for path in named(file):
            first, rest = path[0], path[1:]
            if first in ("crate", "$crate"):
                base = ()
            elif first == "self":
                base = at
            elif first == "super":
                base = at[:-1]
                while rest[:1] == ("super",):
                    base, rest = base[:-1], rest[1:]
            elif (*at, first) in found:
                base, rest = at, path
            else:
                continue
            while rest and (*base, rest[0]) in found:
                base, rest = (*base, rest[0]), rest[1:]
            # `self` alone, or a module by its name: the module itself.
            if found[base] != file:
                edges[file].add(found[base])
    return edges


def knots(edges: dict[Path, set[Path]]) -> list[list[Path]]:
    """Files that reach each other: Tarjan's strongly connected components of more than one."""
    order: dict[Path, int] = {}
    low: dict[Path, int] = {}
    stack: list[Path] = []
    found: list[list[Path]] = []

    def visit(file: Path) -> None:
        order[file] = low[file] = len(order)
        stack.append(file)
        for other in sorted(edges[file]):
            if other not in order:
                visit(other)
                low[file] = min(low[file], low[other])
            elif other in stack:
                low[file] = min(low[file], order[other])
        if low[file] == order[file]:
            at = stack.index(file)
            knot, stack[at:] = stack[at:], []
            if len(knot) > 1:
                found.append(sorted(knot))

    for file in sorted(edges):
        if file not in order:
            visit(file)
    return found


def self_test() -> None:
    """Fails unless a circle is found, also one through `#[path]`, and a module without a file is refused."""
    crate = {
        "src/lib.rs": '#[path = "../far/far.rs"]\npub mod far;\nmod near;\nmod leaf;\n',
        "far/far.rs": "use crate::near::{self, deep::Deep};\n",
        "src/near.rs": "pub(crate) mod deep;\nuse super::leaf::Leaf;\n",
        "src/near/deep.rs": "fn far() -> crate::far::Far {}\n",
        "src/leaf.rs": "// use crate::near;\n#[cfg(test)]\nmod tests {\n    use crate::near;\n}\n",
    }
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder).resolve()
        for name, text in crate.items():
            (base / name).parent.mkdir(parents=True, exist_ok=True)
            (base / name).write_text(text)
        found = knots(imports(modules(base / "src/lib.rs")))
        assert found == [[base / "far/far.rs", base / "src/near/deep.rs"]], found
        (base / "src/leaf.rs").unlink()
        try:
            modules(base / "src/lib.rs")
        except FileNotFoundError:
            return
        raise AssertionError("a module without a file is taken")


def main() -> int:
    if sys.argv[1:] == ["--self-test"]:
        self_test()
        return 0
    wanted = set(sys.argv[1:])
    answer = subprocess.run(
        ["cargo", "metadata", "--no-deps", "--format-version=1", "--offline"], capture_output=True, check=True
    )
    workspace = json.loads(answer.stdout)
    base = Path(workspace["workspace_root"])
    found = 0
    for package in workspace["packages"]:
        if wanted and package["name"] not in wanted:
            continue
        for target in package["targets"]:
            edges = imports(modules(Path(target["src_path"])))
            for knot in knots(edges):
                found += 1
                print(f"error: {package['name']}: these files import each other:")
                for file in knot:
                    names = ", ".join(str(other.relative_to(base)) for other in sorted(edges[file] & set(knot)))
                    print(f"  {file.relative_to(base)} imports {names}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
