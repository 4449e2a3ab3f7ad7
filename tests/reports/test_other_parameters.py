"""Every notebook with other parameters: another part of the data, a dozen answers, no agents."""

import html
import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import nbformat
import polars as pl
import pytest
from nbformat import NotebookNode

from nps_kit.reports.render import render_report
from nps_kit.rows.exports import import_table
from nps_kit.shipped import find_notebooks, find_sample

NO_NUMBER = re.compile(r"\b(nan|NaN|None|null|inf|undefined|Traceback)\b")
UNREAD = re.compile(r"<(style|script|svg)\b.*?</\1>|<[^>]*>", re.DOTALL)
CHART = "application/vnd.vegalite.v5+json"

ANOTHER: dict[str, tuple[dict[str, Any], str]] = {
    "00_start_here": ({"data": "sample/imported"}, "The score is +35"),
    "10_how_nps_works": ({"by": "team"}, "lowest teams"),
    "20_score_against_benchmarks": ({"sector": "banking", "region": "UK"}, "QuestionPro"),
    "30_touchpoints": ({"touchpoint": "billing", "period": "2026-02"}, "Q1 2026"),
    "40_what_drives_loyalty": (
        {"metric": "transfers", "change": {"transfers": "none"}, "controls": ["channel"]},
        "along transfers",
    ),
    "50_loyalty_outcomes": ({"touchpoint": "claims"}, "Touchpoint claims only."),
    "80_targets_and_actions": ({"by": "channel", "every": "month"}, "chat"),
    "90_gallery": ({"touchpoint": "claims"}, "answers of claims"),
    "import": ({"level": 0.5}, "The score is +35 (33 to 38"),
    "monthly": ({"only": {"touchpoint": "claims"}, "period": "2026-05"}, "Claims, May 2026"),
    "touchpoint": ({"touchpoint": "renewal", "period": "2026-03"}, "Renewal, March 2026"),
}
"""Other parameters, and what the page then speaks of."""

NO_INTERACTIONS = "This data has no table of interactions"
ABSENT = {
    "00_start_here": "This data has no table of agents, so teams cannot be compared.",
    "10_how_nps_works": "This data has no column 'agent_id', so this chapter and the next show the "
    "sample.",
    "20_score_against_benchmarks": f"{NO_INTERACTIONS}, so teams cannot be found. "
    "It has no table of agents, so teams cannot be compared.",
    "30_touchpoints": f"{NO_INTERACTIONS}, so who got in touch and who answered cannot be told "
    "apart.",
    "40_what_drives_loyalty": f"{NO_INTERACTIONS}, so the parts of the service cannot be looked "
    "at.",
    "50_loyalty_outcomes": "This data has no column 'customer_id', so nobody can be followed.",
    "80_targets_and_actions": "This data has no table of targets, so what is realistic is shown, "
    "and no target is judged.",
    "90_gallery": f"{NO_INTERACTIONS}, so parts of the service and agents cannot be looked at.",
    "import": "Nothing in this file calls for a closer look.",
    "monthly": f"{NO_INTERACTIONS}, so who got in touch and who answered cannot be told apart.",
    "touchpoint": f"{NO_INTERACTIONS}, so who got in touch and who answered cannot be told apart.",
}
"""What a page says where there are answers and no other table."""


Render = Callable[..., tuple[str, NotebookNode]]


@pytest.fixture
def render(tmp_path: Path) -> Render:
    """Render a notebook as `nps-kit report` does: the words of its page, and what has run."""

    def render_(name: str, parameters: dict[str, Any]) -> tuple[str, NotebookNode]:
        (notebook,) = find_notebooks().rglob(f"{name}.ipynb")
        if name == "import" and "data" in parameters:
            # What it looks at is the folder of an import, so there has to be one.
            given = parameters["data"]
            import_table(next(Path(given).glob("*.parquet"), given), out=tmp_path / "imported")
            parameters = {"data": str(tmp_path / "imported")}
        page = render_report(notebook, to=tmp_path / "report", parameters=parameters)
        (ran,) = page.parent.glob("*.ipynb")
        words = UNREAD.sub(" ", page.read_text(encoding="utf-8").split("<body", 1)[1])
        return html.unescape(" ".join(words.split())), nbformat.read(ran, as_version=4)

    return render_


