"""Published figures for an exercise, and how well somebody guessed which of them compare."""

from collections.abc import Sequence

import polars as pl

from nps_kit.errors import OptionError, bad_option, missing_column

_NEEDS = ("publisher", "nps", "tier")


def find_figures(benchmarks: pl.DataFrame, *, sector: str, most: int = 8) -> pl.DataFrame:
    """Find a handful of published figures of one sector that show how far apart they lie.

    Parameters
    ----------
    benchmarks
        Published figures with ``sector``, ``industry``, ``publisher`` and ``nps``; where known
        ``year``.
    sector
        The sector to take.
    most
        How many figures at most, two or more.

    Returns
    -------
    Rows of `benchmarks`, highest score first, with ``figures`` (how many the sector has in all) and
    ``spread`` (points from the lowest of all to the highest). Of each publisher's figures for an
    industry the latest is preferred; the highest and the lowest are always among them.

    Raises
    ------
    MissingColumnError
        If `benchmarks` lacks a column that is needed.
    OptionError
        If no figure is of that sector, or `most` is under two.

    Examples
    --------
    >>> published = pl.DataFrame(
    ...     {
    ...         "sector": "telecommunications",
    ...         "industry": "Telecom",
    ...         "publisher": ["A", "A", "B"],
    ...         "year": [2017, 2019, None],
    ...         "nps": [20.0, 24.0, -5.0],
    ...     }
    ... )
    >>> find_figures(published, sector="telecommunications", most=2).select(
    ...     "publisher", "year", "spread"
    ... ).rows()
    [('A', 2019, 29.0), ('B', None, 29.0)]
    """
    caller = "find_figures()"
    _check_columns(benchmarks, ("sector", "industry", "publisher", "nps"), caller=caller)
    if isinstance(most, bool) or not isinstance(most, int) or most < 2:  # noqa: PLR2004 - the ends
        raise bad_option(most, caller=caller, option="most", rule="a number of figures, 2 or more")
    mine = benchmarks.filter(pl.col("sector") == sector, pl.col("nps").is_not_null())
    if mine.is_empty():
        known = sorted(benchmarks["sector"].drop_nulls().unique().to_list())
        raise bad_option(sector, caller=caller, option="sector", choices=known)
    stated = pl.col("year") if "year" in mine.columns else pl.lit(None).alias("year")
    year = stated.cast(pl.Int64, strict=False)
    ranked = mine.with_columns(
        year,
        figures=pl.len(),
        spread=pl.col("nps").max() - pl.col("nps").min(),
        _end=(pl.col("nps") == pl.col("nps").max()) | (pl.col("nps") == pl.col("nps").min()),
    ).sort("nps", "publisher", "industry", "year", descending=[True, False, False, True])
    latest = pl.col("year").rank("ordinal", descending=True).over("publisher", "industry")
    first = ranked.with_row_index("_row").with_columns(
        # One figure at each end is enough to show the spread.
        _end=pl.col("_row").is_in([0, ranked.height - 1]),
        _turn=latest.fill_null(1),
        _seen=pl.int_range(pl.len()).over("publisher"),
    )
    chosen = first.sort("_end", "_turn", "_seen", "_row", descending=[True, *[False] * 3]).head(
        most
    )
    return chosen.sort("_row").drop("_row", "_end", "_turn", "_seen")


def compare_guesses(comparison: pl.DataFrame, *, guessed: Sequence[bool]) -> pl.DataFrame:
    """Compare what somebody guessed with what may stand beside our score.

    Parameters
    ----------
    comparison
        Table as `compare_benchmarks` makes it, one row per published figure.
    guessed
        For each row, whether it was guessed that the figure may be compared.

    Returns
    -------
    `comparison` with:

    ===============  ========  ================================================================
    ``guessed``      boolean   as given
    ``may``          boolean   whether it may: its tier is not refused
    ``right``        boolean   whether the two agree
    ``n_right``      int       how many of all were right
    ``refused``      int       how many of all are refused
    ``indicative``   int       how many are no more than a rough guide
    ``no_year``      int       how many do not say their year
    ``spread``       points    from the lowest of all figures to the highest
    ``spread_kept``  points    the same of those not refused; null where there is none
    ===============  ========  ================================================================

    Raises
    ------
    MissingColumnError
        If `comparison` lacks a column that is needed.
    OptionError
        If there are not as many guesses as figures.

    Examples
    --------
    >>> comparison = pl.DataFrame(
    ...     {"publisher": ["A", "B"], "nps": [24.0, -5.0], "tier": ["indicative", "refused"]}
    ... )
    >>> compare_guesses(comparison, guessed=[True, True])["right"].to_list()
    [True, False]
    """
    caller = "compare_guesses()"
    _check_columns(comparison, _NEEDS, caller=caller, name="comparison")
    if len(guessed) != comparison.height:
        raise OptionError(
            f"{caller} was given {len(guessed)} guesses for {comparison.height} figures.\n"
            "  Give one a figure, in their order."
        )
    tier = pl.col("tier").cast(pl.String)
    year = pl.col("year") if "year" in comparison.columns else pl.lit(None)
    kept = pl.col("nps").filter(pl.col("may"))
    return (
        comparison.with_columns(
            pl.Series("guessed", [bool(guess) for guess in guessed], dtype=pl.Boolean),
            may=tier != "refused",
        )
        .with_columns(right=pl.col("guessed") == pl.col("may"))
        .with_columns(
            n_right=pl.col("right").sum().cast(pl.Int64),
            refused=(~pl.col("may")).sum().cast(pl.Int64),
            indicative=(tier == "indicative").sum().cast(pl.Int64),
            no_year=year.is_null().sum().cast(pl.Int64),
            spread=pl.col("nps").max() - pl.col("nps").min(),
            spread_kept=kept.max() - kept.min(),
        )
    )


def _check_columns(
    table: pl.DataFrame, names: Sequence[str], *, caller: str, name: str = "benchmarks"
) -> None:
    for needed in names:
        if needed not in table.columns:
            raise missing_column(needed, caller=caller, table=f"`{name}`", present=table.columns)
