"""What somebody makes of a shared folder who has all of it, and knows how groups are merged."""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Literal

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from nps_kit.counts import TOO_FEW, roll_up
from nps_kit.outputs import CHART_MIME, SENTENCE_MIME
from nps_kit.reports.render import render_report
from nps_kit.rows.privacy.suppression import suppress_small
from nps_kit.scale import band_of

MIN_CELL = 5
MONTHS = [date(2026, month, 1) for month in range(1, 7)]
TOUCHPOINTS = ["billing", "claims", "onboarding", "renewal"]
CHANNELS = ["chat", "email", "phone"]
SIZES = [0, 0, 1, 2, 3, 5, 8]
ONE_MIND = 0.3
NUMBERS_OF_ANSWERS = {"n", "n_before", "n_after", "used", "kept", "left_out", "Answers"}
# So many a month is a mean of what is shown, not a month's number.
SAID = re.compile(r"(\d[\d,]*) (?:transactional )?answers?\b(?! a month)")
NO_GROUPS = {"band", "score", "n_each"}
"""Beside these stand parts of a group, or how many groups a plan leaves out."""

PAGES: list[tuple[str, dict[str, Any]]] = [
    ("monthly", {"period": "2026-06"}),
    ("30_touchpoints", {}),
]
OTHER_PAGES: list[tuple[str, dict[str, Any]]] = [
    ("monthly", {"period": "2026-05"}),
    ("monthly", {"period": "2026-06", "before": "2026-04"}),
    ("20_score_against_benchmarks", {}),
    ("80_targets_and_actions", {"every": "month"}),
    ("80_targets_and_actions", {"every": "month", "by": "channel"}),
]
TOUCHPOINT_PAGES: list[tuple[str, dict[str, Any]]] = [
    ("monthly", {"period": "2026-06"}),
    *(("touchpoint", {"period": "2026-06", "touchpoint": name}) for name in TOUCHPOINTS),
    ("touchpoint", {"period": "2026-05", "touchpoint": TOUCHPOINTS[0]}),
]
"""As a plan makes them with `for_each`, of a touchpoint too small to show as well."""

LOYALTY_PAGES: list[tuple[str, dict[str, Any]]] = [
    ("40_what_drives_loyalty", {"drivers": ["wait_seconds", "had_to_repeat"], "controls": []}),
    ("50_loyalty_outcomes", {"controls": []}),
    ("50_loyalty_outcomes", {"controls": [], "touchpoint": "billing"}),
]
"""Without controls: the merged tables of other pages do not tell what lies across two columns."""


@dataclass(frozen=True)
class Row:
    """One answer."""

    month: date
    touchpoint: str
    channel: str
    score: int


def draw_answers(seed: int) -> list[Row]:
    """Draw small groups, many of one mind; one month is too few to show even as a whole."""
    random = np.random.default_rng(seed)
    rows = []
    for month in MONTHS:
        for touchpoint in TOUCHPOINTS:
            for channel in CHANNELS:
                scores = random.integers(11, size=random.choice(SIZES))
                if random.random() < ONE_MIND:
                    scores = np.repeat(scores[:1], scores.size)
                rows += [Row(month, touchpoint, channel, int(score)) for score in scores]
    few = [row for row in rows if row.month == MONTHS[2]][3:]
    return [row for row in rows if row not in few]


def count(rows: list[Row]) -> pl.DataFrame:
    """Count answers as `tally` does."""
    counted = Counter((row.month, row.touchpoint, row.channel, row.score) for row in rows)
    return pl.DataFrame(
        [(*key, n) for key, n in counted.items()],
        schema=["period", "touchpoint", "channel", "score", "n"],
        orient="row",
    )


