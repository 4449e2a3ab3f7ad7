"""What customers of each band spend and refer, and what their contacts cost, printed."""

import polars as pl
from great_tables import GT

from nps_kit.views.outcomes import Line, Lines, read_amounts
from nps_kit.views.outcomes.words import write_amount, write_people, write_rate, write_rates
from nps_kit.views.tables.outcomes.lines import print_lines
from nps_kit.views.tables.printing import NONE
from nps_kit.views.wording import is_number, start_sentence


def tabulate_spend(
    spend: pl.DataFrame, *, currency: str = "", title: str = "", note: str = ""
) -> GT:
    """Print what customers of each band spend a month: trimmed mean, median and ratio.

    Parameters
    ----------
    spend
        Table as `estimate_spend` makes it.
    currency
        Sign or code that is put before amounts. Empty: amounts stand alone.
    title
        What stands above the table. Empty: nothing.
    note
        The source, the controls and what was set aside; what faint means is added.

    Returns
    -------
    The table; one quiet line where nobody's spend is known.

    Raises
    ------
    MissingColumnError
        If a column of `estimate_spend` is not there.
    """
    found = read_amounts(spend, column="spend", caller="tabulate_spend()", name="spend")

    def tell(line: Line) -> dict[str, str]:
        median = line.values.get("median")
        return _tell_ratio(line) | {
            "amount": _write(line.value, currency),
            "interval": _span(line.low, line.high),
            "median": _write(median, currency),
        }

    heads = {
        "n": "Customers",
        "amount": "Trimmed mean",
        "interval": start_sentence(found.shared.interval),
        **({"median": "Median"} if "median" in spend.columns else {}),
        "ratio": _head_ratio(found),
        "ratio_interval": "Its interval",
    }
    return print_lines(found, heads, tell, title=title, notes=[note, _say_few(found)])


def tabulate_referrals(referrals: pl.DataFrame, *, title: str = "", note: str = "") -> GT:
    """Print how many new customers a hundred of each band refer in a year.

    Parameters
    ----------
    referrals
        Table as `estimate_referrals` makes it.
    title
        What stands above the table. Empty: nothing.
    note
        The source and what was set aside; what faint means is added.

    Returns
    -------
    The table; one quiet line where nobody's referrals are known.

    Raises
    ------
    MissingColumnError
        If a column of `estimate_referrals` is not there.
    """
    found = read_amounts(referrals, column="rate", caller="tabulate_referrals()", name="referrals")

    def tell(line: Line) -> dict[str, str]:
        made, rate = line.values.get("referrals"), line.value
        return _tell_ratio(line) | {
            "made": f"{made:,}" if is_number(made) else NONE,
            "amount": NONE if rate is None else write_rate(rate),
            "interval": write_rates(line.low, line.high, like=rate or 0.0) or NONE,
        }

    heads = {
        "n": "Customers",
        "made": "Referrals",
        "amount": "A year by 100",
        "interval": start_sentence(found.shared.interval),
        "ratio": _head_ratio(found),
        "ratio_interval": "Its interval",
    }
    return print_lines(found, heads, tell, title=title, notes=[note, _say_few(found)])


def tabulate_costs(
    costs: pl.DataFrame, *, currency: str = "", title: str = "", note: str = ""
) -> GT:
    """Print what a contact costs, by the band of the answer it led to.

    Parameters
    ----------
    costs
        Table as `estimate_costs` makes it.
    currency
        Sign or code that is put before amounts. Empty: amounts stand alone.
    title
        What stands above the table. Empty: nothing.
    note
        The source and what was set aside.

    Returns
    -------
    The table; one quiet line where no cost is known.

    Raises
    ------
    MissingColumnError
        If a column of `estimate_costs` is not there.
    """
    found = read_amounts(costs, column="cost", caller="tabulate_costs()", name="costs")

    def tell(line: Line) -> dict[str, str]:
        amount, span = _write(line.value, currency), _span(line.low, line.high)
        return {"n": write_people(line.n), "amount": amount, "interval": span}

    heads = {
        "n": "Contacts",
        "amount": "Cost of one",
        "interval": start_sentence(found.shared.interval),
    }
    return print_lines(found, heads, tell, title=title, notes=[note])


def _say_few(found: Lines) -> str:
    faint = any(line.few and line.n for line in found.lines)
    return "Faint: too few customers to judge." if faint else ""


def _head_ratio(found: Lines) -> str:
    against = next((line.against for line in found.lines if line.against), "the other")
    return f"Times that of {against}"


def _tell_ratio(line: Line) -> dict[str, str]:
    ratio = line.ratio
    known = ratio.value is not None
    return {
        "n": write_people(line.n),
        "ratio": f"{ratio.value:.2f}" if known else NONE,
        "ratio_interval": f"{ratio.low:.2f} to {ratio.high:.2f}"
        if ratio.low is not None and ratio.high is not None
        else NONE,
    }


def _write(amount: float | None, currency: str) -> str:
    return write_amount(amount, currency=currency, decimals=2) if is_number(amount) else NONE


def _span(low: float | None, high: float | None) -> str:
    if low is None or high is None:
        return NONE
    return f"{write_amount(low, decimals=2)} to {write_amount(high, decimals=2)}"
