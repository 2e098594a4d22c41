"""The shape of the tree, held by walking its imports."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MODULES = sorted((ROOT / "coach").rglob("*.py"))

HEAVY = {
    "llama_cpp": {"coach/llm/native.py"},
    "chromadb": {"coach/index/chroma.py"},
    "sklearn": {"coach/judge/fit.py", "coach/judge/metrics.py"},
    "sqlcipher3": {"coach/journal/engine.py"},
    "httpx": {"coach/models/hub.py"},
}

BELOW = {
    "coach/reviews": ("coach.ui", "coach.cli", "coach.compose", "coach.flow", "coach.journal", "coach.judge", "coach.patterns"),
    "coach/growth": ("coach.ui", "coach.cli", "coach.compose", "coach.flow", "coach.journal", "coach.judge", "coach.patterns"),
    "coach/patterns": ("coach.ui", "coach.cli", "coach.compose", "coach.flow"),
    "coach/importers": ("coach.ui", "coach.cli", "coach.compose", "coach.flow", "coach.journal", "coach.judge", "coach.patterns"),
    "coach/flow": ("coach.ui", "coach.cli", "coach.compose"),
    "coach/judge": ("coach.ui", "coach.cli", "coach.compose", "coach.flow", "coach.pushback"),
    "coach/pushback": ("coach.ui", "coach.cli", "coach.compose", "coach.flow"),
    "coach/llm": ("coach.ui", "coach.cli", "coach.compose", "coach.flow", "coach.judge", "coach.pushback", "coach.journal"),
    "coach/journal": ("coach.ui", "coach.cli", "coach.compose", "coach.flow", "coach.judge", "coach.pushback", "coach.index"),
    "coach/index": ("coach.ui", "coach.cli", "coach.compose", "coach.flow", "coach.judge", "coach.pushback", "coach.journal"),
    "coach/clock": ("coach.ui", "coach.cli", "coach.compose", "coach.flow", "coach.judge", "coach.pushback", "coach.journal"),
}

ADAPTERS = (
    "coach.llm.llama",
    "coach.llm.remote",
    "coach.llm.fake",
    "coach.journal.sqlite",
    "coach.index.chroma",
    "coach.index.memory",
)
MAY_CHOOSE = {
    "coach/compose.py",
    "coach/workshop.py",
    "coach/laboratory.py",
    "coach/cli/commands/judge.py",
    "coach/cli/commands/doctor.py",
}


def imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("library", HEAVY)
def test_a_heavy_library_is_imported_in_one_place(library: str) -> None:
    users = {name(path) for path in MODULES if any(one.split(".")[0] == library for one in imports(path))}
    assert users == HEAVY[library]


def test_streamlit_is_imported_by_the_screens_alone() -> None:
    users = {name(path) for path in MODULES if any(one.split(".")[0] == "streamlit" for one in imports(path))}
    assert users
    assert all(user.startswith("coach/ui/") for user in users)


@pytest.mark.parametrize("folder", BELOW)
def test_dependencies_go_one_way(folder: str) -> None:
    for path in (ROOT / folder).rglob("*.py"):
        upward = [one for one in imports(path) if one.startswith(BELOW[folder])]
        assert not upward, f"{name(path)} imports {upward}"


def test_only_the_composition_root_chooses_adapters() -> None:
    users = {name(path) for path in MODULES if any(one.startswith(ADAPTERS) for one in imports(path))}
    own = {"coach/index/chroma.py", "coach/index/memory.py", "coach/index/meanwhile.py"}
    assert users - own <= MAY_CHOOSE


def test_every_module_says_what_it_is_for() -> None:
    for path in MODULES:
        assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))), f"{name(path)} has no docstring"


def test_functions_fit_on_a_screen() -> None:
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                lines = (node.end_lineno or 0) - node.lineno
                assert lines <= 40, f"{name(path)}: {node.name} has {lines} lines"


def test_commands_start_without_heavy_libraries() -> None:
    code = "import sys, coach.cli; print([m for m in ('llama_cpp', 'chromadb', 'streamlit', 'sklearn') if m in sys.modules])"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"