def merge(rows: list[Row]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Merge them as the notebooks do: touchpoints, and channels beside them."""
    return (
        suppress_small(count(rows), by=["period", "touchpoint"], detail="scores"),
        suppress_small(count(rows), by=["period", "channel"], beside=["touchpoint"]),
    )


def draw_twin(rows: list[Row], seed: int) -> list[Row]:
    """Draw answers that differ in all that is hidden, and in nothing that is shown."""
    random = np.random.default_rng(seed)
    touchpoints, channels = merge(rows)
    while True:
        twin = []
        for month in MONTHS:
            here = [row for row in rows if row.month == month]
            if month in touchpoints.filter(pl.col("reason") == TOO_FEW)["period"]:
                few = int(random.integers(1, MIN_CELL))
                twin += [random.choice(here) for _ in range(few)]
                continue
            for name, merged in (("touchpoint", touchpoints), ("channel", channels)):
                shown = merged.filter(pl.col("period") == month)[name]
                hidden = sorted({getattr(row, name) for row in here} - set(shown))
                swap = dict(zip(hidden, random.permutation(hidden), strict=True))
                here = [
                    replace(row, **{name: str(swap.get(getattr(row, name), getattr(row, name)))})
                    for row in here
                ]
            twin += _cross_anew(here, random)
        if all(one.equals(other) for one, other in zip(merge(rows), merge(twin), strict=True)):
            return twin


def _cross_anew(rows: list[Row], random: np.random.Generator) -> list[Row]:
    """Deal the channels of each band's answers out anew."""
    bands = pl.DataFrame({"score": [row.score for row in rows]}).select(band_of())["band"]
    crossed = []
    for band in bands.unique(maintain_order=True):
        mine = [row for row, other in zip(rows, bands, strict=True) if other == band]
        dealt = random.permutation([row.channel for row in mine])
        crossed += [
            replace(row, channel=str(channel)) for row, channel in zip(mine, dealt, strict=True)
        ]
    return crossed


def cross(rows: list[Row]) -> pl.DataFrame:
    """Merge them as the page of a touchpoint does: channels within touchpoints."""
    return suppress_small(count(rows), by=["period", "touchpoint", "channel"], detail="scores")


def draw_crossed_twin(rows: list[Row], seed: int) -> list[Row]:
    """Draw answers in which all groups that `cross` hides have changed places."""
    random = np.random.default_rng(seed)
    shown = cross(rows)
    while True:
        twin = []
        for month in MONTHS:
            here = [row for row in rows if row.month == month]
            now = shown.filter(pl.col("period") == month)
            if TOO_FEW in now["reason"]:
                twin += [random.choice(here) for _ in range(int(random.integers(1, MIN_CELL)))]
                continue
            for touchpoint in now["touchpoint"].unique().sort():
                named = now.filter(pl.col("touchpoint") == touchpoint)["channel"]
                mine = [row for row in here if row.touchpoint == touchpoint]
                twin += _swap(mine, "channel", named, random)
            hidden = [row for row in here if row.touchpoint not in now["touchpoint"]]
            twin += _swap(hidden, "touchpoint", now["touchpoint"], random)
        if sorted(map(str, twin)) != sorted(map(str, rows)):
            return twin


def _swap(rows: list[Row], name: str, shown: pl.Series, random: np.random.Generator) -> list[Row]:
    hidden = sorted({getattr(row, name) for row in rows} - set(shown))
    swap = dict(zip(hidden, random.permutation(hidden), strict=True))
    return [
        replace(row, **{name: str(swap.get(getattr(row, name), getattr(row, name)))})
        for row in rows
    ]


def write_contacts(rows: list[Row], folder: Path) -> None:
    """Write answers that belong to their contacts: twenty of each group, all invited."""
    folder.mkdir(exist_ok=True)
    ordered = sorted(rows, key=lambda row: (row.month, row.touchpoint, row.channel, row.score))
    lowest = {row.month: row.score for row in sorted(rows, key=lambda row: -row.score)}
    names, taken = [], Counter[tuple[date, str, str]]()
    for row in ordered:
        group = (row.month, row.touchpoint, row.channel)
        names.append("-".join(map(str, (*group, taken[group]))))
        taken[group] += 1
    pl.DataFrame(
        {
            "responded_at": [
                row.month + timedelta(days=27 - (row.score - lowest[row.month])) for row in ordered
            ],
            "score": [row.score for row in ordered],
            "touchpoint": [row.touchpoint for row in ordered],
            "channel": [row.channel for row in ordered],
            "survey": "transactional",
            "interaction_id": names,
            "csat": [1 + row.score * 4 // 10 for row in ordered],
            "effort": [1 + row.score * 6 // 10 for row in ordered],
        }
    ).write_csv(folder / "responses.csv")
    groups = [
        (m, t, c, k) for m in MONTHS for t in TOUCHPOINTS for c in CHANNELS for k in range(20)
    ]
    pl.DataFrame(
        {
            "interaction_id": ["-".join(map(str, group)) for group in groups],
            "started_at": [month for month, *_ in groups],
            "touchpoint": [touchpoint for _, touchpoint, _, _ in groups],
            "channel": [channel for *_, channel, _ in groups],
            "invited": True,
            "abandoned": [place > 16 for *_, place in groups],
            "cost": [float(2 + month.month % 3) for month, *_ in groups],
        }
    ).write_csv(folder / "interactions.csv")


def write(rows: list[Row], folder: Path, *, costs: Literal["month", "score"] = "month") -> None:
    """Write the answers, and as many contacts whatever they are, with all that names people.

    When somebody answered, how the contact went and what the customer then did hangs on the month
    and the score alone: so it is the same wherever these are. What a contact cost hangs on when it
    was, which pages of all contacts show; or, for pages of costs by score, on the score.
    """
    folder.mkdir(exist_ok=True)
    ordered = sorted(rows, key=lambda row: (row.month, row.touchpoint, row.channel, row.score))
    # The last day of a month has an answer, so that each is complete.
    lowest = {row.month: row.score for row in sorted(rows, key=lambda row: -row.score)}
    pl.DataFrame(
        {
            "responded_at": [
                row.month + timedelta(days=27 - (row.score - lowest[row.month])) for row in ordered
            ],
            "score": [row.score for row in ordered],
            "touchpoint": [row.touchpoint for row in ordered],
            "channel": [row.channel for row in ordered],
            "survey": "transactional",
            "response_id": [f"secret-response-{place}" for place in range(len(ordered))],
            "customer_id": [f"secret-customer-{place}" for place in range(len(ordered))],
            "interaction_id": [f"secret-contact-{place}" for place in range(len(ordered))],
            "comment": "Write to secret-person@example.com or call 020 7946 0123.",
        }
    ).write_csv(folder / "responses.csv")
    contacts = [(month, touchpoint) for month in MONTHS for touchpoint in TOUCHPOINTS] * 30
    scores = [(row.month.month, row.score) for row in ordered]
    served = [*scores, *[(0, 0)] * (len(contacts) - len(scores))]
    by_score = [float(2 + month % 3 + score % 2) for month, score in served]
    pl.DataFrame(
        {
            "interaction_id": [f"secret-contact-{place}" for place in range(len(contacts))],
            "started_at": [month for month, _ in contacts],
            "touchpoint": [touchpoint for _, touchpoint in contacts],
            "agent_id": [f"secret-agent-{place % 7}" for place in range(len(contacts))],
            "customer_id": [f"secret-customer-{place}" for place in range(len(contacts))],
            "wait_seconds": [(47 * month + 31 * score) % 400 for month, score in served],
            "had_to_repeat": [(month + score) % 3 == 0 for month, score in served],
            "cost": by_score
            if costs == "score"
            else [float(2 + month.month % 3) for month, _ in contacts],
        }
    ).write_csv(folder / "interactions.csv")
    stayed = [(month * score) % 4 for month, score in scores]
    pl.DataFrame(
        {
            "customer_id": [f"secret-customer-{place}" for place in range(len(ordered))],
            "joined_on": date(2024, 1, 1),
            "left_on": [
                None if stay or row.month == MONTHS[-1] else row.month + timedelta(30 + row.score)
                for stay, row in zip(stayed, ordered, strict=True)
            ],
            "monthly_spend": [float(20 + (month * score) % 9) for month, score in scores],
            "referrals": [(month + score) % 3 for month, score in scores],
        }
    ).write_csv(folder / "customers.csv")


def share(
    rows: list[Row],
    folder: Path,
    pages: list[tuple[str, dict[str, Any]]],
    *,
    writing: Callable[[list[Row], Path], None] = write,
    **more: object,
) -> dict[str, str]:
    """Render pages into a folder, and give all its files by name."""
    writing(rows, folder / "data")
    for place, (name, parameters) in enumerate(pages):
        to = folder / "shared" / f"{place}-{name}"
        render_report(name, to=to, parameters={"data": str(folder / "data"), **parameters, **more})
    files = sorted(path for path in (folder / "shared").rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_text(encoding="utf-8") for path in files}


def told(files: dict[str, str]) -> dict[str, object]:
    """Leave out of each notebook the times at which its cells ran."""
    found: dict[str, object] = dict(files)
    for name in files:
        if name.endswith(".ipynb"):
            cells = json.loads(files[name])["cells"]
            found[name] = [(cell["source"], cell.get("outputs")) for cell in cells]
    return found


def numbers_of_answers(files: dict[str, str]) -> Iterator[int]:
    """Find every group's number of answers, in sentences and their facts, charts and pages."""
    for name, text in files.items():
        if name.endswith(".html"):
            yield from (int(n.replace(",", "")) for n in SAID.findall(text))
            continue
        for cell in json.loads(text)["cells"]:
            for output in cell.get("outputs", []):
                for mime in (SENTENCE_MIME, CHART_MIME):
                    yield from _numbers_in(output.get("data", {}).get(mime))


def _numbers_in(value: object) -> Iterator[int]:
    if isinstance(value, dict) and not NO_GROUPS & set(value):
        for name, inner in value.items():
            if name in NUMBERS_OF_ANSWERS and str(inner).replace(",", "").isdigit():
                yield int(str(inner).replace(",", ""))
            yield from _numbers_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _numbers_in(inner)


def small_groups(rows: list[Row]) -> Counter[tuple[object, ...]]:
    """Count the answers of every group, by each column and by both."""
    counted: Counter[tuple[object, ...]] = Counter()
    for row in rows:
        counted[row.month, row.touchpoint, None] += 1
        counted[row.month, None, row.channel] += 1
        counted[row.month, row.touchpoint, row.channel] += 1
        counted[row.month, None, None] += 1
    return counted


class TestSharedFolder:
    @pytest.mark.parametrize("seed", range(2))
    def test_every_small_group_could_have_had_another_number(self, seed: int) -> None:
        """Answers that are merged into the same tables differ in each group under the limit."""
        rows = draw_answers(seed)
        truth = small_groups(rows)

        worlds = [small_groups(draw_twin(rows, twin)) for twin in range(30)]

        assert [] == [
            (group, n)
            for group, n in truth.items()
            if n < MIN_CELL and all(world[group] == n for world in worlds)
        ]

    @pytest.mark.parametrize("seed", range(20))
    def test_the_page_of_a_touchpoint_is_cut_from_the_monthly_table(self, seed: int) -> None:
        """Channels within touchpoints merge touchpoints no differently: nothing is left over."""
        rows = draw_answers(seed)

        alone, _ = merge(rows)

        keys = ["period", "touchpoint"]
        assert_frame_equal(roll_up(alone, by=keys), roll_up(cross(rows), by=keys))

    def test_a_folder_tells_nothing_but_the_merged_tables(self, tmp_path: Path) -> None:
        """Other answers that are merged into the same tables make the same pages, to the letter."""
        rows = draw_answers(0)

        files = share(rows, tmp_path, PAGES)

        assert told(files) == told(share(draw_twin(rows, 1), tmp_path, PAGES))
        assert all(n == 0 or n >= MIN_CELL for n in numbers_of_answers(files))
        assert "secret-" not in "".join(files.values())
        assert "020 7946 0123" not in "".join(files.values())

    def test_without_merging_a_folder_gives_small_groups_away(self, tmp_path: Path) -> None:
        """With min_cell=0 numbers under the limit stand in it, so they would be found."""
        rows = draw_answers(0)

        files = share(rows, tmp_path, PAGES[:1], min_cell=0)

        assert any(0 < n < MIN_CELL for n in numbers_of_answers(files))

    @pytest.mark.slow
    @pytest.mark.parametrize("seed", range(1, 3))
    def test_no_page_that_ships_tells_more(self, seed: int, tmp_path: Path) -> None:
        """Every notebook, of many small tables."""
        rows = draw_answers(seed)
        pages = [*PAGES, *OTHER_PAGES]

        files = share(rows, tmp_path, pages)

        assert told(files) == told(share(draw_twin(rows, seed), tmp_path, pages))
        assert all(n == 0 or n >= MIN_CELL for n in numbers_of_answers(files))
        assert "secret-" not in "".join(files.values())

    @pytest.mark.slow
    def test_the_pages_of_all_touchpoints_tell_no_more_beside_the_monthly_one(
        self, tmp_path: Path
    ) -> None:
        """Nor do two months of them, with who answered, what it cost and all that can be chosen."""
        rows = draw_answers(0)
        twin = draw_crossed_twin(rows, 1)

        files = share(rows, tmp_path, TOUCHPOINT_PAGES, writing=write_contacts)

        assert cross(rows).equals(cross(twin))
        assert told(files) == told(share(twin, tmp_path, TOUCHPOINT_PAGES, writing=write_contacts))
        assert all(n == 0 or n >= MIN_CELL for n in numbers_of_answers(files))

    @pytest.mark.slow
    def test_no_page_of_what_moves_loyalty_tells_more(self, tmp_path: Path) -> None:
        """Nor of what it brings: months and groups that other pages hide are not counted there."""
        rows = draw_answers(1)

        writing = partial(write, costs="score")

        files = share(rows, tmp_path, LOYALTY_PAGES, writing=writing)

        twin = share(draw_twin(rows, 1), tmp_path, LOYALTY_PAGES, writing=writing)
        assert told(files) == told(twin)
        assert all(n == 0 or n >= MIN_CELL for n in numbers_of_answers(files))
        assert "secret-" not in "".join(files.values())
