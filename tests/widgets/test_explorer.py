"""The explorer: what it tells is what the public API tells, whatever is chosen."""

import ast
import shlex
from collections.abc import Callable
from datetime import date, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import ipywidgets
import polars as pl
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

import nps_kit as nk
from nps_kit.errors import MissingColumnError, OptionError
from nps_kit.reports.names import find_notebook
from nps_kit.reports.parameters import parse_parameters, read_parameters
from nps_kit.rows.sources import Data, open_data
from nps_kit.rows.tallies import tally
from nps_kit.stats.comparisons import compare_groups, compare_periods
from nps_kit.stats.estimates import estimate_nps
from nps_kit.views.sentences import say_comparisons, say_estimates
from nps_kit.widgets.boards import Board
from nps_kit.widgets.explorer import explore_nps
from nps_kit.widgets.pictures import Picture

PICTURES = ("Score", "Over time", "By group")
HOSTILE = "<img src=x onerror=alert(1)></p><script>alert(2)</script>"


@pytest.fixture(scope="module")
def tables() -> Data:
    """Open the sample."""
    return open_data("sample")


@pytest.fixture(scope="module")
def counts() -> pl.DataFrame:
    """Count the sample by month and all the explorer knows."""
    by = ["touchpoint", "channel", "team"]
    answers = nk.join_columns(open_data("sample"), by).responses
    return tally(answers, by=by, every="month")


@pytest.fixture(scope="module")
def board(tables: Data) -> Board:
    """Explore the sample; a test sets every control it looks at."""
    return explore_nps(tables)


@pytest.fixture(scope="module")
def counted(counts: pl.DataFrame) -> Board:
    """Explore counts: the cells count no rows."""
    return explore_nps(counts)


@pytest.fixture
def move(board: Board) -> Callable[..., Board]:
    """Put the explorer of the sample to a choice, every other control to where it starts."""

    def put(**values: object) -> Board:
        start: dict[str, object] = {
            "survey": "transactional",
            "first": date(2024, 10, 1),
            "last": date(2026, 9, 1),
            "touchpoint": "",
            "channel": "",
            "team": "",
            "split": "touchpoint",
            "beside": "rest",
            "picture": "Score",
        }
        for name, value in {**start, **values}.items():
            board.controls[name].value = value
        return board

    return put


@pytest.fixture(scope="module")
def kind(counts: pl.DataFrame) -> pl.DataFrame:
    """Keep those about one contact."""
    return nk.keep_survey(counts, survey="transactional")


def make_answers(**columns: object) -> pl.DataFrame:
    """Make forty answers of one month, with whatever else is asked."""
    scores = [9, 10, 3, 8] * 10
    dates = [datetime(2026, 9, 1 + place % 28) for place in range(40)]
    return pl.DataFrame({"score": scores, "responded_at": dates, **columns})


