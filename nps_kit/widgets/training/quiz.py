"""A quiz with explanations, and a result that can be printed."""

import html
from datetime import date
from importlib.resources import files
from typing import Any

import ipywidgets
import polars as pl

from nps_kit.errors import lacking_part
from nps_kit.views.sentences.lessons import list_results, say_quiz, say_revision
from nps_kit.views.wording import name_day
from nps_kit.widgets.boards import Board
from nps_kit.widgets.sheets import Sheet
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
    write_paragraphs,
    write_verdicts,
)
from nps_kit.widgets.training.content import Question, Training

_RIGHT = {True: "right", False: "wrong", None: "open"}
_TITLE = "How NPS works"


def explore_quiz(training: Training, *, day: date | None = None, seed: int | None = None) -> Board:
    """Answer one question at a time, read why at once, and print the result.

    Parameters
    ----------
    training
        As `read_training` gives it.
    day
        The date on the result. None: today.
    seed
        Shuffles the questions; the same seed gives the same order. None: in the order of the file.

    Returns
    -------
    The quiz. Its controls: ``question``; ``answer`` where one answer is right, ``answer 1``,
    ``answer 2`` and so on where several are; ``check``; and ``name``, on the result.

    Raises
    ------
    TrainingError
        If the training has no question.

    Notes
    -----
    An answer stands once it was checked. The name is only printed: it leaves the machine nowhere.

    Examples
    --------
    >>> from nps_kit.widgets.training.content import read_training
    >>> explore_quiz(read_training("sample/training.toml")).told[0]
    'Question 1 of 20: Bands'
    """
    if not training.questions:
        raise lacking_part("question", caller="explore_quiz()")
    questions = arrange(training.questions, seed=seed)
    return _Quiz(questions, title=training.title or _TITLE, day=day).board


class _Quiz(Paged):
    def __init__(self, questions: list[Question], *, title: str, day: date | None) -> None:
        self._questions, self._title, self._day = questions, title, day
        several = [len(q.answers) for q in questions if len(q.right) > 1]
        self._ticks = [
            ipywidgets.Checkbox(value=False, indent=False) for _ in range(max(several, default=0))
        ]
        self._answer, self._check = make_choice("Your answer"), make_reveal("Check my answer")
        self._ticked = ipywidgets.VBox([ipywidgets.HTML("Tick all that are right"), *self._ticks])
        self._ticked.add_class("nps-ticks")
        chosen: dict[str, Any] = {
            "answer": self._answer,
            **{f"answer {k + 1}": tick for k, tick in enumerate(self._ticks)},
            "check": self._check,
        }
        new = dict.fromkeys(chosen, False) | {"answer": None}
        super().__init__(len(questions), noun="Question", chosen=chosen, new=new)
        self._card, self._shown, self._sheet = ipywidgets.HTML(), ipywidgets.HTML(), Sheet()
        self._name = ipywidgets.Text(
            description="Name on the result",
            placeholder="as it is to be printed",
            style={"description_width": "initial"},
        )
        self.board = place_board(
            {"question": self._pages.place, **self._chosen, "name": self._name},
            [
                *(self._pages.row, self._card, self._answer, self._ticked),
                *(self._check, self._shown, self._name, self._sheet),
            ],
            work=self._work,
        )

    def _show(self) -> list[str]:
        turned, self._at = self._pages.at != self._at, self._pages.at
        self._pages.show()
        show_if(self._name, shown=self._pages.at_result)
        if self._pages.at_result:
            for widget in (self._answer, self._ticked, self._check):
                show_if(widget, shown=False)
            return self._show_result()
        self._sheet.page = ""
        question, kept = self._questions[self._at], self._kept[self._at]
        if turned:
            self._turn_to(question, kept)
        chosen = _read_chosen(question, kept)
        checked = bool(kept["check"] and chosen)
        show_if(self._answer, shown=len(question.right) == 1 and not checked)
        show_if(self._ticked, shown=len(question.right) > 1 and not checked)
        show_if(self._check, shown=not checked)
        self._check.disabled = not chosen
        self._card.value = write_card(
            f'<p class="nps-chapter">{html.escape(question.chapter)}</p>'
            f'<div class="nps-question">{write_paragraphs(question.text)}</div>'
        )
        lines = [
            f"Question {self._at + 1} of {self._pages.many}: {flatten(question.chapter)}",
            flatten(question.text),
        ]
        if not checked:
            self._shown.value = ""
            return [*lines, *(f"{k}. {flatten(a)}" for k, a in enumerate(question.answers, 1))]
        self._shown.value, told = _reveal(question, chosen)
        return lines + told

    def _turn_to(self, question: Question, kept: dict[str, Any]) -> None:
        single = len(question.right) == 1
        offer(self._answer, question.answers if single else (), chosen=kept["answer"])
        for k, tick in enumerate(self._ticks):
            used = not single and k < len(question.answers)
            show_if(tick, shown=used)
            tick.description = flatten(question.answers[k]) if used else f"Answer {k + 1}"
            tick.value = kept[f"answer {k + 1}"]
        self._check.value = kept["check"]

    def _show_result(self) -> list[str]:
        rights = [
            _is_right(question, kept)
            for question, kept in zip(self._questions, self._kept, strict=True)
        ]
        results = pl.DataFrame(
            {
                "chapter": [flatten(question.chapter) for question in self._questions],
                "right": rights,
            },
            schema={"chapter": pl.String, "right": pl.Boolean},
        )
        findings = [say_quiz(results), say_revision(results)]
        chapters = list_results(results)
        day = name_day(self._day or date.today())  # noqa: DTZ011 - the reader's own calendar
        items = "".join(f"<li>{html.escape(line)}</li>" for line in chapters)
        self._card.value = write_card(
            f"<h4>{html.escape(findings[0])}</h4><p>{html.escape(findings[1])}</p>"
            f'<ul class="nps-chapters">{items}</ul><p>{html.escape(day)}</p>'
        )
        self._shown.value = ""
        self._sheet.page = _write_sheet(
            self._questions,
            rights,
            title=self._title,
            by=", ".join(part for part in (flatten(self._name.value), day) if part),
            findings=findings,
        )
        return [*findings, *chapters, day]


