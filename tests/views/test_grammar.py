import subprocess
import sys

FIRST = "import sys, nps_kit as nk; nk.use_theme(); "
IRI = (
    "from jsonschema import Draft202012Validator as Kind; "
    "check = Kind({'format': 'iri'}, format_checker=Kind.FORMAT_CHECKER); "
)


def said(code: str) -> str:
    """Give what a fresh Python prints that has made ready for charts."""
    done = subprocess.run(
        [sys.executable, "-c", FIRST + code], capture_output=True, check=True, text=True
    )
    return done.stdout.strip()


class TestBuildLater:
    def test_charts_do_not_wait_for_a_grammar_of_addresses(self):
        """What takes longer than altair itself, and no chart needs, is not built."""
        assert "False" == said("print('rfc3987_syntax.syntax_helpers' in sys.modules)")

    def test_whoever_looks_through_all_modules_does_not_wake_it(self):
        """Asking each module for its file, as a traceback does, builds nothing."""
        look = "import inspect; inspect.getmodule(inspect.currentframe()); "

        assert "False" == said(look + "print('rfc3987_syntax.syntax_helpers' in sys.modules)")

    def test_an_address_is_checked_as_before(self):
        """Other programs in the same Python lose nothing."""
        told = said(IRI + "print(check.is_valid('https://a.example/ä'), check.is_valid('<no>'))")

        assert "True False" == told

    def test_all_else_of_the_module_is_there(self):
        """Who imports the grammar itself gets it whole."""
        told = said("import rfc3987_syntax; print(rfc3987_syntax.parse('iri', 'a:b').data)")

        assert "iri" == told

    def test_what_is_built_already_is_left_alone(self):
        """A module that another program has imported stays the one it has."""
        code = "import rfc3987_syntax as own, sys, nps_kit.views; print(own.__class__.__name__)"
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, check=True, text=True
        )

        assert "module" == done.stdout.strip()
