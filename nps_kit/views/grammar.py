"""A grammar that is built when it is asked for, so that the first chart is there a second sooner.

Altair checks its charts with jsonschema. Where `rfc3987_syntax` is installed, and JupyterLab brings
it, jsonschema builds a grammar of international addresses as it is imported, which takes longer
than altair itself; no chart holds such an address. A check of one still finds the grammar.
"""

import sys
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Any

NAME = "rfc3987_syntax"


class _Waiting(ModuleType):
    """A module in the place of one that is slow to import, until something of it is used."""

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the module holds
        # Whoever looks through all modules looks at such names, and wants nothing.
        if name.startswith("__"):
            raise AttributeError(f"module '{NAME}' has no attribute '{name}' yet")
        return getattr(_load(), name)

    def is_valid_syntax(self, term: str, value: str) -> bool:
        """Tell whether a text is what a term of the grammar names."""
        return bool(_load().is_valid_syntax(term, value))


def _load() -> ModuleType:
    if isinstance(sys.modules.get(NAME), _Waiting):
        del sys.modules[NAME]
    return import_module(NAME)


def build_later() -> None:
    """Let the grammar wait, unless it is built already or not installed."""
    if NAME in sys.modules or (spec := find_spec(NAME)) is None:
        return
    waiting = _Waiting(NAME)
    waiting.__spec__, waiting.__file__ = spec, spec.origin
    waiting.__path__ = list(spec.submodule_search_locations or ())
    sys.modules[NAME] = waiting