def _read_chosen(question: Question, kept: dict[str, Any]) -> list[int]:
    """Read which answers were chosen, from 0."""
    if len(question.right) == 1:
        return [] if kept["answer"] is None else [kept["answer"]]
    return [k for k in range(len(question.answers)) if kept.get(f"answer {k + 1}")]


def _is_right(question: Question, kept: dict[str, Any]) -> bool | None:
    """Tell whether a question was answered rightly; None: it was not answered."""
    chosen = _read_chosen(question, kept)
    if not (chosen and kept["check"]):
        return None
    return {k + 1 for k in chosen} == set(question.right)


def _reveal(question: Question, chosen: list[int]) -> tuple[str, list[str]]:
    """Show which answers were right, and why."""
    good = {k + 1 for k in chosen} == set(question.right)
    said = "Right." if good else "Not quite."
    rows = [
        (answer, "right" if k in question.right else "wrong", "")
        for k, answer in enumerate(question.answers, 1)
    ]
    source = (
        f'<p class="nps-source">Source: {html.escape(question.source)}</p>'
        if question.source.strip()
        else ""
    )
    shown = write_card(
        write_verdicts(rows, chosen=chosen, heading=said)
        + write_paragraphs(question.explanation)
        + source,
        kind="answer",
    )
    told = [said, *tell_verdicts(rows, chosen=chosen), flatten(question.explanation)]
    return shown, told + ([f"Source: {flatten(question.source)}"] if source else [])


def _write_sheet(
    questions: list[Question],
    rights: list[bool | None],
    *,
    title: str,
    by: str,
    findings: list[str],
) -> str:
    """Write the result as a page of its own."""
    rows = "".join(
        f"<tr><td>{k}</td><td>{html.escape(question.chapter)}</td>"
        f"<td>{html.escape(flatten(question.text))}</td><td>{_RIGHT[right]}</td></tr>"
        for k, (question, right) in enumerate(zip(questions, rights, strict=True), 1)
    )
    return (
        '<!doctype html><html lang="en-GB"><head><meta charset="utf-8">'
        f"<title>{html.escape(title)}</title><style>{_SHEET_STYLE}</style></head><body>"
        f'<h1>{html.escape(title)}</h1><p class="by">{html.escape(by)}</p>'
        f'<p class="finding">{html.escape(findings[0])}</p><p>{html.escape(findings[1])}</p>'
        "<h2>The questions</h2><table><thead><tr><th>No.</th><th>Chapter</th><th>Question</th>"
        f"<th>Answer</th></tr></thead><tbody>{rows}</tbody></table></body></html>"
    )


_SHEET_STYLE = files("nps_kit.widgets.training").joinpath("sheet.css").read_text("utf-8")
