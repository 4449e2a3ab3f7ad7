"""Better at both and worse overall: what the mix of contacts does to a score."""

from collections.abc import Sequence

import ipywidgets
import polars as pl

from nps_kit.counts import roll_up
from nps_kit.errors import OptionError, listed
from nps_kit.stats.scores import compare_mixes, find_reversals
from nps_kit.stats.segments import standardise_groups
from nps_kit.views.charts.scores import draw_mixes
from nps_kit.views.charts.standards import draw_standards
from nps_kit.views.sentences.scores import say_mixes, say_reversals
from nps_kit.views.sentences.standards import say_standards
from nps_kit.views.wording import name_column, name_value
from nps_kit.widgets.boards import Board
from nps_kit.widgets.pictures import Picture
from nps_kit.widgets.training.own import take_own
from nps_kit.widgets.training.told import lay_out, make_slider, make_words

_A, _B = "Team A", "Team B"
_ANSWERS = 400
_HARD, _EASY = "Claims", "Advice"

# Of twenty answers, how many are promoters, passives and detractors.
_TEAMS = {
    (_A, _HARD): (7, 5, 8),
    (_A, _EASY): (13, 5, 2),
    (_B, _HARD): (5, 6, 9),
    (_B, _EASY): (11, 6, 3),
}
_SCORES = (10, 8, 4)
_TWENTY = 20
_PERCENT = 100
_TWICE = "Choose two that differ: beside itself, each stands even."


def explore_mix(
    counts: pl.DataFrame | None = None, *, by: str = "team", over: str = "touchpoint"
) -> Board:
    """Show how the mix of contacts turns a ranking over, and what is left when it is allowed for.

    Parameters
    ----------
    counts
        Count table of the trainee's own answers, with the columns `by` and `over`. None: two
        made-up teams, of which the better one gets ever more of the harder contacts.
    by
        Column that tells the groups apart.
    over
        Column that tells the kinds of contact apart.

    Returns
    -------
    The exercise. Its controls: ``claims_a`` and ``claims_b``, how much of each team's contacts are
    claims, in percent; with `counts` instead ``group`` and ``against``, which begin at a pair that
    its mix turns over, where there is one.

    Raises
    ------
    MissingColumnError
        If `counts` lacks ``score``, ``n``, `by` or `over`.
    OptionError
        If `counts` has fewer than two groups with a name, or is weighted.

    Examples
    --------
    >>> board = explore_mix()
    >>> board.told[0]
    'Team A is better in each of the 2 kinds of contact, and yet 21 points worse overall.'
    >>> board.controls["claims_a"].value = 20
    >>> board.told[0]
    'Team A is better in each of the 2 kinds of contact, and 15 points better overall.'
    """
    return _explore_made_up() if counts is None else _explore_own(counts, by=by, over=over)


def _explore_made_up() -> Board:
    controls = {
        "claims_a": make_slider("Claims in Team A, %", value=80, low=0, high=100, step=5),
        "claims_b": make_slider("Claims in Team B, %", value=20, low=0, high=100, step=5),
    }
    picture, words = Picture(), make_words()

    def work() -> Sequence[str]:
        hard = {_A: controls["claims_a"].value, _B: controls["claims_b"].value}
        counts = _make_up(hard)
        found = compare_mixes(counts, by="team", over="touchpoint", group=_A, against=_B)
        said = say_mixes(found).split("\n")
        picture.show(draw_mixes(found))
        words.value = lay_out(said)
        return said

    return Board(controls, [words, picture], work=work)


def _make_up(hard: dict[str, int]) -> pl.DataFrame:
    rows = []
    for (team, kind), bands in _TEAMS.items():
        percent = hard[team] if kind == _HARD else _PERCENT - hard[team]
        twenties = _ANSWERS * percent // _PERCENT // _TWENTY
        rows += [(team, kind, s, n * twenties) for s, n in zip(_SCORES, bands, strict=True)]
    schema = {"team": pl.String, "touchpoint": pl.String, "score": pl.Int64, "n": pl.Int64}
    return pl.DataFrame(rows, schema=schema, orient="row").filter(pl.col("n") > 0)


def _explore_own(counts: pl.DataFrame, *, by: str, over: str) -> Board:
    own = roll_up(take_own(counts), by=[by, over]).filter(
        pl.col("reason").is_null(), pl.col(by).is_not_null()
    )
    names = own.group_by(by).agg(pl.col("n").sum()).filter(pl.col("n") > 0).sort(by)[by].to_list()
    if len(names) < 2:  # noqa: PLR2004 - two are compared
        raise OptionError(
            f"explore_mix() compares two groups, and '{by}' has {listed(names)}.\n"
            "  Tally by a column with more:  tally(responses, by=[..., ...])"
        )
    reversals = find_reversals(own, by=by, over=over)
    first, second = (
        reversals.select("group", "against").row(0) if reversals.height else (names[0], names[1])
    )
    options = [(name_value(name), name) for name in names]
    label = name_column(by).capitalize()
    controls = {
        "group": ipywidgets.Dropdown(options=options, value=first, description=label),
        "against": ipywidgets.Dropdown(options=options, value=second, description="Against"),
    }
    picture, words, everyone = Picture(), make_words(), Picture()
    standards = standardise_groups(own, by=[by], over=[over])
    everyone.show(draw_standards(standards))
    turned = say_reversals(reversals, over=over)
    said_of_all = [turned, say_standards(standards)]
    beneath = make_words()
    beneath.value = lay_out([turned], small=0)

    def work() -> Sequence[str]:
        group, against = controls["group"].value, controls["against"].value
        if group == against:
            picture.show(None)
            words.value = lay_out([_TWICE])
            return [_TWICE, *said_of_all]
        found = compare_mixes(own, by=by, over=over, group=group, against=against)
        said = say_mixes(found).split("\n")
        picture.show(draw_mixes(found))
        words.value = lay_out(said)
        return [*said, *said_of_all]

    return Board(controls, [words, picture, beneath, everyone], work=work)
