"""The house of the package: which room may know which, and what the names promise.

Modules are read, never imported, but for what `import nps_kit` itself does.
"""

import ast
import importlib
import inspect
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[1]
PACKAGE = CHECKOUT / "nps_kit"

GROUND = frozenset(
    {
        *("errors", "scale", "schema", "counts", "selection", "periods"),
        *("outputs", "shipped", "credentials", "lines"),
    }
)

PUBLIC = ""
"""The package's own names, found on first use: the command line starts fast with them."""

MAY_KNOW: dict[str, frozenset[str]] = {
    **dict.fromkeys(GROUND, GROUND),
    "rows": GROUND,
    "stats": GROUND,
    "views": GROUND,
    "reports": GROUND,
    "widgets": GROUND | {"rows", "stats", "views"},
    "cli": GROUND | {"rows", "views", "reports", PUBLIC},
}
"""Each room, and the rooms it may import beside itself. Nobody may import `cli` or `widgets`."""

HEAVY = frozenset({"duckdb", "fsspec", "ibis", "lifelines", "pyspark", "statsmodels", "voila"})
"""Optional or slow to import: these alone may be imported inside a function."""

ONLY_IN: dict[str, tuple[str, ...]] = {
    "narwhals": ("nps_kit.rows",),
    **dict.fromkeys(
        ("adbc_driver_manager", "connectorx", "duckdb", "ibis", "psycopg", "pyspark", "sqlalchemy"),
        ("nps_kit.rows.addresses",),
    ),
}
"""Packages that only one room, or one module, knows."""

FORBIDDEN = frozenset({"utils", "util", "helpers", "common", "core", "misc", "base"})
TABLES = frozenset(
    {"responses", "interactions", "agents", "customers", "evaluations", "follow_ups"}
    | {"actions", "benchmarks", "targets"}
)
"""What a user brings: a table that may be left out is still passed by position."""

LONGEST = 400
STANDARD = sys.stdlib_module_names


@dataclass(frozen=True)
class Import:
    """One import: the module named, the line, and whether it waits inside a function."""

    target: str
    line: int
    late: bool


@dataclass(frozen=True)
class Module:
    """One module as it is written."""

    name: str
    source: str
    is_folder: bool = False

    @property
    def tree(self) -> ast.Module:
        """The module, parsed."""
        return ast.parse(self.source)

    @property
    def room(self) -> str:
        """The part of the package it belongs to; "" for the package's own `__init__`."""
        return self.name.partition(".")[2].partition(".")[0]


def shipped_modules() -> list[Module]:
    """Read every module of the package."""
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(CHECKOUT).with_suffix("").parts
        is_folder = parts[-1] == "__init__"
        name = ".".join(parts[:-1] if is_folder else parts)
        found.append(Module(name, path.read_text(encoding="utf-8"), is_folder))
    return found


def imports(module: Module, known: frozenset[str] = frozenset()) -> list[Import]:
    """List what a module imports; a name that is itself a module in `known` counts as that."""

    def walk(node: ast.AST, *, late: bool) -> Iterator[Import]:
        if isinstance(node, ast.Import):
            yield from (Import(alias.name, node.lineno, late) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            home = module.name.split(".")
            home = home[: len(home) - node.level + module.is_folder] if node.level else []
            target = ".".join([*home, *filter(None, [node.module])])
            for alias in node.names:
                if (target, alias.name) == ("nps_kit", "__version__"):
                    continue  # known before any module is
                inner = f"{target}.{alias.name}"
                yield Import(inner if inner in known else target, node.lineno, late)
        late = late or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        for child in ast.iter_child_nodes(node):
            yield from walk(child, late=late)

    return list(walk(module.tree, late=False))


def inner_imports(modules: list[Module]) -> dict[str, set[str]]:
    """Say which module of the package imports which."""
    known = frozenset(module.name for module in modules)
    return {
        module.name: {
            each.target
            for each in imports(module, known)
            if each.target.split(".")[0] == "nps_kit" and each.target != module.name
        }
        for module in modules
    }


def wrong_ways(modules: list[Module]) -> list[str]:
    """Find imports from a room that the importing room may not know."""
    rooms = {module.name: module.room for module in modules}
    found = []
    for name, targets in inner_imports(modules).items():
        if not (room := rooms[name]):
            continue
        may = MAY_KNOW.get(room)
        if may is None:
            found.append(f"{name}: the room '{room}' is not in the house")
            continue
        for target in sorted(targets):
            there = target.partition(".")[2].partition(".")[0]
            if there not in may | {room}:
                found.append(f"{name} imports {target}")
    return found


def wrong_calls(modules: list[Module]) -> list[str]:
    """Find public names that a room uses though it may not know the room they live in."""
    homes = {function.name: m.room for m in modules for function in public_functions(m)}
    found = []
    for module in modules:
        aliases = {
            alias.asname or alias.name
            for node in module.tree.body
            if isinstance(node, ast.Import)
            for alias in node.names
            if alias.name == "nps_kit"
        }
        for node in ast.walk(module.tree):
            if not (isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)):
                continue
            there = homes.get(node.attr)
            if node.value.id in aliases and there and there not in MAY_KNOW[module.room]:
                found.append(f"{module.name}:{node.lineno} uses {node.attr}, of {there}")
    return found


