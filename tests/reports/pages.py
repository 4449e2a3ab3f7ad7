"""The notebooks that are reports as well, what their pages say, and data that is hostile."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

NOTEBOOKS = (
    "monthly",
    "touchpoint",
    "20_score_against_benchmarks",
    "30_touchpoints",
    "40_what_drives_loyalty",
    "50_loyalty_outcomes",
    "80_targets_and_actions",
)


def facts_on(page: Path) -> Iterator[dict[str, Any]]:
    """Give the facts behind each sentence of a page."""
    for record in outputs_on(page, "application/vnd.nps-kit.sentence+json"):
        yield record["facts"]


def outputs_on(page: Path, mime: str) -> Iterator[dict[str, Any]]:
    """Give what the notebook beside a page handed to it, of one kind."""
    (notebook,) = page.parent.glob("*.ipynb")
    for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
        for output in cell.get("outputs", []):
            if mime in output.get("data", {}):
                yield output["data"][mime]


HOSTILE = [
    "<script>window.ran = 1</script>",
    "</script><script>window.ran = 1</script>",
    '<img src=x onerror="window.ran = 1">',
    "javascript:window.ran=1",
    "[click](javascript:window.ran=1)",
    "'; window.ran = 1; //",
    "{{ 7 * 7 }} ${window.ran = 1} datum.ran",
]