@st.composite
def choices(draw: st.DrawFn) -> dict[str, object]:
    """Draw what every control of the explorer of the sample stands at, the picture last."""
    months = st.sampled_from([date(2024 + k // 12, k % 12 + 1, 1) for k in range(9, 33)])
    return {
        "survey": draw(st.sampled_from(["transactional", "relational"])),
        "first": draw(months),
        "last": draw(months),
        "touchpoint": draw(st.sampled_from(["", "billing", "claims"])),
        "channel": draw(st.sampled_from(["", "phone", "chat"])),
        "team": draw(st.sampled_from(["", "team 03", "not given"])),
        "split": draw(st.sampled_from(["touchpoint", "channel", "team"])),
        "beside": draw(st.sampled_from(["rest", "nothing", "before", "year before"])),
        "picture": draw(st.sampled_from(PICTURES)),
    }


def read_cell(board: Board) -> str:
    """Read the cell that the explorer shows."""
    return next(line for line in board.told if line.startswith("import polars"))


def read_html(board: Board) -> str:
    """Read all HTML on the screen."""
    return "".join(part.value for part in board.children if isinstance(part, ipywidgets.HTML))


def run_cell(code: str, **given_: object) -> dict[str, Any]:
    """Run a cell as a notebook does."""
    names: dict[str, Any] = dict(given_)
    exec(compile(ast.parse(code), "cell", "exec"), names)  # noqa: S102 - what the test is about
    return names


class TestExploreNps:
    def test_the_score_is_that_of_the_api(
        self, move: Callable[..., Board], kind: pl.DataFrame
    ) -> None:
        """The score of one touchpoint is what estimate_nps says of it."""
        found = move(touchpoint="billing")

        expected = estimate_nps(kind.filter(pl.col("touchpoint") == "billing"))
        assert found.told[1] == say_estimates(expected)

    def test_a_group_is_set_beside_the_rest(
        self, move: Callable[..., Board], kind: pl.DataFrame
    ) -> None:
        """Groups are compared as compare_groups does it."""
        found = move(picture="By group", split="channel", first=date(2026, 7, 1))

        quarter = kind.filter(pl.col("period") >= date(2026, 7, 1))
        assert found.told[1] == say_comparisons(compare_groups(quarter, by=["channel"]))

    def test_a_group_is_set_beside_the_quarter_before(
        self, move: Callable[..., Board], kind: pl.DataFrame
    ) -> None:
        """July to September is set beside April to June."""
        found = move(picture="By group", beside="before", first=date(2026, 7, 1))

        pair = {"before": "2026-04", "after": "2026-07", "every": "quarter"}
        expected = compare_periods(kind, by=["touchpoint"], **pair)
        assert found.told[1] == say_comparisons(expected)

    def test_a_stretch_is_set_beside_the_same_a_year_before(
        self, move: Callable[..., Board]
    ) -> None:
        """Two months may be compared with the same two a year earlier."""
        found = move(beside="year before", first=date(2026, 8, 1))

        assert "August to September 2025" in found.told[3]

    @settings(max_examples=15)
    @given(choice=choices())
    def test_the_cell_makes_the_numbers_on_the_screen(
        self, counted: Board, counts: pl.DataFrame, choice: dict[str, object]
    ) -> None:
        """The code shown for a choice, run in a notebook, says what the screen says."""
        for name, value in choice.items():
            counted.controls[name].value = value
        alone = "Nothing is set beside it"
        said = [line for line in counted.told[1:-1] if not line.startswith(alone)]
        event("answered" if len(counted.told) > 1 else "refused")

        counted.controls["picture"].value = "Code"

        cells = [line for line in counted.told if line.startswith("import polars")]
        made = [run_cell(cell, counts=counts)["said"] for cell in cells]
        assert made in ([], [said])
        assert bool(made) == bool(said)

    def test_the_command_names_parameters_that_the_report_has(
        self, move: Callable[..., Board]
    ) -> None:
        """The command shown can be run: its report takes every parameter it names."""
        board = move(touchpoint="billing", channel="phone", picture="Code")
        words = shlex.split(next(line for line in board.told if line.startswith("nps-kit")))

        texts = dict(word.split("=", 1) for flag, word in pairwise(words) if flag == "-p")
        taken = parse_parameters(read_parameters(find_notebook(words[2])), texts)
        assert taken["only"] == {"touchpoint": "billing", "channel": "phone"}
        assert taken["survey"] == "transactional"

    def test_one_touchpoint_has_a_report_of_its_own(self, move: Callable[..., Board]) -> None:
        """Of one touchpoint, the command makes the page of that touchpoint."""
        board = move(touchpoint="claims", picture="Code")
        words = shlex.split(next(line for line in board.told if line.startswith("nps-kit")))

        declared = read_parameters(find_notebook(words[2]))
        assert words[2] == "touchpoint"
        assert parse_parameters(declared, {"touchpoint": "claims"}) == {"touchpoint": "claims"}

    def test_kinds_of_survey_are_never_pooled(self, move: Callable[..., Board]) -> None:
        """The kind with more answers comes first; the other is a choice."""
        board = move()

        assert board.controls["survey"].options == ("transactional", "relational")
        assert "relational" not in board.told[1]

    def test_the_ends_of_the_time_may_be_in_either_order(self, move: Callable[..., Board]) -> None:
        """From September to July is July to September."""
        board = move(first=date(2026, 9, 1), last=date(2026, 7, 1))

        assert board.told[0] == "All transactional answers, July to September 2026"

    def test_an_odd_stretch_cannot_be_set_beside_its_past_by_group(
        self, move: Callable[..., Board]
    ) -> None:
        """Five weeks of nothing in particular are said to be no month, and a way out is named."""
        board = move(picture="By group", beside="before", first=date(2026, 8, 1))

        assert board.told[0] == (
            "Groups are set beside an earlier time one whole month, quarter or year at once.\n"
            "  Choose such a stretch (January to March is a quarter), or compare with the rest."
        )

    def test_what_was_never_measured_is_not_set_beside_it(self, move: Callable[..., Board]) -> None:
        """Before the first answer there is nothing to compare with, and that is said."""
        board = move(beside="before")

        assert board.told[3] == (
            "Nothing is set beside it: October 2022 to September 2024 has no answers here."
        )

    def test_what_the_picture_does_not_heed_is_quiet(self, move: Callable[..., Board]) -> None:
        """A control that changes nothing now cannot be moved."""
        board = move(picture="Over time")

        assert board.controls["split"].disabled
        assert board.controls["beside"].disabled

    def test_every_control_has_a_name(self, move: Callable[..., Board]) -> None:
        """A screen reader can tell the controls apart."""
        names = [control.description for control in move().controls.values()]

        assert all(names)
        assert len(set(names)) == len(names)

    def test_comments_are_those_of_the_choice(self, move: Callable[..., Board]) -> None:
        """A few comments of each band are shown, the detractors' first."""
        board = move(touchpoint="claims", picture="Comments")

        bands = [line.split("(")[1].split(")")[0] for line in board.told[2:-1]]
        assert bands == ["detractor"] * 3 + ["passive"] * 3 + ["promoter"] * 3

    def test_an_empty_choice_says_so(self) -> None:
        """Where nobody answered, that is what is said, and nothing is drawn."""
        touchpoints = ["billing"] * 20 + ["claims"] * 20
        channels = ["phone"] * 20 + ["chat"] * 20
        board = explore_nps(make_answers(touchpoint=touchpoints, channel=channels))

        board.controls["touchpoint"].value = "billing"
        board.controls["channel"].value = "chat"

        for picture in PICTURES:
            board.controls["picture"].value = picture
            assert board.told[1] == "No answer here counts."

    def test_few_answers_are_said_to_be_few(self) -> None:
        """A score of too few answers is told with its few answers."""
        board = explore_nps(make_answers().head(8))

        assert "8 answers" in board.told[1]

    def test_hostile_comments_are_inert(self) -> None:
        """Markup in a comment is read, never run, on the screen and on the page."""
        board = explore_nps(make_answers(comment=[HOSTILE] * 40))

        board.controls["picture"].value = "Comments"

        assert any("onerror" in line for line in board.told)
        for shown in (read_html(board), board._repr_mimebundle_()["text/html"]):
            assert "<img" not in shown
            assert "<script" not in shown

    def test_hostile_groups_are_inert(self) -> None:
        """Markup in the name of a group is read, never run, also in the code."""
        board = explore_nps(make_answers(team=[HOSTILE] * 20 + ["b"] * 20))

        board.controls["team"].value = HOSTILE
        board.controls["picture"].value = "Code"

        assert "<img" not in read_html(board)
        assert "<script" not in read_html(board)

    def test_comments_are_redacted(self) -> None:
        """What names a person is taken out before it is shown."""
        told = "Write to ann@example.org or Braladan Corvuna"
        board = explore_nps(make_answers(comment=[told] * 40), names=["Braladan Corvuna"])

        board.controls["picture"].value = "Comments"

        assert "3 (detractor): Write to [e-mail] or [name]" in board.told

    def test_comments_of_very_few_are_held_back(self) -> None:
        """Of four answers no comment is shown: it would tell who wrote it."""
        board = explore_nps(make_answers(comment=["So slow."] * 40).head(4))

        board.controls["picture"].value = "Comments"

        assert board.told[1] == (
            "No comments are shown of fewer than 5 answers: they would tell who wrote them."
        )

    def test_answers_alone_are_enough(self) -> None:
        """Scores without dates and groups have a score, a cell, and no other control."""
        answers = make_answers().select("score")
        board = explore_nps(answers)

        assert list(board.controls) == ["beside", "picture"]
        assert board.controls["picture"].options == ("Score", "Code")
        said = board.told[1:-1]
        board.controls["picture"].value = "Code"
        assert list(said) == [
            str(line) for line in run_cell(read_cell(board), data=answers)["said"]
        ]

    def test_one_month_has_a_trend_of_one(self) -> None:
        """A single month is told as what it is."""
        board = explore_nps(make_answers())

        board.controls["picture"].value = "Over time"

        assert board.told[0] == "All answers, September 2026"
        assert "+25" in board.told[1]

    def test_another_scale_is_counted_on_it(self) -> None:
        """Scores from 1 to 10 are told with their scale, in the code too."""
        answers = make_answers()
        board = explore_nps(answers, scale="1-10")
        said = board.told[1:-1]

        board.controls["picture"].value = "Code"

        assert board.told[0].startswith("All answers, 1-10 scale")
        assert list(said) == [
            str(line) for line in run_cell(read_cell(board), data=answers)["said"]
        ]

    def test_what_is_not_given_can_be_chosen(self) -> None:
        """Answers without a touchpoint are a choice of their own."""
        answers = make_answers(touchpoint=["billing"] * 25 + [None] * 15)
        board = explore_nps(answers)

        board.controls["touchpoint"].value = "not given"
        said = board.told[1:-1]
        board.controls["picture"].value = "Code"

        assert "15 answers" in said[0]
        assert list(said) == [
            str(line) for line in run_cell(read_cell(board), data=answers)["said"]
        ]

    def test_a_count_table_is_enough(self, kind: pl.DataFrame) -> None:
        """Counts made elsewhere are explored as they are."""
        board = explore_nps(kind.drop("team"))

        assert board.told[1] == say_estimates(estimate_nps(kind))
        assert "Comments" not in board.controls["picture"].options

    def test_a_month_not_over_is_no_latest_month(self) -> None:
        """To stands at the latest month that is over; the one begun can be chosen."""
        answers = make_answers()
        begun = answers.with_columns(pl.col("responded_at").dt.offset_by("1mo")).head(3)
        board = explore_nps(pl.concat([answers, begun]))

        assert board.controls["last"].value == date(2026, 9, 1)
        assert dict(board.controls["last"].options)["October 2026"] == date(2026, 10, 1)

    def test_quarters_can_be_the_unit(self, tables: Data) -> None:
        """Asked for quarters, the ends of the time are quarters."""
        board = explore_nps(tables, every="quarter", comments=0)

        assert board.told[0] == "All transactional answers, Q4 2024 to Q3 2026"

    def test_an_address_is_in_the_code(self, tmp_path: Path) -> None:
        """The cell opens the file that the explorer was given."""
        path = tmp_path / "answers.csv"
        make_answers().rename({"score": "likelihood"}).write_csv(path)
        board = explore_nps(path, columns={"score": "likelihood"})
        said = board.told[1:-1]

        board.controls["picture"].value = "Code"

        assert list(said) == [str(line) for line in run_cell(read_cell(board))["said"]]

    def test_a_column_that_is_not_there_is_named(self, tables: Data) -> None:
        """Asked for a column that no table has, it names those there are."""
        with pytest.raises(MissingColumnError, match="needs the column 'region', which is not in"):
            explore_nps(tables, by=["region"])

    def test_one_name_is_no_list(self, tables: Data) -> None:
        """A column alone is told how a list of it is written."""
        with pytest.raises(OptionError) as caught:
            explore_nps(tables, by="team")

        assert str(caught.value) == (
            "explore_nps() cannot use by='team'.\n  It takes a list of names: by=['team']."
        )

    @pytest.mark.parametrize("name", ["first", "last", "split", "beside", "picture"])
    def test_a_column_may_be_called_like_a_control(self, name: str) -> None:
        """A column of any name can be chosen by; its control then says so."""
        board = explore_nps(make_answers(**{name: ["u", "v"] * 20}), by=[name])

        board.controls[f"{name}_group"].value = "u"

        assert "20 answers" in board.told[1]

    def test_a_mistake_stands_beside_no_other_answer(self, move: Callable[..., Board]) -> None:
        """Where a choice has no answer, the picture of the choice before is taken away."""
        board = move(picture="By group", beside="before", first=date(2026, 8, 1))

        picture = next(part for part in board.children if isinstance(part, Picture))
        assert picture.spec == {}
        assert "points" not in read_html(board).split("</style>")[1]

    def test_comments_are_a_number(self, tables: Data) -> None:
        """How many comments are read is a number."""
        with pytest.raises(OptionError) as caught:
            explore_nps(tables, comments=-1)

        assert str(caught.value) == (
            "explore_nps() cannot use comments=-1.\n  It takes a whole number, 0 or more."
        )
