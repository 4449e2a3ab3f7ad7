import pytest

from nps_kit import errors
from nps_kit.errors import KitError, MissingColumnError, OptionError


class TestKitError:
    @pytest.mark.parametrize(
        "kind",
        [
            errors.SourceError,
            errors.DateError,
            errors.ScaleError,
            errors.MixedSurveysError,
            errors.OptionError,
            errors.ParameterError,
            errors.ReportError,
        ],
    )
    def test_a_wrong_value_is_a_value_error(self, kind):
        """Code that catches ValueError catches the kit's."""
        assert issubclass(kind, KitError)
        assert issubclass(kind, ValueError)

    def test_a_missing_column_is_a_key_error(self):
        """Code that catches KeyError catches a missing column."""
        assert issubclass(MissingColumnError, KeyError)

    def test_text_is_shown_as_written(self):
        """A key error would show its text in quotes, on one line."""
        assert "one\n  two" == str(MissingColumnError("one\n  two"))

    def test_without_text_it_is_empty(self):
        """An error raised bare does not break when it is shown."""
        assert "" == str(KitError())


class TestListed:
    def test_names_stand_in_quotes(self):
        """Two names, quoted, a comma between."""
        assert "'a', 'b'" == errors.listed(["a", "b"])

    def test_many_names_are_counted(self):
        """Beyond the most to show, the rest is a number."""
        assert "'0', '1' and 3 more" == errors.listed(range(5), most=2)

    def test_none_is_said_in_words(self):
        """An empty table has nothing."""
        assert "nothing" == errors.listed([])


class TestNearest:
    def test_guesses_a_close_name(self):
        """A slip of the finger is understood, capitals or not."""
        assert "  Did you mean 'Region'?" == errors.nearest("regoin", ["score", "Region"])

    def test_says_nothing_where_none_is_close(self):
        """A wild guess helps nobody."""
        assert "" == errors.nearest("region", ["score", "n"])


class TestMissingColumn:
    def test_says_what_is_missing_what_is_there_and_what_to_do(self):
        """The whole text, with the guess and the remedy."""
        found = errors.missing_column(
            "regoin",
            caller="tally()",
            table="`responses`",
            present=["region", "score"],
            remedy="Name it: columns={...}.",
        )

        assert isinstance(found, MissingColumnError)
        assert str(found) == (
            "tally() needs the column 'regoin', which is not in `responses`.\n"
            "  It has: 'region', 'score'.  Did you mean 'region'?  Name it: columns={...}."
        )

    def test_an_empty_table_has_nothing(self):
        """Without columns, guess or remedy the text still ends well."""
        found = errors.missing_column("score", caller="f()", table="`t`", present=[])

        assert str(found) == (
            "f() needs the column 'score', which is not in `t`.\n  It has: nothing."
        )


class TestBadOption:
    def test_lists_the_choices_and_guesses(self):
        """The whole text for one of several choices."""
        found = errors.bad_option(
            "mnth", caller="tally()", option="every", choices=["day", "month"]
        )

        assert isinstance(found, OptionError)
        assert str(found) == (
            "tally() cannot use every='mnth'.\n"
            "  It takes one of: 'day', 'month'.  Did you mean 'month'?"
        )

    def test_states_the_rule(self):
        """The whole text for a rule."""
        found = errors.bad_option(-1, caller="f()", option="min_n", rule="0 or more answers")

        assert "f() cannot use min_n=-1.\n  It takes 0 or more answers." == str(found)


class TestCheckLevel:
    @pytest.mark.parametrize("level", [0.001, 0.5, 0.95, 0.999])
    def test_takes_probabilities(self, level):
        """Anything between 0 and 1 will do."""
        errors.check_level(level, caller="f()")

    @pytest.mark.parametrize("level", [0, 1, 95, -0.5, float("nan")])
    def test_refuses_the_rest(self, level):
        """Certainty cannot be had, and percent are not taken."""
        with pytest.raises(OptionError) as caught:
            errors.check_level(level, caller="f()")

        assert str(caught.value) == (
            f"f() cannot use level={level!r}.\n  It takes a number between 0 and 1."
        )


class TestCheckChoice:
    def test_takes_a_choice(self):
        """One of them passes."""
        errors.check_choice("a", ["a", "b"], caller="f()", option="o")

    def test_refuses_the_rest(self):
        """None of them raises, with the choices named."""
        with pytest.raises(OptionError) as caught:
            errors.check_choice("z", ["a", "b"], caller="f()", option="o")

        assert "f() cannot use o='z'.\n  It takes one of: 'a', 'b'." == str(caught.value)