@pytest.fixture
def dozen(tmp_path: Path) -> dict[str, Any]:
    """Write a dozen answers about two touchpoints, over three months."""
    pl.DataFrame(
        {
            "responded_at": [date(2026, 7, 1) + timedelta(days=7 * k) for k in range(12)],
            "score": [10, 9, 3, 7, 10, 8, 0, 9, 6, 10, 9, 5],
            "survey": ["transactional"] * 12,
            "touchpoint": ["billing", "claims"] * 6,
            "channel": ["phone"] * 12,
        }
    ).write_csv(tmp_path / "answers.csv")
    return {"data": str(tmp_path / "answers.csv")}


@pytest.fixture
def alone(tmp_path: Path) -> dict[str, Any]:
    """Write the answers of the sample, and nothing that they could be joined to."""
    answers = pl.read_parquet(find_sample() / "responses.parquet")
    (tmp_path / "data").mkdir()
    answers.drop("interaction_id", "customer_id").write_parquet(
        tmp_path / "data" / "responses.parquet"
    )
    return {"data": str(tmp_path / "data")}


def outputs(ran: NotebookNode) -> Iterator[NotebookNode]:
    """Give what the cells of a notebook showed."""
    for cell in ran.cells:
        yield from cell.get("outputs", [])


def check(words: str, ran: NotebookNode) -> None:
    """Hold a page to what every page is held to."""
    wrong = [words[max(found.start() - 60, 0) : found.end() + 20] for found in _slips(words)]
    assert wrong == []
    assert not any(output.output_type == "error" for output in outputs(ran))
    for output in outputs(ran):
        if CHART in output.get("data", {}):
            chart = output.data[CHART]
            assert any(chart["datasets"].values())
            assert (chart["description"] or "").strip()


def _slips(words: str) -> Iterator[re.Match[str]]:
    shown = words.split("How this page was made", maxsplit=1)[0]
    return NO_NUMBER.finditer(shown)


def names(quick: str) -> list[Any]:
    """Name the notebooks, each of them: all but one are slow."""
    assert {path.stem for path in find_notebooks().rglob("*.ipynb")} == set(ANOTHER) == set(ABSENT)
    return [
        pytest.param(name, marks=[] if name == quick else pytest.mark.slow, id=name)
        for name in ANOTHER
    ]


class TestOtherParameters:
    @pytest.mark.parametrize("name", names("monthly"))
    def test_another_part_of_the_data_is_spoken_of(self, name: str, render: Render):
        """A page says what was asked for, and as well as with the parameters that come with it."""
        parameters, spoken = ANOTHER[name]
        (committed,) = find_notebooks().rglob(f"{name}.ipynb")
        before = nbformat.read(committed, as_version=4)

        words, ran = render(name, parameters)

        # A chart speaks too: its words are drawn, and stand in what the notebook showed.
        assert spoken in words + str([output.get("data") for output in outputs(ran)])
        assert spoken not in str([output.get("data") for output in outputs(before)])
        check(words, ran)

    @pytest.mark.parametrize("name", names("touchpoint"))
    def test_a_dozen_answers_are_enough_for_a_page(
        self, name: str, render: Render, dozen: dict[str, Any]
    ):
        """What a dozen answers cannot tell is left untold, in whole sentences."""
        words, ran = render(name, dozen)

        assert ABSENT[name] in words
        check(words, ran)

    @pytest.mark.parametrize("name", names("monthly"))
    def test_answers_without_agents_are_enough_for_a_page(
        self, name: str, render: Render, alone: dict[str, Any]
    ):
        """What needs a table that is not there is said politely; the rest is there."""
        words, ran = render(name, alone)

        assert ABSENT[name] in words
        check(words, ran)
