"""Comments to work on: guess the score, name the cause, choose the next step."""

import html
from typing import Any

import ipywidgets
import polars as pl

from nps_kit.errors import lacking_part
from nps_kit.scale import HIGHEST, band_of
from nps_kit.views.sentences.lessons import say_scenarios, say_score
from nps_kit.views.wording import start_sentence
from nps_kit.widgets.boards import Board
from nps_kit.widgets.training.cards import (
    Paged,
    arrange,
    flatten,
    make_choice,
    make_reveal,
    offer,
    place_board,
    show_if,
    tell_verdicts,
    write_card,
    write_facts,
    write_paragraphs,
    write_verdicts,
)
from nps_kit.widgets.training.content import Scenario, Training

_NEW: dict[str, Any] = {"guess": None, "cause": None, "step": None, "answer": False}


def explore_scenarios(training: Training, *, seed: int | None = None) -> Board:
    """Work on comments one at a time: guess the score, name the cause, choose the next step.

    Parameters
    ----------
    training
        As `read_training` gives it.
    seed
        Shuffles the comments; the same seed gives the same order. None: in the order of the file.

    Returns
    -------
    The exercise. Its controls: ``comment``, ``guess``, ``cause``, ``step`` and ``answer``.

    Raises
    ------
    TrainingError
        If the training has no scenario.

    Notes
    -----
    The score is guessed to learn how little a comment tells of it, and never to be asked for.

    Examples
    --------
    >>> from nps_kit.widgets.training.content import read_training
    >>> explore_scenarios(read_training("sample/training.toml")).told[0]
    'Comment 1 of 8: onboarding'
    """
    if not training.scenarios:
        raise lacking_part("scenario", caller="explore_scenarios()")
    return _Scenarios(arrange(training.scenarios, seed=seed)).board


class _Scenarios(Paged):
    def __init__(self, scenarios: list[Scenario]) -> None:
        self._scenarios = scenarios
        guess = ipywidgets.ToggleButtons(
            options=range(HIGHEST + 1),
            value=None,
            description="Which score did this customer give?",
            style={"button_width": "2.6em"},
        )
        guess.add_class("nps-choice")
        chosen = {
            "guess": guess,
            "cause": make_choice("What caused it?"),
            "step": make_choice("What would you do next?"),
            "answer": make_reveal("Show the answer"),
        }
        super().__init__(len(scenarios), noun="Comment", chosen=chosen, new=_NEW)
        self._card, self._shown = ipywidgets.HTML(), ipywidgets.HTML()
        self.board = place_board(
            {"comment": self._pages.place, **self._chosen},
            [self._pages.row, self._card, *self._chosen.values(), self._shown],
            work=self._work,
        )

    def _show(self) -> list[str]:
        turned, self._at = self._pages.at != self._at, self._pages.at
        self._pages.show()
        if self._pages.at_result:
            for control in self._chosen.values():
                show_if(control, shown=False)
            return self._show_result()
        scenario, kept = self._scenarios[self._at], self._kept[self._at]
        if turned:
            self._chosen["guess"].value = kept["guess"]
            offer(self._chosen["cause"], [c.text for c in scenario.cause], chosen=kept["cause"])
            offer(self._chosen["step"], [s.text for s in scenario.step], chosen=kept["step"])
            self._chosen["answer"].value = kept["answer"]
        # One thing at a time: each question waits for the answer to the one before.
        ready = [kept[name] is not None for name in ("guess", "cause", "step")]
        answered = all(ready) and kept["answer"]
        for name, shown in (("guess", True), ("cause", ready[0]), ("step", all(ready[:2]))):
            show_if(self._chosen[name], shown=shown and not answered)
        show_if(self._chosen["answer"], shown=all(ready) and not answered)
        self._card.value = write_card(
            f"<h4>{html.escape(start_sentence(scenario.touchpoint))}</h4>"
            f"<blockquote>{write_paragraphs(scenario.comment)}</blockquote>"
            + write_facts(scenario.facts)
        )
        lines = [
            f"Comment {self._at + 1} of {self._pages.many}: {flatten(scenario.touchpoint)}",
            flatten(scenario.comment),
            *map(flatten, scenario.facts),
        ]
        self._shown.value, told = _reveal(scenario, kept) if answered else ("", [])
        return lines + told

    def _show_result(self) -> list[str]:
        done = [
            (k, scenario, kept)
            for k, (scenario, kept) in enumerate(zip(self._scenarios, self._kept, strict=True))
            if _is_done(kept)
        ]
        results = pl.DataFrame(
            {
                "guess": [kept["guess"] for _, _, kept in done],
                "score": [scenario.score for _, scenario, _ in done],
                "cause": [scenario.cause[kept["cause"]].right for _, scenario, kept in done],
                "verdict": [scenario.step[kept["step"]].verdict for _, scenario, kept in done],
            },
            schema={
                "guess": pl.Int64,
                "score": pl.Int64,
                "cause": pl.Boolean,
                "verdict": pl.String,
            },
        ).with_columns(band_of("guess").alias("band_guessed"), band_of("score"))
        said = say_scenarios(results)
        lines = [
            f"Comment {k + 1}: "
            + say_score(row["score"], row["band"], guess=row["guess"])
            + f" Cause: {'right' if row['cause'] else 'another'}. Next step: {row['verdict']}."
            for (k, _, _), row in zip(done, results.to_dicts(), strict=True)
        ]
        items = "".join(f"<li>{html.escape(line)}</li>" for line in lines)
        self._card.value = write_card(f"<h4>{html.escape(said)}</h4><ul>{items}</ul>")
        self._shown.value = ""
        return [said, *lines]


def _is_done(kept: dict[str, Any]) -> bool:
    return kept["answer"] and all(kept[name] is not None for name in ("guess", "cause", "step"))


def _reveal(scenario: Scenario, kept: dict[str, Any]) -> tuple[str, list[str]]:
    """Show the score, its band and why; then what was offered, with verdicts."""
    band = pl.select(score=scenario.score).select(band_of()).item()
    said = say_score(scenario.score, band, guess=kept["guess"])
    causes = [(c.text, "right" if c.right else "wrong", c.why) for c in scenario.cause]
    steps = [(s.text, str(s.verdict), s.why) for s in scenario.step]
    shown = write_card(
        f'<h4 class="nps-{band}">{html.escape(said)}</h4>{write_paragraphs(scenario.why)}'
        + write_verdicts(causes, chosen=[kept["cause"]], heading="What caused it")
        + write_verdicts(steps, chosen=[kept["step"]], heading="What to do next"),
        kind="answer",
    )
    told = [
        said,
        flatten(scenario.why),
        *tell_verdicts(causes, chosen=[kept["cause"]]),
        *tell_verdicts(steps, chosen=[kept["step"]]),
    ]
    return shown, told
