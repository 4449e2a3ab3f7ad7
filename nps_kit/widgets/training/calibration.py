"""The same contact, rated by several: how far they lie apart, and who is severe."""

import html
from typing import Any

import ipywidgets
import polars as pl

from nps_kit.errors import lacking_part
from nps_kit.stats.raters import estimate_severity, find_spreads
from nps_kit.views.charts.ratings import draw_ratings
from nps_kit.views.sentences.ratings import (
    list_severity,
    list_spreads,
    say_severity,
    say_spreads,
)
from nps_kit.views.wording import start_sentence
from nps_kit.widgets.boards import Board
from nps_kit.widgets.pictures import Picture
from nps_kit.widgets.training.cards import (
    Paged,
    arrange,
    flatten,
    make_reveal,
    place_board,
    show_if,
    write_card,
    write_facts,
    write_paragraphs,
)
from nps_kit.widgets.training.content import Contact, Criterion, Training
from nps_kit.widgets.training.content.model import EXPERT, RATING_HIGHEST, YOURS

_MIDDLE = 50
_SCHEMA = {
    "interaction_id": pl.String,
    "criterion": pl.String,
    "evaluator": pl.String,
    "role": pl.String,
    "rating": pl.Float64,
}


def explore_calibration(
    training: Training, *, level: float = 0.95, seed: int | None = None
) -> Board:
    """Rate a contact on each criterion, then see how others rated it, and who is severe.

    Parameters
    ----------
    training
        As `read_training` gives it.
    level
        Probability that each interval aims to cover, between 0 and 1 (exclusive).
    seed
        Shuffles the contacts; the same seed gives the same order. None: in the order of the file.

    Returns
    -------
    The exercise. Its controls: ``contact``, a slider ``rating 1``, ``rating 2`` and so on for each
    criterion, and ``answer``. The result takes all contacts that were rated together.

    Raises
    ------
    TrainingError
        If the training has no contact.

    Examples
    --------
    >>> from nps_kit.widgets.training.content import read_training
    >>> explore_calibration(read_training("sample/training.toml")).told[0]
    'Contact 1 of 4: billing'
    """
    if not training.contacts:
        raise lacking_part("contact", caller="explore_calibration()")
    return _Calibration(arrange(training.contacts, seed=seed), level=level).board


