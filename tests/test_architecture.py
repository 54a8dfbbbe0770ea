"""The tree keeps its shape: rooms import downwards only, and one place knows each thing.

Add a rule here when a review finds that something leaked out of its room. What a room does is
tested in the room of the same name beside this file.
"""

import ast
import re
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PRODUCT = ROOT / "pipelines"

LAYERS = (
    ("errors", "deadline"),
    ("listening",),
    ("settings", "run_context", "report"),
    ("resources",),
    ("ingest",),
    ("library", "surveys"),
    ("ops",),
    ("assets",),
    ("checks", "automation"),
    ("definitions",),
    ("dashboard",),
    ("cli",),
    ("launcher",),
)
"""What is at the root of `pipelines/`, from the bottom up: each may import what is below it."""

DOMAIN = (
    ("arrays", "plain_text", "schema"),
    ("time",),
    ("catalogue",),
    ("api",),
    ("privacy_export",),
    ("sources",),
    ("ledger",),
    ("contexts",),
    ("playlists", "survey"),
    ("insights",),
    ("all_tables",),
)
"""The same within `listening/`."""

MODULES = sorted(PRODUCT.rglob("*.py"))


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def imports(path: Path) -> Iterator[str]:
    """Modules of ours that a file imports, also within functions."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names if one.name.startswith("pipelines"))
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("pipelines"):
            yield from (f"{node.module}.{one.name}" for one in node.names)


def upward(layers: tuple[tuple[str, ...], ...], depth: int) -> list[str]:
    """Imports of a room that is above, or beside on the same level."""
    level = {room: number for number, rooms in enumerate(layers) for room in rooms}
    found = []
    for path in MODULES:
        own = name_of(path).split(".")
        if len(own) <= depth or own[1:depth] != ["listening"][: depth - 1]:
            continue
        for target in imports(path):
            parts = target.split(".")
            other = parts[depth] if len(parts) > depth and parts[:depth] == own[:depth] else None
            if other in level and other != own[depth] and level[other] >= level[own[depth]]:
                found.append(f"{'.'.join(own)} -> {target}")
    return found


def test_at_most_six_modules_are_loose_at_the_root() -> None:
    loose = {path.stem for path in PRODUCT.glob("*.py")} - {"__init__"}
    assert len(loose) <= 6, sorted(loose)


def test_every_room_at_the_root_has_its_layer() -> None:
    rooms = {path.name for path in PRODUCT.iterdir() if (path / "__init__.py").exists()}
    loose = {path.stem for path in PRODUCT.glob("*.py")} - {"__init__"}
    assert rooms | loose == {room for rooms in LAYERS for room in rooms}


def test_nothing_imports_upward() -> None:
    # Settings, what a run says of itself and the report's page share a level and know not of
    # each other.
    assert upward(LAYERS, 1) == []


def test_nothing_in_the_domain_imports_upward() -> None:
    assert upward(DOMAIN, 2) == []


def test_the_domain_knows_neither_dagster_nor_input_nor_output() -> None:
    found = []
    for path in (PRODUCT / "listening").rglob("*.py"):
        for node in ast.walk(parsed(path)):
            names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            tops = {name.split(".")[0] for name in names}
            found += [f"{name_of(path)}: {top}" for top in tops & {"dagster", "boto3", "requests"}]
    assert found == []


def test_every_package_says_what_belongs_in_it() -> None:
    for path in PRODUCT.rglob("__init__.py"):
        text = ast.get_docstring(parsed(path)) or ""
        assert len(text) > 60, name_of(path)


@pytest.mark.parametrize(
    ("pattern", "only_in"),
    [
        (r"\bSettings\(", {"definitions.py", "cli/main.py"}),
        # Where Dagster keeps its records is Dagster's own variable.
        (
            r"os\.environ(?!\.get\(.DAGSTER_HOME)",
            {
                *("settings/environment.py", "definitions.py", "resources/dagster_resources.py"),
                "cli/keep_up.py",  # which hands it on as it was given
            },
        ),
        (r"""["'](?:[^"'\n]*[^"'\n\w<`])?users/""", {"resources/lake/lakes.py"}),
        (r"dagster\._|dagster_shared", {"ops/dagster_internals.py"}),
    ],
)
def test_what_one_place_knows_no_other_place_does(pattern: str, only_in: set[str]) -> None:
    found = {
        path.relative_to(PRODUCT).as_posix()
        for path in MODULES
        for line in path.read_text().splitlines()
        if re.search(pattern, line) and not line.lstrip().startswith(("#", "class Settings"))
    }
    assert found <= only_in


def test_layers_are_named_once() -> None:
    rooms = [room for layers in (LAYERS, DOMAIN) for rooms in layers for room in rooms]
    assert all(one != other for one, other in pairwise(sorted(rooms)))
