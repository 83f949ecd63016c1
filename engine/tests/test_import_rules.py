"""Who may import whom in the engine (ARCHITECTURE.md), read from the sources; and nobody in circles."""

import ast
from pathlib import Path

import pytest

from engine_calls import SOURCE_FOLDER

PACKAGE = "quantbot_engine"
BASE = {"errors", "protocol"}

# Room → the rooms it may import. Rooms that are not named here fail the test: decide where they stand.
ALLOWED: dict[str, set[str]] = {
    "protocol": set(),
    "errors": {"protocol"},
    "source_hash": set(),
    "jit": {"source_hash"},
    "lanes": {"jit"},
    "metrics": BASE | {"jit"},
    "indicators": BASE | {"jit", "slices"},
    "rules": BASE | {"indicators", "slices"},
    "search": BASE,
    "simulate": BASE | {"jit"},
    "slices": BASE,
    "objectives": BASE,
    "calls": BASE | {"jit", "lanes", "metrics", "search", "slices"},
    "strategies": BASE | {"jit", "calls", "indicators", "metrics", "objectives", "rules", "simulate", "slices"},
    "worker": BASE
    | {"", "source_hash", "calls", "indicators", "metrics", "search", "simulate", "slices", "strategies"},
    "__main__": {"worker"},
    "": set(),
}


def read_modules() -> dict[str, Path]:
    root = SOURCE_FOLDER / PACKAGE
    return {
        ".".join((PACKAGE, *path.relative_to(root).with_suffix("").parts)).removesuffix(".__init__"): path
        for path in root.rglob("*.py")
    }


MODULES = read_modules()


def find_imports(path: Path) -> set[str]:
    """Return the engine's modules that a file imports, deferred imports and import_module included."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            found |= {_module_of(f"{node.module}.{alias.name}", str(node.module)) for alias in node.names}
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in MODULES:
            found.add(node.value)
    return {name for name in found if name.split(".")[0] == PACKAGE}


def _module_of(name: str, parent: str) -> str:
    return name if name in MODULES else parent


def room_of(module: str) -> str:
    return [*module.split("."), ""][1]


@pytest.mark.parametrize("module", sorted(MODULES))
def test_a_room_imports_only_the_rooms_it_may(module: str) -> None:
    room = room_of(module)
    assert room in ALLOWED, f"{room}: decide whom it may import"
    imported = {room_of(name) for name in find_imports(MODULES[module])} - {room}
    assert imported <= ALLOWED[room]


def test_nobody_imports_in_circles() -> None:
    graph = {module: find_imports(path) - {module} for module, path in MODULES.items()}
    finished: set[str] = set()

    def visit(module: str, trail: tuple[str, ...]) -> None:
        assert module not in trail, " → ".join((*trail, module))
        if module not in finished:
            for imported in graph[module]:
                visit(imported, (*trail, module))
            finished.add(module)

    for module in graph:
        visit(module, ())


def test_only_the_door_to_numba_opens_it() -> None:
    doors = {module for module, path in MODULES.items() if "numba" in _imported_names(path)}
    assert doors == {f"{PACKAGE}.jit"}


def _imported_names(path: Path) -> set[str]:
    tree = ast.parse(path.read_text())
    imported = {
        alias.name.split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names
    }
    imported |= {str(node.module).split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    called = {
        str(node.args[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant)
    }
    return imported | {name for name in called if name == "numba" and "import_module" in path.read_text()}
