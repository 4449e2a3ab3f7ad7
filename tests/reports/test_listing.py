import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from nps_kit.reports.listing import list_code


def listed(code: str) -> str:
    """List a notebook of one cell."""
    return "\n".join(list_code(new_notebook(cells=[new_code_cell(code)])))


class TestListCode:
    def test_cells_come_in_their_order_without_the_parameters(self):
        """Parameters are told with the page's making; empty cells and words are no code."""
        parameters = new_code_cell("data = 'x'", metadata={"tags": ["parameters"]})
        injected = new_code_cell("data = 'y'", metadata={"tags": ["injected-parameters"]})
        cells = [new_code_cell("a = 1\n"), new_markdown_cell("# T"), new_code_cell(" ")]

        notebook = new_notebook(cells=[parameters, injected, *cells, new_code_cell("b")])

        assert ["a = 1", "b"] == list_code(notebook)

    @pytest.mark.parametrize(
        ("code", "shown"),
        [
            ('password = "abc"', 'password = "not shown"'),
            ("api_key: str = 'abc'", 'api_key: str = "not shown"'),
            ('ask(token="abc", n=3)', 'ask(token="not shown", n=3)'),
            ('{"secret": "abc"}', '{"secret": "not shown"}'),
            ('os.environ["DB_PASSWORD"] = "abc"', 'os.environ["DB_PASSWORD"] = "not shown"'),
            ('getenv("API_KEY", "abc")', 'getenv("API_KEY", "not shown")'),
            ('password = """a\nbc"""', 'password = "not shown"'),
            ('password = r"a\\"bc"', 'password = "not shown"'),
            ("password = (\n    'abc'\n)", 'password = (\n    "not shown"\n)'),
            ("token = (\n'a'\n'bc'\n)", 'token = (\n"not shown"\n"not shown"\n)'),
            ('getenv("DB_PASSWORD") or "abc"', 'getenv("DB_PASSWORD") or "not shown"'),
            ('password = "a" + "bc"', 'password = "not shown" + "not shown"'),
            ('password = f"{a}bc"', 'password = "not shown"'),
            ('tokens = ["abc"]', 'tokens = ["not shown"]'),
            ('secret = {"a": "bc"}', 'secret = {"not shown": "not shown"}'),
            ('auth = ("me", "abc")', 'auth = ("not shown", "not shown")'),
            ('login("me", "abc")', 'login("not shown", "not shown")'),
            ('ask("me", "abc", token=t)', 'ask("not shown", "not shown", token=t)'),
            ('{"Authorization": "Bearer abc"}', '{"Authorization": "not shown"}'),
            ('setattr(o, "password", "abc")', 'setattr(o, "password", "not shown")'),
            ('api_key = \\\n"abc"', 'api_key = \\\n"not shown"'),
            ("password = 12345", 'password = "not shown"'),
            ('ask("host=h password=abc")', 'ask("host=h password=***")'),
            ('ask("sk-abcdefghijkl1234567890")', 'ask("not shown")'),
            ("n = 1  # password: abc", "n = 1  # password: ***"),
            ("!curl -u me:abc https://a.example", "!curl not shown"),
            ("%env TOKEN=abc", "%env not shown"),
            ("%%bash\necho abc", "%%bash not shown"),
        ],
    )
    def test_a_secret_is_not_shown(self, code, shown):
        """A password that someone wrote into a cell does not travel with the page."""
        assert shown == listed(code)

    @pytest.mark.parametrize(
        ("code", "shown"),
        [
            ('open("/home/me/private/a.csv")', 'open("…/a.csv")'),
            ("open('~/private/a.csv')", "open('…/a.csv')"),
            (r'open(r"C:\Users\me\a.csv")', 'open("…/a.csv")'),
            (r'open("\\\\server\\me\\a.csv")', 'open("…/a.csv")'),
            ('open("file:///home/me/a.csv")', 'open("…/a.csv")'),
            ('open("postgresql://me:word@host/db?key=1")', 'open("postgresql://host/db")'),
            ('open(f"/home/me/{name}.csv")', 'open(f"…/{name}.csv")'),
            ('f"{a}/home/me/b.csv"', 'f"{a}…/b.csv"'),
            ('open("../../me/a.csv")', 'open("…/a.csv")'),
            ("n = 1  # from /home/me/private/a.csv", "n = 1  # from …/a.csv"),
            ('"""\n/home/me/a.csv\n"""', '"""\n…/a.csv\n"""'),
            ("%cd /home/me/private", "%cd not shown"),
        ],
    )
    def test_the_way_to_the_data_stays_private(self, code, shown):
        """Neither a folder of this machine nor a login is told."""
        assert shown == listed(code)

    @pytest.mark.parametrize(
        "code",
        [
            'nk.tally(responses, by=["touchpoint"], every="month")',
            'title = f"{a} / {b}"  # don\'t',
            'keys = {"key": "value"}',
            "%matplotlib inline",
            "%%time\nx = 1",
            "half = n / 2; text = 'a/b'  # it's fine",
            'f("""a\nb""", \'it"s\', level=0.95)',
        ],
    )
    def test_all_else_is_as_it_was_written(self, code):
        """What is shown is what ran."""
        assert code == listed(code)
