"""What a row of a table of comparisons says, and what all of them share."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from nps_kit.views.contrasts.distances import write_number
from nps_kit.views.wording import (
    clean,
    is_number,
    name_column,
    start_sentence,
    write_count,
    write_level,
)

Kind = Literal["groups", "periods", "pairs"]

_ADJUSTED = {
    "holm": "Holm",
    "bonferroni": "Bonferroni",
    "fdr_bh": "Benjamini and Hochberg",
}
_OWN_SCALE = "0-10"
_TWO = 2


@dataclass(frozen=True, slots=True)
class Contrast:
    """One row of a table of comparisons, with its name as a reader would say it."""

    label: str
    spoken: str
    n: int
    n_other: int
    nps: float | None
    nps_other: float | None
    change: float | None
    low: float | None
    high: float | None
    p_adjusted: float | None
    few: bool
    certain: bool
    """The difference is more than chance explains."""
    answer: str
    """What its answers are called: "transactional answer"."""
    twice: bool
    """Its people answered twice."""
    lack: str
    """What is missing to judge it: "too few answers"."""
    row: int
    other: str = ""
    """Name of the one group that its rest consists of."""
    mirror: bool = False
    """Turns round the row of that group, and says nothing new."""

    @property
    def ranked(self) -> bool:
        """Whether there is a difference that could be judged."""
        return is_number(self.change) and is_number(self.p_adjusted) and not self.few

    @property
    def points(self) -> float:
        """The difference of a row that has one."""
        return 0.0 if self.change is None else self.change

    def counted(self, *, in_full: bool) -> str:
        """Count what stands behind it: "1,204 answers"."""
        answer = self.answer if in_full else "answer"
        if self.twice:
            return f"{write_count(self.n, 'person', plural='people')} with two {answer}s"
        return write_count(self.n, answer)

    def facts(self) -> dict[str, Any]:
        """Give its numbers as plain values."""
        named: dict[str, Any] = {"group": self.label} if self.label else {}
        return named | {
            "n": self.n,
            "change": self.change,
            "low": self.low,
            "high": self.high,
            "p_adjusted": self.p_adjusted,
            "certain": self.certain,
        }


@dataclass(frozen=True, slots=True)
class Contrasts:
    """A table of comparisons as a reader sees it.

    `ours` and `theirs` name the two sides where all rows share them ("September 2026"), and are
    empty where a row's own name is its side. `absent` says why there is nothing to see.
    """

    rows: tuple[Contrast, ...]
    by: tuple[str, ...]
    kind: Kind
    ours: str
    theirs: str
    when: str
    """The later of two periods, as a place: "in September 2026"."""
    adjust: str
    level: float
    n_tests: int
    absent: str
    weighted: bool
    clustered: bool
    survey: str
    scale: str

    @property
    def heading(self) -> str:
        """The name of what the rows are: "Touchpoint"."""
        return start_sentence(self.noun)

    @property
    def noun(self) -> str:
        """What one row is: "touchpoint"."""
        return name_column(self.by[0]) if len(self.by) == 1 else "group"

    @property
    def value(self) -> str:
        """What the difference is called above a column."""
        return "Difference" if self.kind == "groups" else "Change"

    @property
    def together(self) -> str:
        """Say how many comparisons the intervals and findings heed: "after six comparisons"."""
        if self.n_tests < _TWO or self.adjust == "none":
            return ""
        return f"after {write_number(self.n_tests)} comparisons"

    def sorted_for_reading(self) -> tuple[Contrast, ...]:
        """Put the highest difference first, rows that are not judged last."""
        ranked = sorted((r for r in self.rows if r.ranked), key=lambda r: (-r.points, r.row))
        return (*ranked, *(row for row in self.rows if not row.ranked))

    def context(self) -> str:
        """Name the survey and the scale that every row shares: "transactional answers, 0-10"."""
        said = f"{self.survey} answers" if self.survey else ""
        return ", ".join(part for part in (said, self.scale and f"{self.scale} scale") if part)

    def say_lack(self, rows: Sequence[Contrast]) -> str:
        """Say why some of the rows are not judged: "too few answers to compare"."""
        lacks = dict.fromkeys(row.lack for row in rows if row.lack)
        return f"{' or '.join(lacks)} to compare" if lacks else ""

    def interval(self) -> str:
        """Name the intervals: "95 % intervals that hold together"."""
        name = f"{write_level(self.level)} interval"
        return f"simultaneous {name}" if self.together else name

    def method(self) -> str:
        """Name how chance was told from difference, in a sentence."""
        made = [
            "Answers are weighted." if self.weighted else "",
            "Answers of one cluster count as alike." if self.clustered else "",
        ]
        if self.adjust == "none" and self.n_tests > 1:
            made.append(f"Not adjusted for the {write_number(self.n_tests)} comparisons.")
        elif self.n_tests > 1:
            name = _ADJUSTED.get(self.adjust, clean(self.adjust))
            made.append(f"Adjusted for {write_number(self.n_tests)} comparisons ({name}).")
        return " ".join(part for part in made if part)