def circles(modules: list[Module]) -> list[str]:
    """Find modules that import one another, straight or by a detour."""
    graph = {name: targets for name, targets in inner_imports(modules).items() if name != "nps_kit"}
    found: set[str] = set()

    def follow(name: str, way: tuple[str, ...]) -> None:
        if name in way:
            circle = way[way.index(name) :]
            first = circle.index(min(circle))
            found.add(" -> ".join([*circle[first:], *circle[:first], circle[first]]))
            return
        if name not in done:
            for target in sorted(graph.get(name, ())):
                follow(target, (*way, name))
            done.add(name)

    done: set[str] = set()
    for name in sorted(graph):
        follow(name, ())
    return sorted(found)


def late_imports(module: Module) -> list[str]:
    """Find imports inside functions, but for the packages listed as heavy."""
    return [
        f"{module.name}:{each.line} imports {each.target} inside a function"
        for each in imports(module)
        if each.late and each.target.split(".")[0] not in HEAVY
    ]


def out_of_place(module: Module) -> list[str]:
    """Find packages imported where only another room may know them."""
    found = []
    for each in imports(module):
        homes = ONLY_IN.get(each.target.split(".")[0])
        if homes and not any(f"{module.name}.".startswith(f"{home}.") for home in homes):
            found.append(f"{module.name}:{each.line} imports {each.target}: only {homes} may")
    return found


def empty_names(names: list[str]) -> list[str]:
    """Find modules whose name says nothing."""
    return [name for name in names if FORBIDDEN & set(name.strip("_").split("."))]


def hidden_modules(modules: list[Module]) -> list[str]:
    """Find public names that stand where a module of the same name stands, and hide it."""
    names = {module.name for module in modules}
    found = []
    for module in modules:
        beside = module.name if module.is_folder else module.name.rpartition(".")[0]
        for node in module.tree.body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                given = [node.name]
            elif isinstance(node, ast.ImportFrom) and module.is_folder:
                # A folder that lifts a function out of a module of its name loses the module.
                given = [alias.asname or alias.name for alias in node.names]
                given = [name for name in given if f"{node.module}.{name}" not in names]
            else:
                continue
            found += [f"{module.name}.{name}" for name in given if f"{beside}.{name}" in names]
    return found


def too_long(module: Module) -> list[str]:
    """Find a module too long to be read at one go."""
    lines = len(module.source.splitlines())
    remedy = f"{module.name} has {lines} lines: make it a folder, a module a reader's question"
    return [remedy] if lines > LONGEST else []


def public_functions(module: Module) -> list[ast.FunctionDef]:
    """List the functions of a module that have no underscore."""
    return [
        node
        for node in module.tree.body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
    ]


