"""Bad files, each with one or several of the troubles that real exports have.

Run as a script it writes them into a folder, to be looked at: python corpus.py FOLDER
"""

import sys
from collections.abc import Callable, Iterator
from itertools import combinations, product
from pathlib import Path

Rows = list[list[str]]

HEADER = ["Response ID", "Answered", "How likely are you to recommend us?", "Queue", "Why?"]
QUEUES = ("billing", "claims", "renewal")


def plain_rows(n: int = 24) -> Rows:
    """Make answers without trouble, days and months told apart."""
    return [
        [
            f"12345678901234567{place:02}",
            f"{place % 28 + 1:02}/0{place % 9 + 1}/2026",
            str(place % 11),
            QUEUES[place % 3],
            f"I waited {place} minutes, then it worked",
        ]
        for place in range(n)
    ]


def _set(at: int, place: int, cell: str) -> Callable[[Rows], None]:
    def change(rows: Rows) -> None:
        rows[at][place] = cell

    return change


def _put(*row: str) -> Callable[[Rows], None]:
    def change(rows: Rows) -> None:
        rows.append(list(row))

    return change


def _all(place: int, cell: Callable[[int], str]) -> Callable[[Rows], None]:
    def change(rows: Rows) -> None:
        for number, row in enumerate(rows):
            row[place] = cell(number)

    return change


def _two_kinds(number: int) -> str:
    return "2026-09-02" if number % 2 else "13/09/2026"


CELLS: dict[str, Callable[[Rows], None]] = {
    "score NA": _set(3, 2, "NA"),
    "score blank": _set(3, 2, ""),
    "score sentinel": _set(3, 2, "-2147483648"),
    "score 11": _set(3, 2, "11"),
    "score 9.0": _set(3, 2, "9.0"),
    "score 7.5": _set(3, 2, "7.5"),
    "score comma": _set(3, 2, "7,5"),
    "score words": _set(3, 2, "very likely"),
    "score labelled": _set(3, 2, "10 - Extremely likely"),
    "score padded": _set(3, 2, "\u00a09 "),
    "score infinite": _set(3, 2, "1e999"),
    "score nan": _set(3, 2, "NaN"),
    "score unicode digit": _set(3, 2, "\u0669"),
    "rating to five": _all(2, lambda n: str(n % 5 + 1)),
    "rating in words": _all(2, lambda n: ("good", "bad")[n % 2]),
    "scale from one": _all(2, lambda n: str(n % 10 + 1)),
    "scores to a hundred": _all(2, lambda n: str(n * 4)),
    "date blank": _set(4, 1, ""),
    "date impossible": _set(4, 1, "31/02/2026"),
    "date words": _set(4, 1, "yesterday"),
    "date month first once": _set(4, 1, "02/25/2026"),
    "date short year": _set(4, 1, "5/9/26"),
    "dates ambiguous": _all(1, lambda n: f"0{n % 9 + 1}/0{n % 8 + 1}/2026"),
    "dates of two kinds": _all(1, _two_kinds),
    "dates in words": _all(1, lambda n: f"{n % 28 + 1} September 2026"),
    "dates as days": _all(1, lambda n: str(46_000 + n)),
    "dates as seconds": _all(1, lambda n: str(1_790_000_000 + n)),
    "dates with offsets": _all(1, lambda n: f"2026-09-{n % 28 + 1:02}T10:00:00+02:00"),
    "offset in some": _all(1, lambda n: f"2026-09-{n % 28 + 1:02}T10:00:00{'Z' * (n % 2)}"),
    "dates none": _all(1, lambda _: "n/a"),
    "id twice": _set(5, 0, "1234567890123456704"),
    "id blank": _set(5, 0, ""),
    "queue padded": _set(5, 3, "billing\u00a0"),
    "queues several": _set(5, 3, "billing;claims"),
    "comment of lines": _set(6, 4, "first\nsecond, and\n\nlast"),
    "comment quoted": _set(6, 4, 'said ""no" to it'),
    "comment formula": _set(6, 4, "=1+1"),
    "comment long": _set(6, 4, "x" * 200_000),
    "comment carriage return": _set(6, 4, "a\rb"),
    "comment zero": _set(6, 4, "a\0b"),
    "total below": _put("Total", "", "120", "", ""),
    "average below": _put("Average", "", "7", "", ""),
    "blank row": _put("", "", "", "", ""),
    "all blank": _all(2, lambda _: ""),
}
"""What is wrong with cells."""


def _quoted(cell: str, separator: str) -> str:
    if any(sign in cell for sign in (separator, '"', "\n", "\r")):
        return '"' + cell.replace('"', '""') + '"'
    return cell


def write_text(rows: Rows, header: list[str], separator: str = ",", end: str = "\n") -> str:
    """Write rows as delimited text."""
    return "".join(
        separator.join(_quoted(cell, separator) for cell in row) + end for row in [header, *rows]
    )