class _Calibration(Paged):
    def __init__(self, contacts: list[Contact], *, level: float) -> None:
        self._contacts, self._level = contacts, level
        most = max(len(contact.criterion) for contact in contacts)
        self._sliders = [_make_slider() for _ in range(most)]
        self._answer = make_reveal("Show how others rated it")
        chosen: dict[str, Any] = {
            **{f"rating {k + 1}": slider for k, slider in enumerate(self._sliders)},
            "answer": self._answer,
        }
        new = dict.fromkeys(chosen, _MIDDLE) | {"answer": False}
        super().__init__(len(contacts), noun="Contact", chosen=chosen, new=new)
        self._card, self._shown, self._picture = ipywidgets.HTML(), ipywidgets.HTML(), Picture()
        self._rated = ipywidgets.VBox(self._sliders)
        self._rated.add_class("nps-ratings")
        self.board = place_board(
            {"contact": self._pages.place, **self._chosen},
            [
                *(self._pages.row, self._card, self._rated),
                *(self._answer, self._picture, self._shown),
            ],
            work=self._work,
        )

    def _show(self) -> list[str]:
        turned, self._at = self._pages.at != self._at, self._pages.at
        self._pages.show()
        show_if(self._rated, shown=not self._pages.at_result)
        if self._pages.at_result:
            show_if(self._answer, shown=False)
            return self._show_result()
        contact, kept = self._contacts[self._at], self._kept[self._at]
        if turned:
            self._turn_to(contact, kept)
        self._card.value = write_card(
            f"<h4>{html.escape(start_sentence(contact.touchpoint))}</h4>"
            f'<div class="nps-account">{write_paragraphs(contact.account)}</div>'
            + write_facts(contact.facts)
        )
        lines = [
            f"Contact {self._at + 1} of {self._pages.many}: {flatten(contact.touchpoint)}",
            *(flatten(part) for part in contact.account.split("\n\n") if part.strip()),
            *map(flatten, contact.facts),
            *(
                f"Your rating of “{flatten(each.name)}”: {kept[f'rating {k + 1}']}"
                for k, each in enumerate(contact.criterion)
            ),
        ]
        show_if(self._answer, shown=not kept["answer"])
        for slider in self._sliders:
            slider.disabled = kept["answer"]
        if not kept["answer"]:
            self._picture.show(None)
            self._shown.value = ""
            return lines
        return lines + self._reveal(contact)

    def _turn_to(self, contact: Contact, kept: dict[str, Any]) -> None:
        for name, control in self._chosen.items():
            control.value = kept[name]
        for k, slider in enumerate(self._sliders):
            used = k < len(contact.criterion)
            show_if(slider, shown=used)
            slider.description = _say_criterion(contact.criterion[k]) if used else ""

    def _reveal(self, contact: Contact) -> list[str]:
        ratings = self._list_ratings([self._at])
        spreads = find_spreads(ratings.drop("interaction_id"))
        severity = estimate_severity(ratings, level=self._level)
        self._picture.show(draw_ratings(ratings.drop("interaction_id"), spreads, highlight=YOURS))
        reasons = "".join(
            f"<li><strong>{html.escape(each.name)}, {each.expert}:</strong> "
            f"{html.escape(each.why)}</li>"
            for each in contact.criterion
        )
        told = list_severity(severity)
        self._shown.value = write_card(
            f"<h4>Why the expert rated it so</h4><ul>{reasons}</ul>"
            + _write_severity(severity, told),
            kind="answer",
        )
        return [
            say_spreads(spreads),
            *list_spreads(spreads),
            *(
                f"{flatten(each.name)}, {each.expert}: {flatten(each.why)}"
                for each in contact.criterion
            ),
            say_severity(severity),
            *told,
        ]

    def _show_result(self) -> list[str]:
        done = [k for k, kept in enumerate(self._kept) if kept["answer"]]
        self._picture.show(None)
        self._shown.value = ""
        if not done:
            said = "Rate a contact first: then this says who is severe."
            self._card.value = write_card(f"<p>{html.escape(said)}</p>")
            return [said]
        severity = estimate_severity(self._list_ratings(done), level=self._level)
        told = list_severity(severity)
        self._card.value = write_card(_write_severity(severity, told))
        return [say_severity(severity), *told]

    def _list_ratings(self, places: list[int]) -> pl.DataFrame:
        """List the ratings of contacts: yours, the evaluators' and the expert's."""
        rows = []
        for place in places:
            contact, kept = self._contacts[place], self._kept[place]
            for k, each in enumerate(contact.criterion):
                given = [
                    *((name, "peer", rating) for name, rating in each.ratings.items()),
                    (YOURS, "self", kept[f"rating {k + 1}"]),
                    (EXPERT, "expert", each.expert),
                ]
                rows += [(contact.id, flatten(each.name), *rating) for rating in given]
        return pl.DataFrame(rows, schema=_SCHEMA, orient="row")


def _make_slider() -> ipywidgets.IntSlider:
    return ipywidgets.IntSlider(
        value=_MIDDLE,
        min=0,
        max=RATING_HIGHEST,
        step=5,
        continuous_update=False,
        style={"description_width": "initial"},
        layout={"width": "100%"},
    )


def _say_criterion(criterion: Criterion) -> str:
    help_ = flatten(criterion.help)
    return f"{flatten(criterion.name)}: {help_}" if help_ else flatten(criterion.name)


def _write_severity(severity: pl.DataFrame, told: list[str]) -> str:
    items = "".join(f"<li>{html.escape(line)}</li>" for line in told)
    return f"<h4>{html.escape(say_severity(severity))}</h4><ul>{items}</ul>"
