"""A mistake in a notebook, told in the kit's own words instead of a traceback."""

import sys
from typing import Any

from nps_kit.errors import KitError

_WHOLE = "  The way here, line by line: run  %tb  in a cell of its own."


def show_mistakes() -> None:
    """Show errors of the kit as their message alone, where this runs in a notebook.

    The kernel reports them as errors like any other: what runs a notebook stops there. Any other
    error keeps its traceback, and ``%tb`` shows that of the last one.
    """
    # Only what is running already is asked: elsewhere IPython is not loaded for this.
    ipython = sys.modules.get("IPython")
    shell: Any = ipython.get_ipython() if ipython is not None else None
    if shell is not None:
        shell.set_custom_exc((KitError,), _tell)


def _tell(
    shell: Any,  # noqa: ANN401 - as IPython calls it
    kind: type[BaseException],
    error: BaseException,
    traceback: Any,  # noqa: ANN401
    tb_offset: int | None = None,  # noqa: ARG001 - as IPython calls it
) -> list[str]:
    # Where %tb looks for it.
    sys.last_type, sys.last_value, sys.last_traceback = kind, error, traceback
    told = [f"{kind.__name__}: {error}", *getattr(error, "__notes__", ()), _WHOLE]
    lines = "\n".join(told).split("\n")
    shell._showtraceback(kind, error, lines)  # noqa: SLF001 - what a shell of its own overrides
    return lines