def loose_arguments(function: ast.FunctionDef) -> list[str]:
    """Find arguments that could be passed by position though they are options, or unnamed."""
    takes = function.args
    found = [] if takes.kwarg is None else [f"{function.name} takes **{takes.kwarg.arg}"]
    found += [] if takes.vararg is None else [f"{function.name} takes *{takes.vararg.arg}"]
    options = [*takes.posonlyargs, *takes.args][-len(takes.defaults) :] if takes.defaults else []
    return found + [
        f"{function.name} takes {option.arg} by position"
        for option in options
        if option.arg not in TABLES and not is_frame(option)
    ]


def is_frame(argument: ast.arg) -> bool:
    """Tell whether an argument is a small table that may be left out."""
    return argument.annotation is not None and (
        ast.unparse(argument.annotation) == "pl.DataFrame | None"
    )


def undocumented(function: ast.FunctionDef) -> list[str]:
    """Find what a public function's docstring leaves out of its numpy sections."""
    text = ast.get_docstring(function) or ""
    found = [] if text else [f"{function.name} has no docstring"]
    takes = function.args
    names = [each.arg for each in [*takes.posonlyargs, *takes.args, *takes.kwonlyargs]]
    _, _, parameters = text.partition("Parameters\n----------\n")
    parameters = re.split(r"^\w[\w ]*\n---", parameters, maxsplit=1, flags=re.MULTILINE)[0]
    told = re.findall(r"^(\w[\w, ]*)$", parameters, re.MULTILINE)
    listed = {name for line in told for name in re.split(r",\s*", line)}
    found += [f"{function.name} does not say what {n} is" for n in names if n not in listed]
    gives = function.returns is not None and ast.unparse(function.returns) not in {"None", "Never"}
    if gives and not re.search(r"^(Returns|Yields)\n-+$", text, re.MULTILINE):
        found.append(f"{function.name} does not say what it returns")
    return found


def flat(found: list[list[str]]) -> list[str]:
    """Join lists of findings into one."""
    return [line for lines in found for line in lines]


@pytest.fixture(scope="module")
def modules() -> list[Module]:
    """Read the package."""
    return shipped_modules()


@pytest.fixture(scope="module")
def exported() -> list[ast.FunctionDef]:
    """Find the source of every function that `nps_kit.__all__` names."""
    names = set(importlib.import_module("nps_kit").__all__)
    return [
        function
        for module in shipped_modules()
        for function in public_functions(module)
        if function.name in names
    ]


class TestImports:
    def test_run_one_way(self, modules):
        """A room knows the ground and what stands under it, nothing beside or above it."""
        assert [] == wrong_ways(modules)
        assert [] == wrong_calls(modules)

    def test_make_no_circle(self, modules):
        """A module can be read, and taken out, without those that stand on it."""
        assert [] == circles(modules)

    def test_stand_at_the_top(self, modules):
        """What a module needs is seen in its first lines."""
        assert [] == flat([late_imports(module) for module in modules])

    def test_keep_engines_and_databases_in_their_room(self, modules):
        """Only `rows` knows narwhals, only its addresses know databases."""
        assert [] == flat([out_of_place(module) for module in modules])


class TestNames:
    def test_of_modules_say_something(self, modules):
        """No drawer for everything."""
        assert [] == empty_names([module.name for module in modules])

    def test_of_functions_hide_no_module(self, modules):
        """Modules are nouns, functions are verbs."""
        assert [] == hidden_modules(modules)


class TestModules:
    def test_are_short_enough_to_read(self, modules):
        """A long module becomes a folder."""
        assert [] == flat([too_long(module) for module in modules])

    def test_say_what_they_are(self, modules):
        """A module opens with its line of the house."""
        assert [] == [m.name for m in modules if not ast.get_docstring(m.tree)]


def loaded_by(statement: str) -> set[str]:
    """Ask a fresh Python which modules it has loaded after a statement."""
    code = f"{statement}\nimport sys, json; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=CHECKOUT
    )
    return set(json.loads(done.stdout))


class TestImportingThePackage:
    def test_loads_nothing_else(self):
        """`import nps_kit` costs nothing: no room of it, no other package, is loaded."""
        loaded = loaded_by("import nps_kit") - loaded_by("pass") - {"nps_kit"}

        assert set() == {name for name in loaded if name.split(".")[0] not in STANDARD}

    def test_loads_a_room_when_it_is_used(self):
        """The first use of a name brings its module."""
        assert "nps_kit.stats.estimates" in loaded_by("import nps_kit; nps_kit.estimate_nps")


