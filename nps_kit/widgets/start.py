"""Data found near by, looked at, and handed to the notebooks as three lines to paste."""

import html
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from zoneinfo import available_timezones

import ipywidgets
import polars as pl

from nps_kit.errors import KitError, SourceError
from nps_kit.rows.exports import Mapping as ExportMapping
from nps_kit.rows.exports import check_import, import_table
from nps_kit.rows.exports.proposed import Proposed, propose_columns
from nps_kit.rows.files import locate
from nps_kit.rows.looks import list_looks
from nps_kit.rows.nearby import MOST, list_nearby
from nps_kit.rows.sources import open_data
from nps_kit.rows.tallies import tally
from nps_kit.scale import RATING_HIGHEST
from nps_kit.schema import TABLES
from nps_kit.shipped import find_sample
from nps_kit.views.sentences import say_checked
from nps_kit.views.tables.looks import tabulate_looks
from nps_kit.widgets.boards import Board

_ROLES = {
    "score": "Score",
    "responded_at": "Date of the answer",
    "touchpoint": "Touchpoint",
    "channel": "Channel",
    "comment": "Comment",
}
_NONE = "(none)"
_SAMPLE = "sample"
_MINE = "mine"
_LINE = 84
"""So many signs of the field to paste from stand on one line at the least."""

_ENDINGS = ".csv,.tsv,.txt,.parquet,.ndjson,.jsonl,.json,.xlsx"


def explore_data(*, folder: str | Path = ".", choose: str = _SAMPLE) -> Board:
    """Find data near by, look at it, and write the lines that hand it to any notebook.

    Parameters
    ----------
    folder
        Where to look, two folders deep. A file that is uploaded, or an export that is made a table
        of the kit's, goes into its folder ``mine``; what is there is never written over.
    choose
        What is looked at first: ``"sample"``, or the address of a file, a folder or a database.

    Returns
    -------
    The board. Its controls are ``data``, a column for each of ``score``, ``responded_at``,
    ``touchpoint``, ``channel`` and ``comment``, and ``time_zone``. It shows how many rows count and
    what is set aside, how the dates are written, what each column holds (no words and no ids of
    customers), and ``data``, ``columns`` and ``time_zone`` as lines for the parameters cell.

    Raises
    ------
    SourceError
        If `folder` is a file.

    Notes
    -----
    A table is read just as the notebooks read it, so what is told here holds there. An export of a
    survey tool, which they cannot read as it is, is offered to be made a table of the kit's first.

    Examples
    --------
    >>> explore_data(folder="sample").told[0]
    'Read 15,091 rows answered from 1 October 2024 to 30 September 2026: 14,974 count, 117 are set \
aside (108 blank, 9 outside the scale).'
    """
    return _Start(Path(folder), choose).board


