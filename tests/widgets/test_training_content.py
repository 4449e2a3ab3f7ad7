"""A training file: what it may say, and where it is wrong."""

from collections.abc import Callable
from pathlib import Path

import pytest

from nps_kit.errors import TrainingError
from nps_kit.rows.sample.world import TOUCHPOINTS
from nps_kit.widgets.training.content import read_training

QUESTION = """
[[question]]
id = "bands"
chapter = "Bands"
text = "What is a 6?"
answers = ["a detractor", "a passive"]
right = [1]
explanation = "0 to 6."
"""
SCENARIO = """
[[scenario]]
id = "late"
touchpoint = "claims"
comment = "Late."
score = 2
why = "It was late."
[[scenario.cause]]
text = "The delay"
right = true
why = "It says so."
[[scenario.cause]]
text = "The tone"
why = "It does not."
[[scenario.step]]
text = "Call back"
verdict = "right"
why = "Somebody waits."
[[scenario.step]]
text = "Do nothing"
verdict = "wrong"
why = "Somebody waits."
"""
CONTACT = """
[[contact]]
id = "bill"
touchpoint = "billing"
account = "A call."
[[contact.criterion]]
name = "Tone"
expert = 70
why = "Plain."
ratings = { A = 60, B = 80 }
[[contact.criterion]]
name = "Pace"
expert = 50
why = "Slow."
ratings = { A = 40, B = 60 }
"""
EXAMPLE = """\
  A training of one question:

    [[question]]
    id = "bands"
    chapter = "Bands"
    text = "A customer gives a 6. What is that?"
    answers = ["a detractor", "a passive", "a promoter"]
    right = [1]
    explanation = "On the 0-10 scale 0 to 6 are detractors."

  The training that comes with the kit, sample/training.toml, has one of each kind."""

Told = Callable[[str], str]


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Told:
    """Write a training and give the text of its error."""
    monkeypatch.chdir(tmp_path)

    def tell(text: str) -> str:
        Path("my.toml").write_text(text, encoding="utf-8")
        with pytest.raises(TrainingError) as caught:
            read_training("my.toml")
        return str(caught.value)

    return tell


def one(mistake: str) -> str:
    """Give the text of an error with one mistake."""
    return f"The training 'my.toml' has a mistake:\n  {mistake}"


