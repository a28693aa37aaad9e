"""The modules of the project, parsed once, as the structural tests look at them."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# Written by a tool: nobody reads it line by line, and the tool has its own ideas of style.
GENERATED = re.compile(r"_pb2(_grpc)?\.py$")


@dataclass(frozen=True)
class Module:
    """One Python file: where it is, and what stands in it."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        """The file, parsed."""
        return ast.parse(self.text, self.path)

    @property
    def is_package(self) -> bool:
        """Whether this is the `__init__.py` of a package."""
        return self.path.endswith("/__init__.py")

    @property
    def name(self) -> str:
        """The name by which it is imported."""
        return self.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    @property
    def first_word(self) -> str:
        """The first word of its docstring."""
        return ((ast.get_docstring(self.tree) or "").split() or [""])[0]

    def at(self, node: ast.stmt | ast.expr | ast.excepthandler) -> str:
        """Say where something is, as an editor understands it."""
        return f"{self.path}:{node.lineno}"


def modules(folder: str) -> list[Module]:
    """All Python files below a folder of the repository, but for generated and hidden ones."""
    paths = (path.relative_to(ROOT) for path in sorted((ROOT / folder).rglob("*.py")))
    return [
        Module(path.as_posix(), (ROOT / path).read_text("utf-8"))
        for path in paths
        if not GENERATED.search(path.name) and not any(part[0] == "." for part in path.parts)
    ]


def statements(module: Module) -> Iterator[ast.AST]:
    """Everything in a module, but for what only a type checker sees."""
    waiting: list[ast.AST] = [module.tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.If) and (dotted(node.test) or "").endswith("TYPE_CHECKING"):
            waiting.extend(node.orelse)
            continue
        yield node
        waiting.extend(ast.iter_child_nodes(node))


def dotted(node: ast.AST) -> str | None:
    """Spell `a.b.c` as it is written; None for anything that is no plain chain of names."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and (owner := dotted(node.value)) is not None:
        return f"{owner}.{node.attr}"
    return None


def imports(module: Module) -> Iterator[tuple[ast.stmt, str]]:
    """Everything a module imports when it runs, as full dotted names."""
    for node in statements(module):
        if isinstance(node, ast.Import):
            for name in node.names:
                yield node, name.name
        elif isinstance(node, ast.ImportFrom):
            for name in node.names:
                yield node, f"{node.module}.{name.name}"


def references(module: Module) -> Iterator[tuple[ast.expr, str]]:
    """Every use of a name or of a chain of names, spelled as if imported by `import a.b`."""
    full: dict[str, str] = {}
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            full |= {name.asname: name.name for name in node.names if name.asname}
        elif isinstance(node, ast.ImportFrom):
            full |= {n.asname or n.name: f"{node.module}.{n.name}" for n in node.names}
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Name | ast.Attribute) and (name := dotted(node)) is not None:
            first, _, rest = name.partition(".")
            yield node, ".".join(filter(None, [full.get(first, first), rest]))


def code_blocks(document: Path) -> str:
    """Everything a document shows as code."""
    text = document.read_text("utf-8")
    return "\n".join(re.findall(r"^```\w*\n(.*?)^```", text, re.DOTALL | re.MULTILINE))