class _Start:
    """What the board is made of, and what is known of each place."""

    def __init__(self, folder: Path, choose: str) -> None:
        self.folder = folder
        self._known: dict[str, tuple[Proposed | None, tuple[str, ...]]] = {}
        self._current = ""
        self._busy = False
        self.data = _drop("Data", self._list_places(choose), choose)
        self.roles = {ours: _drop(words, [(_NONE, "")], "") for ours, words in _ROLES.items()}
        self.time_zone = ipywidgets.Combobox(
            description="Time zone",
            placeholder="only where times carry one",
            options=sorted(available_timezones()),
            continuous_update=False,
            ensure_option=False,
        )
        self.upload = ipywidgets.FileUpload(
            description="A file from elsewhere", accept=_ENDINGS, multiple=False, layout=_BUTTON
        )
        self.upload.observe(self._take_upload, names="value")
        self.take = ipywidgets.Button(description="Make it a table of the kit's", layout=_BUTTON)
        self.take.on_click(self._take_in)
        orders = [("as the file tells", ""), *((order, order) for order in _ORDERS)]
        self.order = _drop("Dates are written", orders, "")
        self.said = ipywidgets.HTML()
        self.looks = ipywidgets.HTML()
        self.paste = ipywidgets.Textarea(
            description="To paste", layout={"width": "100%", "display": "none"}
        )
        self.paste.add_class("nps-paste")
        self.after = ipywidgets.HTML()
        self.found = ipywidgets.HTML()
        buttons = ipywidgets.Box([self.upload, self.order, self.take])
        buttons.add_class("nps-controls")
        controls = {"data": self.data, **self.roles, "time_zone": self.time_zone}
        shown = [buttons, self.found, self.said, self.paste, self.after, self.looks]
        self._say_found()
        self.board = Board(controls, shown, work=self.work)
        self.board.add_class("nps-start")

    def work(self) -> Sequence[str]:
        """Look at what is chosen, as the notebooks would."""
        if self._busy:  # a place was chosen, and its columns are being put in place
            return ()
        self._clear()
        address = str(self.data.value)
        proposed, names = self._know(address)
        if address != self._current:
            self._current = address
            self._offer(proposed, names)
        columns = self._read_columns()
        asked = {ours: theirs for ours, theirs in columns.items() if ours != theirs}
        if proposed is not None and (proposed.tool or proposed.table != "responses"):
            return self._offer_import(address, proposed)
        if not columns.get("score"):
            raise SourceError(_NO_SCORE)
        try:
            data = open_data(address, columns=asked, time_zone=self._zone)
            dated = "responded_at" in data.columns
            counts = tally(data.responses, every="day" if dated else None)
        except KitError:
            if proposed is not None:
                self.take.layout.display = self.order.layout.display = ""
            raise
        checked = say_checked(counts, source=data.source)
        said = [*str(checked).split("\n")]
        if proposed is not None and proposed.dates and columns.get("responded_at"):
            said.append(proposed.dates)
        said += [
            f"Doubtful: is '{columns[ours]}' the {words.lower()}?"
            for ours, words in _ROLES.items()
            if self._doubts(ours, proposed)
        ]
        if _look_like_stars(counts):
            said.append(_STARS.format(score=columns["score"]))
        own = {name: name for name in TABLES["responses"].names if name in data.columns}
        table = tabulate_looks(list_looks(data.responses, columns={**columns, **own, **asked}))
        lines = self._write_lines(address, asked)
        self._show(said, table.as_raw_html(), lines)
        return (*said, *lines, *str(table).split("\n"))

    @property
    def _zone(self) -> str | None:
        return str(self.time_zone.value).strip() or None

    def _know(self, address: str) -> tuple[Proposed | None, tuple[str, ...]]:
        """Look at a place once: what is proposed for a file, and the columns that there are."""
        if address not in self._known:
            if locate(address).is_file():
                proposed = propose_columns(address)
                self._known[address] = proposed, proposed.names
            else:
                self._known[address] = None, tuple(open_data(address).columns)
        return self._known[address]

    def _offer(self, proposed: Proposed | None, names: tuple[str, ...]) -> None:
        """Put the columns of a place into the controls."""
        with self._quietly():
            for ours, control in self.roles.items():
                found = ours if ours in names else ""
                if proposed is not None:
                    found = proposed.columns.get(ours, found)
                # One of that name is read as that, whatever is chosen: there is no "none".
                none = [] if ours in names else [(_NONE, "")]
                control.options = [*none, *((name, name) for name in names)]
                control.value = found

    def _read_columns(self) -> dict[str, str]:
        return {ours: control.value for ours, control in self.roles.items() if control.value}

    def _doubts(self, ours: str, proposed: Proposed | None) -> bool:
        return (
            proposed is not None
            and ours in proposed.doubtful
            and self.roles[ours].value == proposed.columns.get(ours)
        )

    def _offer_import(self, address: str, proposed: Proposed) -> Sequence[str]:
        """Say what an import would make of an export; it is made at the press of the button."""
        imported = check_import(address, time_zone=self._zone)
        said = [str(imported), *imported.warnings]
        if proposed.table == "responses":
            said.append(_IMPORT_FIRST)
            self.take.layout.display = ""
        else:
            said.append(_NO_ANSWERS)
        self._tell(said)
        return said

    def _write_lines(self, address: str, asked: Mapping[str, str]) -> list[str]:
        pairs = ", ".join(f"{_quote(ours)}: {_quote(theirs)}" for ours, theirs in asked.items())
        return [
            f"data: str = {_quote(address)}",
            f"columns: dict[str, str] = {{{pairs}}}",
            f"time_zone: str = {_quote(self._zone or '')}",
        ]

    def _show(self, said: Sequence[str], table: str, lines: Sequence[str]) -> None:
        self._tell(said)
        self.paste.value = "\n".join(lines)
        self.paste.rows = sum(1 + len(line) // _LINE for line in lines) + 1
        self.paste.layout.display = ""
        self.after.value = _HOW
        self.looks.value = table

    def _tell(self, lines: Sequence[str]) -> None:
        self.said.value = "".join(f"<p>{html.escape(line)}</p>" for line in lines)

    def _clear(self) -> None:
        self.said.value = self.looks.value = self.after.value = ""
        for part in (self.paste, self.take, self.order):
            part.layout.display = "none"

    def _list_places(self, choose: str) -> list[tuple[str, str]]:
        places = [("sample (made up, comes with the kit)", _SAMPLE)]
        # A folder that is not there yet holds nothing yet: a file handed over makes it.
        there = locate(str(self.folder)).exists()
        near = list_nearby(self.folder)["address"].to_list() if there else []
        mine = [each for each in near if locate(each).resolve() != find_sample().resolve()]
        self._nearby = (len(near), len(mine))
        places += [(address, address) for address in mine]
        if choose not in {address for _, address in places}:
            places.append((choose, choose))
        return places

    def _say_found(self) -> None:
        """Say where nothing was found, or more than can be listed."""
        listed, mine = self._nearby
        told = _TOO_MANY if listed >= MOST else "" if mine else _NOTHING_FOUND
        told = told.format(folder=self.folder)
        self.found.value = f'<p class="nps-note">{html.escape(told)}</p>' if told else ""

    def _take_upload(self, _change: object) -> None:
        """Keep a file that was handed over, and look at it."""
        for file in self.upload.value:
            place = _free(self.folder / _MINE / Path(str(file["name"]).replace("\\", "/")).name)
            with self._told_here():
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(bytes(file["content"]))
                self._look_at(place.as_posix())

    def _take_in(self, _button: object) -> None:
        """Make the chosen file a table of the kit's, and look at that."""
        chosen = Path(str(self.data.value))
        proposed, _ = self._known.get(str(self.data.value), (None, ()))
        mapping = None
        if proposed is None or not proposed.tool:
            columns = {ours: (theirs,) for ours, theirs in self._read_columns().items()}
            orders = {"responded_at": self.order.value} if self.order.value else {}
            mapping = ExportMapping(columns=columns, orders=orders)
        with self._told_here():
            out = _free(self.folder / _MINE / chosen.stem)
            import_table(chosen, out=out, mapping=mapping, time_zone=self._zone)
            self._look_at(out.as_posix())

    @contextmanager
    def _told_here(self) -> Iterator[None]:
        try:
            yield
        except (KitError, OSError) as error:
            told = str(error) if isinstance(error, KitError) else f"{error.strerror}: {self.folder}"
            self._tell(told.split("\n"))

    def _look_at(self, address: str) -> None:
        with self._quietly():
            self.data.options = self._list_places(address)
        self._say_found()
        self.data.value = address

    @contextmanager
    def _quietly(self) -> Iterator[None]:
        """Change controls without working everything out for each."""
        chosen, self._busy = self._busy, True
        try:
            yield
        finally:
            self._busy = chosen


_BUTTON = {"width": "auto"}
_NO_SCORE = (
    "No column is surely the score.\n  Choose it under 'Score': the answers from 0 to 10 to how "
    "likely a customer is to recommend."
)
_NOTHING_FOUND = "No data of yours lies in '{folder}': put a file there, or hand one over here."
_TOO_MANY = (
    "More lies in '{folder}' than is listed: name a folder nearer to your data as 'folder' in the "
    "first grey cell."
)
_STARS = (
    "Doubtful: is '{score}' answered from 0 to 10? No answer is above 5: stars and other ratings "
    "to five are no NPS."
)
_ORDERS = ("day first", "month first")
_IMPORT_FIRST = (
    "This is an export with rows and columns of its tool's own. Press the button: it becomes a "
    "table that every notebook reads, and what is set aside is kept beside it."
)
_NO_ANSWERS = "It holds no answers. Choose the file of the answers; or put both into one folder."
_HOW = (
    "<p>Click into the field, select all (Ctrl+A) and copy (Ctrl+C). Open a notebook, put the "
    "lines in place of those that begin alike in its first grey cell, and choose Run, Run All "
    "Cells.</p>"
)


def _drop(words: str, options: Sequence[tuple[str, str]], value: str) -> ipywidgets.Dropdown:
    return ipywidgets.Dropdown(options=options, value=value, description=words)


def _quote(text: str) -> str:
    """Write a text as the parameters cell wants it."""
    quoted = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{quoted}"'


def _look_like_stars(counts: pl.DataFrame) -> bool:
    """Tell ratings to five that are too few to be refused."""
    scores = counts.filter(pl.col("reason").is_null(), pl.col("n") > 0)["score"]
    return scores.is_between(1, RATING_HIGHEST).all() and scores.len() > 0


def _free(place: Path) -> Path:
    """Find a name that is not taken: answers.csv, answers-2.csv."""
    names = (place, *(place.with_name(f"{place.stem}-{n}{place.suffix}") for n in range(2, 1000)))
    return next((each for each in names if not each.exists()), place)
