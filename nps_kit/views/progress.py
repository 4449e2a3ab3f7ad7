"""Something that moves in a notebook while it works, and leaves nothing behind."""

import contextvars
import html
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_PATIENCE = 1.5
"""So many seconds nobody wonders."""

_STEP = 0.5
"""So often the seconds are told."""

_LOOK = 'font-family: "Helvetica Neue", Helvetica, Arial, sans-serif; font-size: 14px'


@contextmanager
def tell_progress(what: str) -> Iterator[None]:
    """Tell how long work has taken, from the moment on at which one begins to wonder.

    It is told in a notebook alone, and taken away before the work's answer is shown: neither the
    notebook nor a page made of it holds any of it, however long the work took.

    Parameters
    ----------
    what
        What is being done: "Counting the answers".

    Yields
    ------
    None
        Until the work is done, well or not.

    Notes
    -----
    To take it away, the cell's output is cleared: what the same cell has printed before is no
    longer seen. Work that takes less than 1.5 seconds shows and clears nothing.

    Examples
    --------
    >>> with tell_progress("Counting the answers"):
    ...     answers = sum(range(10))
    >>> answers
    45
    """
    publisher = _find_publisher()
    if publisher is None:
        yield
        return
    done = threading.Event()
    told = threading.Event()
    # What a thread shows goes to the cell that started it, by its context.
    within = contextvars.copy_context()
    ask = (_tell, publisher, what, done, told)
    teller = threading.Thread(target=within.run, args=ask, daemon=True)
    teller.start()
    try:
        yield
    finally:
        done.set()
        teller.join()
        if told.is_set():
            publisher.clear_output(wait=False)


def _find_publisher() -> Any | None:  # noqa: ANN401 - of IPython, which has no types for it
    """Find what shows things in the notebook that runs; None in a terminal and a script."""
    # Only what is running already is asked: elsewhere IPython is not loaded for this.
    ipython = sys.modules.get("IPython")
    shell: Any = ipython.get_ipython() if ipython is not None else None
    return shell.display_pub if getattr(shell, "kernel", None) is not None else None


def _tell(
    publisher: Any,  # noqa: ANN401 - of IPython, which has no types for it
    what: str,
    done: threading.Event,
    told: threading.Event,
) -> None:
    start = time.monotonic()
    if done.wait(_PATIENCE):
        return
    told.set()
    place = {"display_id": uuid.uuid4().hex}
    # Shown with nothing in it and filled afterwards: what compares outputs then finds none.
    publisher.publish(data={}, metadata={}, transient=place)
    while True:
        words = f"{what}: {time.monotonic() - start:.0f} s"
        shown = f"<p role=\"status\" style='margin: 0; {_LOOK}'>{html.escape(words)}</p>"
        data = {"text/plain": words, "text/html": shown}
        publisher.publish(data=data, metadata={}, transient=place, update=True)
        if done.wait(_STEP):
            return
