"""Work that is killed in the middle, at every moment at which something changes on the disk."""

import os
import signal
import sys
from collections.abc import Callable

CHANGES = {"open", "os.link", "os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.symlink"}


def is_killed(work: Callable[[], object], *, before: int) -> bool:
    """Do work in a process of its own, killed before its so-many-th change; tell whether it was.

    The system tells of each change before it makes it, so that no moment between two is left out.
    Whoever calls this counts up from 0 until it says no.
    """
    child = os.fork()
    if not child:
        _work(work, before=before)
    _, status = os.waitpid(child, 0)
    if not os.WIFSIGNALED(status) and os.WEXITSTATUS(status):
        raise ChildProcessError(os.WEXITSTATUS(status))
    return os.WIFSIGNALED(status)


def _work(work: Callable[[], object], *, before: int) -> None:
    left = before

    def count(event: str, _: tuple[object, ...]) -> None:
        nonlocal left
        if event in CHANGES:
            left -= 1
            if left < 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(count)
    try:
        work()
    except BaseException:  # noqa: BLE001 - nothing may go on in the child
        os._exit(1)
    os._exit(0)
