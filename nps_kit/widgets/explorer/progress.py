"""Something that moves while answers are counted, so that nobody wonders."""

import contextvars
import html
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import ipywidgets
from IPython.core.getipython import get_ipython
from IPython.display import display

_PATIENCE = 1.0
"""So many seconds nobody wonders."""


@contextmanager
def tell_progress(what: str) -> Iterator[None]:
    """Tell how long the work has taken, from the second on in which one begins to wonder.

    It is told in a notebook alone, and gone when the work is done.

    Parameters
    ----------
    what
        What is being done.
    """
    if get_ipython() is None:
        yield
        return
    done = threading.Event()
    # What a thread shows goes to the cell that started it, by its context.
    within = contextvars.copy_context()
    teller = threading.Thread(target=within.run, args=(_tell, what, done), daemon=True)
    teller.start()
    try:
        yield
    finally:
        done.set()
        teller.join()


def _tell(what: str, done: threading.Event) -> None:
    start = time.monotonic()
    if done.wait(_PATIENCE):
        return
    shown = ipywidgets.HTML()
    shown.add_class("nps-progress")
    display(shown)  # type: ignore[no-untyped-call]
    while not done.wait(_PATIENCE / 2):
        seconds = time.monotonic() - start
        shown.value = f'<p role="status">{html.escape(what)}: {seconds:.0f} s</p>'
    shown.close()