LINES: dict[str, Callable[[str], str]] = {
    "title above": lambda t: f"Answers of September\n\n{t}",
    "sep line": lambda t: f"sep=,\n{t}",
    "blank lines": lambda t: t.replace("\n", "\n\n", 3),
    "cell too many": lambda t: t.replace("billing,", "billing,phone,", 1),
    "cell too few": lambda t: t.replace(",billing", "", 1),
    "stray quote": lambda t: t.replace("billing", '6" screen', 1),
    "open quote": lambda t: t.replace("billing", '"billing', 1),
    "text after quote": lambda t: t.replace("billing", '"bill"ing', 1),
    "cut off": lambda t: t[:-30],
    "cut off in a quote": lambda t: t[:-1] + '\n"12,09/',
    "no line at the end": lambda t: t.rstrip("\n"),
    "header twice": lambda t: t + t.split("\n", 1)[0] + "\n",
    "header only": lambda t: t.split("\n", 1)[0] + "\n",
    "no header": lambda t: t.split("\n", 1)[1],
    "blank name": lambda t: t.replace("Queue", "", 1),
    "name twice": lambda t: t.replace("Queue", "Why?", 1),
    "score named twice": lambda t: t.replace("Why?", HEADER[2], 1),
    "name with a line": lambda t: t.replace("How likely are", '"How\nlikely" are', 1),
    "markup in a name": lambda t: t.replace("recommend", "<b>recommend</b>", 1),
    "trailing separators": lambda t: t.replace("\n", ",,\n"),
    "extra cell throughout": lambda t: t.replace("\n", ",x\n").replace("?,x\n", "?\n", 1),
    "only blanks": lambda _: "   \n \n",
    "one column": lambda _: "How likely are you to recommend us?\n9\n\n10\n",
    "other separators": lambda t: t.replace(",", ";", 10),
    "prose": lambda _: "Dear all,\nplease find the answers below.\nRegards\n",
    "page": lambda _: "<html><body><table><tr><td>9</td></tr></table></body></html>\n",
    "old mac": lambda t: t.replace("\n", "\r"),
    "windows": lambda t: t.replace("\n", "\r\n"),
}
"""What is wrong with lines."""

BYTES: dict[str, Callable[[str], bytes]] = {
    "latin": lambda t: t.replace("waited", "attendé").encode("cp1252", errors="replace"),
    "mixed": lambda t: (
        t.encode() + "x,01/09/2026,9,für,größer\n".encode("cp850") + "y,02/09/2026,8,é,ü\n".encode()
    ),
    "utf-16": lambda t: t.encode("utf-16"),
    "utf-16 without its mark": lambda t: t.encode("utf-16-le"),
    "marked": lambda t: t.encode("utf-8-sig"),
    "bytes": lambda t: t.encode() + bytes(range(256)),
    "zeros": lambda t: t.encode() + b"\0" * 50,
}
"""What is wrong with bytes."""

OTHERS: dict[str, tuple[str, bytes]] = {
    "empty": (".csv", b""),
    "a workbook called csv": (".csv", b"PK\x03\x04 and so on"),
    "an old workbook called csv": (".csv", b"\xd0\xcf\x11\xe0 and so on"),
    "text called xlsx": (".xlsx", b"score\n9\n"),
    "text called parquet": (".parquet", b"PAR1 not"),
    "json cut off": (".json", b'[{"event": "survey sent", "properties": {'),
    "json of numbers": (".json", b"[1, 2, 3]"),
    "json lines, some broken": (
        ".ndjson",
        b'{"score": 9, "responded_at": "2026-09-01"}\n{"score": 8,\n{"score": 0}\n',
    ),
    "json deep": (".json", b'{"score": ' + b"[" * 3000 + b"]" * 3000 + b"}"),
    "json empty": (".json", b""),
    "json nothing": (".json", b"[]"),
    "a picture": (".csv", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"),
    "another ending": (".pdf", b"%PDF-1.7"),
}


def make_corpus() -> Iterator[tuple[str, str, bytes]]:
    """Make every bad file: its name, its ending, its bytes."""
    for name, change in CELLS.items():
        rows = plain_rows()
        change(rows)
        yield name, ".csv", write_text(rows, HEADER).encode()
    for name, alter in LINES.items():
        yield name, ".csv", alter(write_text(plain_rows(), HEADER)).encode()
    for name, encode in BYTES.items():
        yield name, ".csv", encode(write_text(plain_rows(), HEADER))
    for name, (ending, content) in OTHERS.items():
        yield name, ending, content
    together = ("score NA", "score 11", "date blank", "id twice", "comment of lines", "total below")
    for one, two in combinations(together, 2):
        rows = plain_rows()
        CELLS[one](rows)
        CELLS[two](rows)
        yield f"{one}, {two}", ".csv", write_text(rows, HEADER, ";", "\r\n").encode()
    for line, kind in product(
        ("title above", "open quote", "cell too many", "cut off", "blank lines"), BYTES
    ):
        text = LINES[line](write_text(plain_rows(), HEADER))
        yield f"{line}, {kind}", ".csv", BYTES[kind](text)


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for number, (_, ending, content) in enumerate(make_corpus()):
        (folder / f"{number:03}{ending}").write_bytes(content)