class TestReadTraining:
    def test_reads_all_three_parts(self, tmp_path):
        """A file of your own holds what you wrote, in its order."""
        path = tmp_path / "my.toml"
        path.write_text(f'title = "Ours"\n{SCENARIO}{CONTACT}{QUESTION}', encoding="utf-8")

        training = read_training(path)

        assert "Ours" == training.title
        assert (True, False) == tuple(cause.right for cause in training.scenarios[0].cause)
        assert {"A": 60, "B": 80} == training.contacts[0].criterion[0].ratings
        assert (1,) == training.questions[0].right

    def test_takes_a_file_with_a_byte_order_mark(self, tmp_path):
        """A file saved by an editor that puts a mark before the text is read all the same."""
        path = tmp_path / "my.toml"
        path.write_text(QUESTION, encoding="utf-8-sig")

        assert "bands" == read_training(path).questions[0].id

    def test_takes_lines_as_windows_ends_them(self, tmp_path):
        """The line of a mistake is right whatever the line ends with."""
        path = tmp_path / "my.toml"
        path.write_bytes(QUESTION.replace("[1]", "[3]").replace("\n", "\r\n").encode())

        with pytest.raises(TrainingError, match=r"line 7, question 'bands', right: "):
            read_training(path)

    def test_keeps_markup_as_text(self, tmp_path):
        """What looks like HTML is what somebody wrote, and nothing else."""
        path = tmp_path / "my.toml"
        path.write_text(QUESTION.replace("0 to 6.", "<b>0</b>"), encoding="utf-8")

        assert "<b>0</b>" == read_training(path).questions[0].explanation

    def test_is_not_changed_afterwards(self):
        """What was read stays as it was checked."""
        with pytest.raises(AttributeError):
            read_training("sample/training.toml").questions[0].text = "another"

    def test_no_such_file_is_told_with_an_example(self, tmp_path, monkeypatch):
        """Whoever has no file yet sees what one looks like."""
        monkeypatch.chdir(tmp_path)

        with pytest.raises(TrainingError) as caught:
            read_training("none.toml")

        assert f"There is no training 'none.toml'.\n{EXAMPLE}" == str(caught.value)

    def test_a_folder_is_told(self, tmp_path, monkeypatch):
        """A folder is no training."""
        monkeypatch.chdir(tmp_path)
        Path("mine").mkdir()

        with pytest.raises(TrainingError) as caught:
            read_training("mine")

        expected = "The training 'mine' cannot be read: it is a folder.\n  Name one TOML file."
        assert expected == str(caught.value)

    def test_another_encoding_is_told(self, tmp_path, monkeypatch):
        """A file in another encoding is not guessed at."""
        monkeypatch.chdir(tmp_path)
        Path("my.toml").write_bytes(QUESTION.replace("Bands", "B\u00e4nder").encode("latin-1"))

        with pytest.raises(TrainingError) as caught:
            read_training("my.toml")

        expected = (
            "The training 'my.toml' is no text in UTF-8.\n"
            "  Save it again as UTF-8: most editors ask for the encoding under 'Save as'."
        )
        assert expected == str(caught.value)

    def test_utf_16_is_told(self, tmp_path, monkeypatch):
        """What an old editor calls Unicode is told as what it is not."""
        monkeypatch.chdir(tmp_path)
        Path("my.toml").write_bytes(QUESTION.encode("utf-16"))

        with pytest.raises(TrainingError, match=r"The training 'my.toml' is no text in UTF-8"):
            read_training("my.toml")

    def test_brackets_without_end_are_told(self, told):
        """A file made to break the reader is refused like any other."""
        expected = (
            "The training 'my.toml' is no TOML that can be read.\n"
            "  Its brackets lie too deep within one another: a training needs two at most."
        )
        assert expected == told("title = " + "[" * 5000 + "]" * 5000)

    def test_a_name_that_no_file_can_have_is_told(self):
        """No file is called so, and it is said."""
        with pytest.raises(TrainingError) as caught:
            read_training("my\0.toml")

        expected = "The training 'my\\x00.toml' is no name of a file.\n  Name one TOML file."
        assert expected == str(caught.value)

    def test_a_file_far_too_large_is_not_read(self, told):
        """A table named by mistake is not taken in at length."""
        expected = (
            "The training 'my.toml' is larger than 5 megabytes.\n"
            "  That is no training: name the TOML file with the texts."
        )
        assert expected == told("#" * 5_000_001)

    def test_of_many_mistakes_the_first_are_told(self, told):
        """More than fifty at once help nobody."""
        lines = told('[[question]]\nid = "a"\n' * 20).splitlines()

        assert ("The training 'my.toml' has 119 mistakes:", 52) == (lines[0], len(lines))
        assert "  These are the first 50: mend them, and read it again." == lines[-1]

    def test_a_right_answer_named_twice_is_told(self, told):
        """Two of the same are one, and perhaps the other was meant."""
        text = QUESTION.replace("right = [1]", "right = [1, 1]")

        assert "question 'bands', right: it names an answer twice" in told(text)

    def test_an_empty_file_is_told_with_an_example(self, told):
        """An empty file asks nothing."""
        assert one(f"it asks nothing.\n{EXAMPLE}".replace("\n", "\n  ")) == told("")

    def test_broken_toml_is_told_with_its_line(self, told):
        """A text that was not closed is found by its line."""
        expected = (
            "The training 'my.toml' is no TOML that can be read.\n"
            "  Illegal character '\\n' (at line 1, column 14).\n"
            '  Texts stand in "quotes", longer ones in """three""".'
        )

        assert expected == told('title = "Ours\n')

    @pytest.mark.parametrize(
        ("text", "mistake"),
        [
            (
                f'titel = "x"\n{QUESTION}',
                "line 1, titel: there is no such key.  Did you mean 'title'?",
            ),
            (
                f"title = 3\n{QUESTION}",
                "line 1, title: it takes a text, in quotes, and was given 3",
            ),
            ("question = 3", "line 1, question: each question begins with a line [[question]]"),
            (
                QUESTION.replace("[1]", "[3]"),
                (
                    "line 7, question 'bands', right: "
                    "there is no answer 3: there are 2, counted from 1"
                ),
            ),
            (
                QUESTION.replace("[1]", "[0]"),
                "line 7, question 'bands', right.1: it counts answers from 1, and was given 0",
            ),
            (
                QUESTION.replace("[1]", "[]"),
                "line 7, question 'bands', right: it takes 1 or more, and was given 0",
            ),
            (
                QUESTION.replace("[1]", "[1, 2]"),
                (
                    "line 7, question 'bands', right: "
                    "every answer is right: at least one must be wrong"
                ),
            ),
            (
                QUESTION.replace("a passive", "A  detractor"),
                "line 6, question 'bands', answers.2: another answer says the same",
            ),
            (
                f"{QUESTION}source = 2003",
                "line 9, question 'bands', source: it takes a text, in quotes, and was given 2003",
            ),
            (
                f'{QUESTION}explanatoin = "x"',
                (
                    "line 9, question 'bands', explanatoin: "
                    "there is no such key.  Did you mean 'explanation'?"
                ),
            ),
            (
                QUESTION + QUESTION,
                "line 11, question 'bands', id: another question has the id 'bands'",
            ),
            (
                QUESTION.replace('"Bands"', '" "'),
                (
                    "line 4, question 'bands', chapter: it takes a text that is not empty, "
                    "and was given ''"
                ),
            ),
            (
                SCENARIO.replace("score = 2", "score = 11"),
                "line 6, scenario 'late', score: it takes 0 to 10, and was given 11",
            ),
            (
                SCENARIO.replace("right = true\n", ""),
                (
                    "line 2, scenario 'late', cause: none of them is right: "
                    "write  right = true  under one"
                ),
            ),
            (
                SCENARIO.replace('verdict = "right"', 'verdict = "possible"'),
                (
                    "line 2, scenario 'late', step: none of them is right: "
                    'write  verdict = "right"  under one'
                ),
            ),
            (
                SCENARIO.replace('"wrong"', '"bad"'),
                (
                    "line 21, scenario 'late', step.2.verdict: "
                    "it takes one of: 'right', 'possible', 'wrong', and was given 'bad'"
                ),
            ),
            (
                SCENARIO.replace("right = true", "rigth = true\nright = true"),
                (
                    "line 10, scenario 'late', cause.1.rigth: "
                    "there is no such key.  Did you mean 'right'?"
                ),
            ),
            (
                CONTACT.replace("expert = 70", "expert = 101"),
                "line 8, contact 'bill', criterion.1.expert: it takes 0 to 100, and was given 101",
            ),
            (
                CONTACT.replace("Pace", "tone"),
                (
                    "line 12, contact 'bill', criterion.2.name: "
                    "another criterion of this contact is called so"
                ),
            ),
            (
                CONTACT.replace("B = 80", "you = 80, B = 80"),
                (
                    "line 10, contact 'bill', criterion.1.ratings.you: "
                    "'you' is kept for the exercise itself: call the evaluator otherwise"
                ),
            ),
        ],
    )
    def test_a_mistake_is_told_with_its_line_and_the_way_out(self, told, text, mistake):
        """A broken file is told where."""
        assert one(mistake) == told(text)

    def test_all_mistakes_are_told_at_once(self, told):
        """A file is mended in one go."""
        text = CONTACT.replace("B = 60", "C = 60") + QUESTION.replace('text = "What is a 6?"\n', "")
        text += SCENARIO.replace("score = 2", 'score = "2"').replace('why = "It was late."', "")

        expected = """\
The training 'my.toml' has 5 mistakes:
  line 10, contact 'bill', criterion.1.ratings: 'C' rated another criterion of this contact, \
and is missing here
  line 15, contact 'bill', criterion.2.ratings: 'B' rated another criterion of this contact, \
and is missing here
  line 17, question 'bands', text: it is missing
  line 24, scenario 'late', why: it is missing
  line 28, scenario 'late', score: it takes a whole number, without quotes, and was given '2'"""
        assert expected == told(text)


class TestTheTrainingOfTheKit:
    def test_has_scenarios_of_every_touchpoint(self):
        """Each step of the journey has a comment to work on."""
        assert set(TOUCHPOINTS) == {
            each.touchpoint for each in read_training("sample/training.toml").scenarios
        }

    def test_has_contacts_that_at_least_four_rated(self):
        """With four evaluators one can see who is severe."""
        contacts = read_training("sample/training.toml").contacts

        assert 3 <= len(contacts)
        assert all(len(each.ratings) >= 4 for contact in contacts for each in contact.criterion)

    def test_right_answers_stand_in_every_place(self):
        """Whoever always ticks the second answer learns nothing and shows it."""
        questions = read_training("sample/training.toml").questions
        places = [question.right[0] for question in questions if len(question.right) == 1]

        assert max(places.count(place) for place in set(places)) <= len(questions) / 2
        assert {1, 2, 3} == set(places)

    def test_never_calls_asking_for_a_score_right(self):
        """Asking for a ten is nowhere the best next step."""
        steps = [
            step.text.lower()
            for scenario in read_training("sample/training.toml").scenarios
            for step in scenario.step
            if step.verdict == "right"
        ]

        assert [] == [text for text in steps if "better score" in text or "review site" in text]
