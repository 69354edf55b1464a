"""The house: which room may import which, how heavy the door is, and what is public."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import corpuskit

PACKAGE = Path(corpuskit.__file__).parent

#: Room and its floor: a module imports from its own room and from lower floors only.
FLOORS = {
    "errors": 0, "model": 0, "process": 0,
    "text": 1, "words": 1, "cache": 1, "patterns": 1,
    "cleaning": 2, "metadata": 2, "duplicates": 2,
    "schemas": 3, "storage": 3, "config": 5,
    "sources": 4, "dataset": 4, "reviewing": 4,
    "tasks": 6, "run": 7, "cli": 8, "__main__": 9, "__init__": 9,
}  # fmt: skip

PURE = ("cleaning", "metadata", "duplicates")
NOT_IN_PURE = {"click", "pyarrow", "datasets", "pandas", "orjson"}


def modules() -> list[Path]:
    """Every module of the package."""
    return sorted(PACKAGE.rglob("*.py"))


def room(path: Path) -> str:
    """The room a module stands in: the folder below the package, or the module itself."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported(path: Path, top_only: bool = False) -> set[str]:
    """Names of the modules that a module imports, anywhere in it or at its top only."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    nodes = tree.body if top_only else list(ast.walk(tree))
    found = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {f"{node.module}.{name.name}" for name in node.names}
    return found


def test_every_room_has_a_floor() -> None:
    """A new room is put into the order on purpose, not by accident."""
    assert {room(path) for path in modules()} - set(FLOORS) == set()


def test_imports_point_down() -> None:
    """No module imports from a floor above its own, nor from another room of its floor."""
    wrong = []
    for path in modules():
        here = room(path)
        for name in imported(path):
            if name.startswith("corpuskit.") and (there := name.split(".")[1]) in FLOORS and there != here:
                allowed = FLOORS[there] < FLOORS[here] or (FLOORS[here], FLOORS[there]) == (0, 0)
                if not allowed and not (here == "words" and there == "text"):
                    wrong.append(f"{path.relative_to(PACKAGE)} imports {name}")
    assert wrong == []


def test_pure_stages_know_no_files_formats_or_terminals() -> None:
    """Cleaning, metadata and duplicates import neither click nor pyarrow nor datasets."""
    wrong = [
        f"{path.relative_to(PACKAGE)} imports {name}"
        for path in modules()
        if room(path) in PURE
        for name in imported(path)
        if name.split(".")[0] in NOT_IN_PURE
    ]
    assert wrong == []


def test_command_modules_import_click_alone_at_their_top() -> None:
    """Help answers at once because no command module loads a stage before it runs."""
    wrong = [
        f"{path.relative_to(PACKAGE)} imports {name}"
        for path in modules()
        if room(path) == "cli"
        for name in imported(path, top_only=True)
        if name.startswith("corpuskit.") and not name.startswith("corpuskit.cli.")
    ]
    assert wrong == []


def test_importing_corpuskit_loads_no_heavy_library() -> None:
    """`import corpuskit` costs no numpy, pyarrow, datasets, ftfy or click."""
    code = "import sys, corpuskit; print(*sorted({'numpy','pyarrow','datasets','ftfy','click','pandas'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_help_loads_no_heavy_library() -> None:
    """`corpuskit --help` imports click and nothing that takes time."""
    code = (
        "import sys; from click.testing import CliRunner; from corpuskit.cli import cli;"
        "result = CliRunner().invoke(cli, ['--help']); assert result.exit_code == 0, result.output;"
        "print(*sorted({'numpy','pyarrow','datasets','ftfy','pandas','re2'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_no_module_is_long() -> None:
    """Past 500 lines a module is split by noun."""
    long = {path.name: count for path in modules() if (count := len(path.read_text("utf-8").splitlines())) > 500}
    assert long == {}


def test_public_names_are_exactly_those_of_all() -> None:
    """What `corpuskit` exports is what `__all__` says, and each of it can be had."""
    assert sorted(corpuskit.__all__) == list(corpuskit.__all__)
    assert sorted(dir(corpuskit)) == sorted(corpuskit.__all__)
    assert all(getattr(corpuskit, name) is not None for name in corpuskit.__all__)