class TestAll:
    def test_is_sorted(self):
        """A name is found where the alphabet puts it."""
        names = importlib.import_module("nps_kit").__all__

        assert sorted(set(names)) == list(names)

    def test_resolves(self):
        """Every name that is offered can be had."""
        kit = importlib.import_module("nps_kit")

        assert [] == [name for name in kit.__all__ if not hasattr(kit, name)]

    def test_is_what_dir_lists(self):
        """Completion in an editor shows every name before any is loaded."""
        kit = importlib.import_module("nps_kit")

        assert set(kit.__all__) <= set(dir(kit))

    def test_hides_no_room(self):
        """`nps_kit.rows` stays the room."""
        rooms = {module.room for module in shipped_modules()}

        assert set() == rooms & set(importlib.import_module("nps_kit").__all__)

    def test_an_unknown_name_is_an_attribute_error(self):
        """A misspelt name fails as it does in any module."""
        with pytest.raises(AttributeError, match="estimate_npx"):
            _ = importlib.import_module("nps_kit").estimate_npx

    def test_finds_every_function_in_the_source(self, exported):
        """The rules on functions below see all that is offered."""
        kit = importlib.import_module("nps_kit")
        functions = {name for name in kit.__all__ if inspect.isfunction(getattr(kit, name))}

        assert functions == {function.name for function in exported}

    def test_functions_take_only_their_tables_by_position(self, exported):
        """Options are named where they are used, and a misspelt one is refused."""
        assert [] == flat([loose_arguments(function) for function in exported])

    def test_functions_are_documented(self, exported):
        """Each says what it takes and what it gives."""
        assert [] == flat([undocumented(function) for function in exported])


def module(source: str, name: str = "nps_kit.stats.x", *, is_folder: bool = False) -> Module:
    """Write a module for a test of a rule."""
    return Module(name, source, is_folder)


def function(source: str) -> ast.FunctionDef:
    """Write a function for a test of a rule."""
    (written,) = public_functions(module(source))
    return written


