"""A training file, read and checked: every mistake at once, with its line and the way out."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from reprlib import Repr
from typing import Any, NamedTuple

from pydantic import TypeAdapter, ValidationError

from nps_kit.errors import TrainingError, bad_training, listed, nearest
from nps_kit.lines import Place, find_lines, line_of
from nps_kit.rows.files import locate
from nps_kit.widgets.training.content.model import (
    EXPERT,
    RATING_HIGHEST,
    YOURS,
    Cause,
    Contact,
    Criterion,
    Question,
    Scenario,
    Step,
    Training,
)

_PARTS: dict[str, type[Any]] = {"scenario": Scenario, "contact": Contact, "question": Question}
_INNER: dict[str, type[Any]] = {"cause": Cause, "step": Step, "criterion": Criterion}
_KEYS = {name: [each.name for each in fields(part)] for name, part in _PARTS.items()} | {
    name: [each.name for each in fields(part)] for name, part in _INNER.items()
}
_TOP = ("title", *_PARTS)
_LEAST_SPAN = 2
_LARGEST = 5_000_000

_SHORT = Repr()
_SHORT.maxstring = _SHORT.maxother = 60

_EXAMPLE = """\
  A training of one question:

    [[question]]
    id = "bands"
    chapter = "Bands"
    text = "A customer gives a 6. What is that?"
    answers = ["a detractor", "a passive", "a promoter"]
    right = [1]
    explanation = "On the 0-10 scale 0 to 6 are detractors."

  The training that comes with the kit, sample/training.toml, has one of each kind."""

_KINDS = {
    "string_type": "a text, in quotes",
    "string_pattern_mismatch": "a text that is not empty",
    "int_type": "a whole number, without quotes",
    "bool_type": "true or false, without quotes",
    "tuple_type": 'a list: ["...", "..."]',
    "dict_type": "pairs: { A = 70, B = 85 }",
}


class _Mistake(NamedTuple):
    place: Place
    text: str


def read_training(source: str | Path) -> Training:
    """Read what a training asks and tells, and check all of it.

    Parameters
    ----------
    source
        A TOML file in UTF-8. ``[[scenario]]`` begins a comment to work on, ``[[contact]]`` a
        contact to rate, ``[[question]]`` a question of the quiz; their keys are those of
        `Scenario`, `Contact` and `Question`. What lies under ``sample/`` comes with the kit; a
        folder of your own of that name is ``./sample/``.

    Returns
    -------
    The training, in the order of the file. Texts are as written, but for white space around them.

    Raises
    ------
    TrainingError
        If the file cannot be read, or anything in it is wrong. All mistakes are told at once,
        each with its line.

    Examples
    --------
    >>> training = read_training("sample/training.toml")
    >>> training.questions[0].chapter
    'Bands'
    """
    text = _read(source)
    try:
        raw = tomllib.loads(text)
    except RecursionError:
        raise TrainingError(
            f"The training '{source}' is no TOML that can be read.\n"
            "  Its brackets lie too deep within one another: a training needs two at most."
        ) from None
    except tomllib.TOMLDecodeError as error:
        raise TrainingError(
            f"The training '{source}' is no TOML that can be read.\n  {error}.\n"
            '  Texts stand in "quotes", longer ones in """three""".'
        ) from None
    mistakes = list(_look_at_top(raw))
    read: dict[str, list[Any]] = {name: [] for name in _PARTS}
    for name, part in _PARTS.items():
        tables = _list_tables(raw.get(name, []))
        for number, table in enumerate(tables):
            place = (name, number)
            try:
                read[name].append(TypeAdapter[Any](part).validate_python(_trim(table)))
            except ValidationError as error:
                # Where some of a list are wrong, pydantic counts only the others.
                found = (each for each in error.errors(include_url=False) if not _is_enough(each))
                mistakes += [_say(each, place) for each in found]
            mistakes += (_Mistake((*place, *key), told) for key, told in _CHECKS[name](table))
        mistakes += _find_twins(tables, name)
    if mistakes:
        raise bad_training(source, _word(mistakes, raw=raw, lines=find_lines(text)))
    return Training(
        title=raw.get("title", ""),
        scenarios=tuple(read["scenario"]),
        contacts=tuple(read["contact"]),
        questions=tuple(read["question"]),
    )


def _read(source: str | Path) -> str:
    name = str(source)
    path = locate(source) if isinstance(source, str) else source.expanduser()
    if path.is_file() and path.stat().st_size > _LARGEST:
        raise TrainingError(
            f"The training '{name}' is larger than {_LARGEST // 10**6} megabytes.\n"
            "  That is no training: name the TOML file with the texts."
        )
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise TrainingError(f"There is no training '{name}'.\n{_EXAMPLE}") from None
    except UnicodeDecodeError:
        raise TrainingError(
            f"The training '{name}' is no text in UTF-8.\n"
            "  Save it again as UTF-8: most editors ask for the encoding under 'Save as'."
        ) from None
    except ValueError:
        raise TrainingError(
            f"The training {name!r} is no name of a file.\n  Name one TOML file."
        ) from None
    except OSError as error:
        why = "it is a folder" if path.is_dir() else error.strerror or "no reason is given"
        raise TrainingError(
            f"The training '{name}' cannot be read: {why}.\n  Name one TOML file."
        ) from None


def _look_at_top(raw: Mapping[str, Any]) -> Iterator[_Mistake]:
    for name, held in raw.items():
        if name not in _TOP:
            yield _Mistake((name,), _unknown(name, _TOP))
        elif name == "title" and not isinstance(held, str):
            yield _Mistake((name,), f"it takes a text, in quotes, and was given {_show(held)}")
        elif name in _PARTS and not _list_tables(held):
            yield _Mistake((name,), f"each {name} begins with a line [[{name}]]")
    if not any(name in raw for name in _PARTS):
        yield _Mistake((), f"it asks nothing.\n{_EXAMPLE}")


def _list_tables(held: object) -> list[dict[str, Any]]:
    """Give the tables of an array; none where it is something else."""
    if isinstance(held, list) and all(isinstance(table, dict) for table in held):
        return held
    return []


def _trim(held: object) -> object:
    """Take white space from around every text."""
    if isinstance(held, dict):
        return {name: _trim(inner) for name, inner in held.items()}
    if isinstance(held, list):
        return [_trim(inner) for inner in held]
    return held.strip() if isinstance(held, str) else held


def _is_enough(error: Any) -> bool:  # noqa: ANN401 - pydantic's own
    """Tell whether a list that pydantic finds too short is long enough as it was written."""
    short: bool = error["type"] == "too_short"
    return short and len(error["input"]) >= error["ctx"]["min_length"]


def _say(error: Any, place: Place) -> _Mistake:  # noqa: ANN401 - pydantic's own
    """Say what pydantic found, in words for somebody who writes a training."""
    kind, key, given = error["type"], error["loc"], error["input"]
    if kind == "missing":
        return _Mistake((*place, *key), "it is missing")
    if kind in ("unexpected_keyword_argument", "extra_forbidden"):
        around = [name for name in (*place, *key[:-1]) if isinstance(name, str)][-1]
        known = _KEYS[around]
        return _Mistake((*place, *key), _unknown(str(key[-1]), known))
    if kind == "too_short":
        told = f"it takes {error['ctx']['min_length']} or more, and was given {len(given)}"
        return _Mistake((*place, *key), told)
    if kind in ("dataclass_type", "dataclass_exact_type") or (
        kind == "tuple_type" and key[-1] in _INNER
    ):
        inner = next(str(name) for name in key[::-1] if isinstance(name, str))
        told = f"each {inner} begins with a line [[{place[0]}.{inner}]]"
        return _Mistake((*place, *key[: key.index(inner) + 1]), told)
    if kind == "literal_error":
        rule = f"it takes one of: {listed(('right', 'possible', 'wrong'))}"
    elif kind in ("greater_than_equal", "less_than_equal"):
        highest = 10 if key[-1] == "score" else RATING_HIGHEST
        rule = "it counts answers from 1" if "right" in key else f"it takes 0 to {highest}"
    else:
        rule = f"it takes {_KINDS.get(kind, error['msg'])}"
    return _Mistake((*place, *key), f"{rule}, and was given {_show(given)}")


def _check_scenario(table: Mapping[str, Any]) -> Iterator[tuple[Place, str]]:
    causes, steps = _list_tables(table.get("cause")), _list_tables(table.get("step"))
    if causes and not any(cause.get("right") is True for cause in causes):
        yield ("cause",), "none of them is right: write  right = true  under one"
    if steps and not any(step.get("verdict") == "right" for step in steps):
        yield ("step",), 'none of them is right: write  verdict = "right"  under one'
    for name, choices in (("cause", causes), ("step", steps)):
        texts = [choice.get("text") for choice in choices]
        for number in _find_repeats(texts):
            yield (name, number, "text"), "another one says the same"


def _check_contact(table: Mapping[str, Any]) -> Iterator[tuple[Place, str]]:
    criteria = _list_tables(table.get("criterion"))
    for number in _find_repeats([each.get("name") for each in criteria]):
        yield ("criterion", number, "name"), "another criterion of this contact is called so"
    every = [each.get("ratings") for each in criteria]
    known = {name: None for held in every if isinstance(held, dict) for name in held}
    kept = (YOURS.casefold(), EXPERT.casefold())
    for number, held in enumerate(every):
        if not isinstance(held, dict):
            continue
        for name in held:
            if name.strip().casefold() in kept:
                told = f"'{name}' is kept for the exercise itself: call the evaluator otherwise"
                yield ("criterion", number, "ratings", name), told
        if lacking := [name for name in known if name not in held and name.casefold() not in kept]:
            told = f"{listed(lacking)} rated another criterion of this contact, and is missing here"
            yield ("criterion", number, "ratings"), told


def _check_question(table: Mapping[str, Any]) -> Iterator[tuple[Place, str]]:
    answers, right = table.get("answers"), table.get("right")
    if not isinstance(answers, list):
        return
    for number in _find_repeats(answers):
        yield ("answers", number), "another answer says the same"
    if not isinstance(right, list):
        return
    numbers = [each for each in right if isinstance(each, int) and not isinstance(each, bool)]
    if len(set(numbers)) < len(numbers):
        yield ("right",), "it names an answer twice"
    for each in numbers:
        if each > len(answers):
            told = f"there is no answer {each}: there are {len(answers)}, counted from 1"
            yield ("right",), told
    if len(answers) >= _LEAST_SPAN and set(range(1, len(answers) + 1)) <= set(numbers):
        yield ("right",), "every answer is right: at least one must be wrong"


_CHECKS = {"scenario": _check_scenario, "contact": _check_contact, "question": _check_question}


def _find_repeats(texts: Sequence[object]) -> list[int]:
    plain = [" ".join(text.split()).casefold() if isinstance(text, str) else "" for text in texts]
    return [number for number, text in enumerate(plain) if text and text in plain[:number]]


def _find_twins(tables: Sequence[Mapping[str, Any]], name: str) -> Iterator[_Mistake]:
    for number in _find_repeats([table.get("id") for table in tables]):
        told = f"another {name} has the id {_show(tables[number]['id'])}"
        yield _Mistake((name, number, "id"), told)


def _unknown(name: str, known: Sequence[str]) -> str:
    return f"there is no such key.{nearest(name, known) or f'  There are: {listed(known)}.'}"


def _show(given: object) -> str:
    return _SHORT.repr(given)


def _word(
    mistakes: Sequence[_Mistake], *, raw: Mapping[str, Any], lines: dict[Place, int]
) -> list[str]:
    """Word all mistakes of a training, in the order of its lines."""
    told = []
    for mistake in dict.fromkeys(mistakes):
        place = mistake.place
        line = line_of(place, lines)
        names = [f"line {line}"] if line else []
        if len(place) > 1 and place[0] in _PARTS:
            part, number = str(place[0]), int(place[1])
            given = raw[part][number].get("id")
            names.append(f"{part} {_show(given) if isinstance(given, str) else number + 1}")
            place = place[2:]
        # Lists count from 0 in a program, from 1 for whoever wrote them.
        key = ".".join(str(each + 1) if isinstance(each, int) else each for each in place)
        names += [key] if key else []
        text = mistake.text.replace("\n", "\n  ")
        told.append((line or 0, f"  {', '.join(names)}: {text}" if names else f"  {text}"))
    return [text for _, text in sorted(told, key=lambda each: each[0])]