class TestTheRules:
    """Each rule is broken on purpose, and notices."""

    @pytest.mark.parametrize(
        ("name", "source"),
        [
            ("nps_kit.stats.x", "from nps_kit.views.charts import draw"),
            ("nps_kit.stats.x", "def f():\n    import nps_kit.rows"),
            ("nps_kit.stats.x", "from nps_kit import views"),
            ("nps_kit.stats.x", "from ..views import charts"),
            ("nps_kit.counts", "from nps_kit.rows import tallies"),
            ("nps_kit.reports.render", "from nps_kit.stats.estimates import estimate_nps"),
            ("nps_kit.views.x", "from nps_kit.cli import main"),
            ("nps_kit.cli", "from nps_kit.widgets import explore"),
            ("nps_kit.cellar.x", "from nps_kit import errors"),
            ("nps_kit.stats.x", "import nps_kit"),
            ("nps_kit.stats.x", "from nps_kit import estimate_nps"),
        ],
    )
    def test_notice_a_wrong_way(self, name, source):
        """A room that knows its neighbour is found."""
        views = module('"""."""', "nps_kit.views", is_folder=True)

        assert 1 == len(wrong_ways([module(source, name), views]))

    def test_notice_a_wrong_call(self):
        """A public name that lives in a room out of reach is found."""
        stats = module("def estimate_nps(counts): ...", "nps_kit.stats.estimates")
        rows = module("def tally(responses): ...", "nps_kit.rows.tallies")
        source = "import nps_kit as kit\nkit.tally(1)\nkit.estimate_nps(1)"

        assert ["nps_kit.cli:3 uses estimate_nps, of stats"] == (
            wrong_calls([stats, rows, module(source, "nps_kit.cli")])
        )

    def test_let_the_right_way_pass(self):
        """The ground, one's own room, and the version may be imported."""
        lines = [
            "from nps_kit import __version__",
            "from nps_kit.errors import listed",
            "from nps_kit.stats.intervals import wald",
        ]

        assert [] == wrong_ways([module("\n".join(lines))])

    def test_notice_a_circle(self):
        """A detour of three is found, and named once."""
        ring = {"a": "b", "b": "c", "c": "a"}
        written = [
            module(f"from nps_kit.stats.{there} import f", f"nps_kit.stats.{here}")
            for here, there in ring.items()
        ]

        assert ["nps_kit.stats.a -> nps_kit.stats.b -> nps_kit.stats.c -> nps_kit.stats.a"] == (
            circles(written)
        )

    def test_notice_a_late_import(self):
        """An import inside a function is found; a heavy optional one passes."""
        late = module("def f():\n    import numpy\n    import duckdb\n")

        assert ["nps_kit.stats.x:2 imports numpy inside a function"] == late_imports(late)

    @pytest.mark.parametrize(
        ("name", "source", "findings"),
        [
            ("nps_kit.stats.x", "import narwhals as nw", 1),
            ("nps_kit.rows.tallies", "import narwhals as nw", 0),
            ("nps_kit.rows.tallies", "import duckdb", 1),
            ("nps_kit.rows.addresses", "from ibis import connect", 0),
            ("nps_kit.rows.addresses.postgres", "import ibis", 0),
        ],
    )
    def test_notice_a_package_out_of_place(self, name, source, findings):
        """Narwhals outside `rows`, a database outside its addresses, is found."""
        assert findings == len(out_of_place(module(source, name)))

    def test_notice_an_empty_name(self):
        """A drawer for everything is found, wherever it stands."""
        names = ["nps_kit.stats.utils", "nps_kit.core.x", "nps_kit.rows.tallies"]

        assert names[:2] == empty_names(names)

    @pytest.mark.parametrize(
        ("name", "source", "is_folder"),
        [
            ("nps_kit.stats.shares", "def shares(): ...", False),
            ("nps_kit.stats.x", "class shares: ...", False),
            ("nps_kit.stats", "from nps_kit.stats.shares import shares", True),
        ],
    )
    def test_notice_a_hidden_module(self, name, source, is_folder):
        """A function that stands where a module of its name stands is found."""
        shares = module("", "nps_kit.stats.shares")

        assert 1 == len(hidden_modules([module(source, name, is_folder=is_folder), shares]))

    def test_let_the_same_word_pass_in_another_room(self):
        """A name hides only what stands beside it."""
        written = [module("def score(): ..."), module("", "nps_kit.views.sentences.score")]

        assert [] == hidden_modules(written)

    def test_notice_a_long_module(self):
        """One line too many is found, and the remedy is said."""
        assert [] == too_long(module("#\n" * LONGEST))
        assert "make it a folder" in too_long(module("#\n" * (LONGEST + 1)))[0]

    @pytest.mark.parametrize(
        "arguments", ["t, by=()", "t, *, by=(), **more", "*tables", "t, level=0.95, /"]
    )
    def test_notice_a_loose_argument(self, arguments):
        """An option that could be passed by position, or under any name, is found."""
        assert 1 == len(loose_arguments(function(f"def f({arguments}): ...")))

    def test_let_a_table_pass_by_position(self):
        """A table that may be left out is no option."""
        assert [] == loose_arguments(function("def f(responses, agents=None, *, by=()): ..."))

    @pytest.mark.parametrize(
        ("docstring", "findings"),
        [
            ("", 3),
            ("Do.", 2),
            ("Do.\n\nParameters\n----------\nt\n    Table.", 1),
            ("Do.\n\nParameters\n----------\nu\n    No.\n\nReturns\n-------\nTable.", 1),
            ("Do.\n\nParameters\n----------\nt\n    Table.\n\nReturns\n-------\nTable.", 0),
        ],
    )
    def test_notice_a_gap_in_a_docstring(self, docstring, findings):
        """What is not said of a function's arguments and result is found."""
        assert findings == len(undocumented(function(f"def f(t) -> int:\n    {docstring!r}")))

    def test_notice_what_an_import_loads(self):
        """A package that is loaded on the way is seen."""
        assert "polars" in loaded_by("import nps_kit.scale")
