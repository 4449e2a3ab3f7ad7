import base64
import re
import struct
import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import altair as alt
import nbformat
import pytest
from great_tables import GT
from nbformat import NotebookNode
from playwright.sync_api import Browser
from polars import DataFrame
from reports.pages import HOSTILE

from nps_kit.outputs import CHART_MIME, Answer, Checked
from nps_kit.reports.delivery.messages import Sent, compose_failure, compose_message
from nps_kit.reports.delivery.smtp import WIRE
from nps_kit.reports.plans import Mail

ABOUT = Sent("outcomes", "billing", datetime(2026, 11, 2, 7, tzinfo=UTC))
ANSWER = "Billing fell by 12 points: the service, not the mix."
PAGE = b"<!doctype html>\n<p>The whole page, \xe2\x88\x9212 points.\n"
LINK = "https://intranet.example.com/reports/outcomes/2026-10/billing/"
FRAME = DataFrame({"team": ["a", "b"], "nps": [-4.2, 31.0]})

Compose = Callable[..., EmailMessage]


def chart(**settings: object) -> dict[str, Any]:
    """Show a chart as a notebook does."""
    drawn = alt.Chart(FRAME).mark_bar().encode(x="nps", y="team")
    return {CHART_MIME: drawn.properties(title="Team b is ahead").to_dict() | settings}


def table(frame: DataFrame = FRAME) -> dict[str, Any]:
    """Show a table as a notebook does."""
    return {"text/html": GT(frame, id="t").as_raw_html()}


def answer(text: str = ANSWER) -> dict[str, Any]:
    """Show an answer as a notebook does."""
    return Answer(text)._repr_mimebundle_()


@pytest.fixture
def compose(tmp_path: Path, ran: Callable[..., NotebookNode]) -> Compose:
    """Write the message of a notebook that has run, and read it back from its bytes."""

    def compose_(
        *cells: str | dict[str, object], about: Sent = ABOUT, page: str = "attached", link: str = ""
    ) -> EmailMessage:
        shown = cells or ("# Which moved?", answer(), chart(), table(), chart(), chart())
        nbformat.write(ran(*shown), tmp_path / "notebook.ipynb")
        (tmp_path / "index.html").write_bytes(PAGE)
        return arrived(
            compose_message(
                tmp_path,
                about=about,
                mail=Mail(page=page),  # type: ignore[arg-type]
                sender="NPS reports <kit@example.com>",
                to=["ann@example.com", "bob@example.com"],
                link=link,
            )
        )

    return compose_


def arrived(message: EmailMessage) -> EmailMessage:
    """Read a message from its bytes, as a mail program does."""
    return message_from_bytes(message.as_bytes(policy=WIRE), policy=policy.default)  # type: ignore[return-value]


def failure(
    error: str = "The notebook broke.", about: Sent = ABOUT, tries: int = 3
) -> EmailMessage:
    """Write the message of a failure, and read it back."""
    return arrived(
        compose_failure(
            error, about=about, sender="kit@example.com", to=["own@example.com"], tries=tries
        )
    )


def text(message: EmailMessage, kind: str) -> str:
    """Read the plain text or the HTML of a message."""
    body = message.get_body((kind,))
    assert body is not None
    return body.get_content().replace("\r\n", "\n")


def shape(part: EmailMessage) -> object:
    """Tell what lies in what."""
    kind = part.get_content_type()
    return (kind, *map(shape, part.iter_parts())) if part.is_multipart() else kind


def pictures(message: EmailMessage) -> list[Any]:
    """Find the pictures in a message."""
    return [part for part in message.walk() if part.get_content_maintype() == "image"]


class TestComposeMessage:
    def test_lies_as_mail_programs_look_for_it(self, compose: Compose):
        """Text for those who read text, HTML with two charts for the others, and the page."""
        assert shape(compose()) == (
            "multipart/mixed",
            (
                "multipart/alternative",
                "text/plain",
                ("multipart/related", "text/html", "image/png", "image/png"),
            ),
            "application/octet-stream",
        )

    def test_each_picture_in_the_text_is_one_that_came_with_it(self, compose: Compose):
        """No picture is missing, and none is fetched."""
        message = compose()

        named = [picture["Content-ID"].strip("<>") for picture in pictures(message)]
        assert named == re.findall(r'src="cid:([^"]+)"', text(message, "html"))

    def test_the_pictures_are_whole(self, compose: Compose):
        """A picture's checksums are right and its size is that of a sharp chart."""
        png = pictures(compose())[0].get_content()

        chunks, place = {}, 8
        while place < len(png):
            (size,) = struct.unpack_from(">I", png, place)
            kind, body = png[place + 4 : place + 8], png[place + 8 : place + 8 + size]
            assert zlib.crc32(kind + body) == struct.unpack_from(">I", png, place + 8 + size)[0]
            chunks[kind], place = body, place + 12 + size
        width, height = struct.unpack_from(">II", chunks[b"IHDR"])
        assert (b"\x89PNG\r\n\x1a\n", b"IEND") == (png[:8], list(chunks)[-1])
        assert len(zlib.decompress(chunks[b"IDAT"])) == height * (4 * width + 1)

    def test_the_pictures_are_small(self, compose: Compose):
        """A chart costs a mailbox little."""
        assert all(len(picture.get_content()) < 50_000 for picture in pictures(compose()))

    def test_a_chart_says_what_it_shows(self, compose: Compose):
        """Who sees no pictures reads what they show."""
        assert 'alt="Team b is ahead"' in text(compose(), "html")

    def test_a_chart_that_asks_for_more_is_left_out(self, compose: Compose):
        """A chart whose data lies elsewhere fetches nothing; the rest goes all the same."""
        elsewhere = chart(data={"url": "http://127.0.0.1:9/data.csv"}, datasets={})

        message = compose("# T", answer(), elsewhere, chart())

        assert 1 == len(pictures(message))
        assert 1 == text(message, "html").count("<img")

    def test_the_page_goes_with_it_to_the_last_byte(self, compose: Compose):
        """The page that opens from the message is the page that was published."""
        (page,) = compose().iter_attachments()

        assert ("outcomes-billing.html", PAGE) == (page.get_filename(), page.get_content())

    def test_pages_of_one_report_can_be_saved_side_by_side(self, compose: Compose):
        """What it is about stands in the name of the file."""
        about = Sent("outcomes", "Technical support", ABOUT.due, "2026-10")

        (page,) = compose(about=about).iter_attachments()

        assert "outcomes-2026-10-Technical-support.html" == page.get_filename()

    def test_without_a_table_the_numbers_of_a_figure_stand_for_it(self, compose: Compose):
        """Of the first small figure that is not there as a picture, escaped."""
        rows = [{"team": "<b>a</b>", "nps": 12.5}, {"team": "b", "nps": 3.0}]
        small = chart(data={"values": rows})

        html = text(compose("# T", answer(), chart(), chart(), small), "html")

        assert [("&lt;b&gt;a&lt;/b&gt;", "12.5"), ("b", "3")] == re.findall(
            r"<tr><td[^>]*>([^<]*)</td><td[^>]*>([^<]*)", html
        )

    def test_the_printed_report_goes_with_it(self, compose: Compose, tmp_path: Path):
        """Where there is a PDF it is attached too."""
        (tmp_path / "report.pdf").write_bytes(b"%PDF-1.7")

        names = [part.get_filename() for part in compose().iter_attachments()]

        assert ["outcomes-billing.html", "outcomes-billing.pdf"] == names

    def test_a_linked_page_is_not_attached(self, compose: Compose):
        """The page is where the link says, in the text and in the HTML."""
        message = compose(page="linked", link=LINK)

        assert [] == list(message.iter_attachments())
        assert f"The whole page: {LINK}" in text(message, "plain")
        assert f'<a href="{LINK}"' in text(message, "html")

    def test_a_link_that_is_not_there_is_made_up_for(self, compose: Compose):
        """A message never speaks of a page that its reader cannot get at."""
        assert 1 == len(list(compose(page="linked").iter_attachments()))

    def test_the_subject_is_the_answer(self, compose: Compose):
        """Who reads only subjects knows what came out."""
        assert ANSWER == compose()["Subject"]

    def test_without_an_answer_the_subject_is_the_title(self, compose: Compose):
        """A notebook that answers nothing is sent under its name."""
        assert "Which moved?" == compose("# Which moved?", chart())["Subject"]

    def test_a_long_answer_is_cut_after_a_sentence(self, compose: Compose):
        """A subject ends where a sentence does."""
        long = f"{ANSWER} It is 3.5 times chance. {'More is told of it here, ' * 9}"

        assert f"{ANSWER} It is 3.5 times chance." == compose("# T", answer(long))["Subject"]

    def test_a_long_sentence_is_cut_between_words(self, compose: Compose):
        """A sentence with no end in sight is cut after a whole word, and shows it."""
        subject = compose("# T", answer("word " * 60))["Subject"]

        assert ("word " * 39).strip() + "\u2026" == subject

    @pytest.mark.parametrize("sign", ["\n", "\r\n", "\r", "\x0b", "\x85", "\u2028", "\x00\n"])
    def test_no_answer_adds_to_the_head(self, compose: Compose, sign: str):
        """Whatever an answer holds, it stays in the subject."""
        message = compose("# T", answer(f"It fell.{sign}Bcc: eve@example.com"))

        assert message["Bcc"] is None
        assert "It fell. Bcc: eve@example.com" == message["Subject"]

    def test_no_name_adds_to_the_head(self, compose: Compose):
        """Nor do the names of a report and of what it is about."""
        hostile = "a\r\nBcc: eve@example.com"
        about = Sent(hostile, hostile, ABOUT.due)

        messages = [compose(about=about), failure(about=about)]

        assert [None, None] == [message["Bcc"] for message in messages]
        named = next(messages[0].iter_attachments()).get_filename()
        assert "a-Bcc-eve-example-com-a-Bcc-eve-example-com.html" == named

    def test_keeps_its_name_however_often_it_is_sent(self, compose: Compose):
        """A message that comes twice is known by its name."""
        assert compose()["Message-ID"] == compose()["Message-ID"]

    @pytest.mark.parametrize(
        "other",
        [
            Sent("other", "billing", ABOUT.due),
            Sent("outcomes", "sales", ABOUT.due),
            Sent("outcomes", "billing", datetime(2026, 12, 2, 7, tzinfo=UTC)),
            Sent("outcomes\nbilling", "", ABOUT.due),
        ],
    )
    def test_another_report_has_another_name(self, compose: Compose, other: Sent):
        """No report is taken for one that was read."""
        assert compose()["Message-ID"] != compose(about=other)["Message-ID"]

    def test_goes_through_servers_of_any_age(self, compose: Compose):
        """Plain signs and short lines alone are sent, whatever is told."""
        message = compose("# T", answer("Down \u221212 \u2026 " * 200), table())

        lines = message.as_bytes(policy=WIRE).split(b"\r\n")

        assert all(line.isascii() and len(line) <= 998 for line in lines)

    def test_the_text_is_readable_alone(self, compose: Compose):
        """The plain text says what the report is and what came out, in lines of a page's width."""
        facts = {"first": "2026-10-01", "last": "2026-10-31"}
        said = "Read 15,088 rows answered in October 2026: 14,971 count, 117 are set aside: blank."

        message = compose(
            "# Which moved?", answer(), Checked(said, facts=facts)._repr_mimebundle_()
        )

        assert text(message, "plain") == (
            "Which moved?\n"
            "outcomes: billing, 1 October 2026 to 31 October 2026\n\n"
            f"{ANSWER}\n\n"
            "The whole page is attached; it opens in any browser, without a network.\n\n"
            "Read 15,088 rows answered in October 2026: 14,971 count, 117 are set aside:\n"
            "blank.\n"
        )

    def test_the_first_table_is_in_it(self, compose: Compose):
        """The key table is read without opening the page."""
        html = text(compose(), "html")

        assert 1 == html.count("<table")
        assert re.findall(r"<td[^>]*>([^<]+)</td>", html) == ["a", "-4.2", "b", "31.0"]

    def test_numbers_stand_on_the_right(self, compose: Compose):
        """A column of numbers is one, without a style sheet."""
        assert re.search(
            r'<td style="[^"]*text-align:right[^"]*">31.0</td>', text(compose(), "html")
        )

    def test_nothing_runs_and_nothing_is_fetched(self, compose: Compose):
        """Neither a script nor a style sheet nor an address is in the HTML."""
        html = text(compose(), "html")

        assert not re.search(
            r"<(script|style|link|iframe|form)|https?:|url\(|@import| on\w+=", html
        )

    @pytest.mark.browser
    @pytest.mark.parametrize("hostile", HOSTILE)
    def test_hostile_texts_are_texts(self, compose: Compose, browser: Browser, hostile: str):
        """What customers write runs nothing in the message, wherever it stands."""
        frame = DataFrame({hostile: [hostile], "raw": ["x"]})
        raw = {"text/html": f"<table onclick='ran=1'><tr><td class='{hostile}'>{hostile}</table>"}
        about = Sent("outcomes", hostile, ABOUT.due)
        cells = (f"# {hostile}", answer(hostile), chart(description=hostile))

        said, asked = [], []
        for shown in (table(frame), raw):
            context = browser.new_context(offline=True)
            page = context.new_page()
            page.on("request", lambda request: asked.append(request.url))
            page.set_content(see(compose(*cells, shown, about=about)))
            page.locator("td").first.click()
            said.append((page.evaluate("window.ran"), page.locator("h1 + p").inner_text()))
            context.close()

        assert [(None, " ".join(hostile.split()))] * 2 == said
        assert not [url for url in asked if not url.startswith("data:")]

    @pytest.mark.browser
    @pytest.mark.parametrize("width", [360, 720])
    def test_fits_a_window_of_any_width(self, compose: Compose, browser: Browser, width: int):
        """On a telephone nothing but a wide table is moved sideways."""
        wide = DataFrame({f"a long name {number}": [number] for number in range(12)})
        context = browser.new_context(offline=True, viewport={"width": width, "height": 700})
        page = context.new_page()

        page.set_content(see(compose("# T", answer(), chart(), table(wide))))

        assert width == page.evaluate("document.documentElement.scrollWidth")
        assert page.evaluate("document.images[0].naturalWidth > 0")
        context.close()


class TestComposeFailure:
    def test_says_what_failed_and_what_to_do(self):
        """Which report, of what time, why, and the way on."""
        message = failure()

        assert "No report: outcomes: billing" == message["Subject"]
        assert text(message, "plain") == (
            "The report could not be made: outcomes: billing\n"
            "Due 2026-11-02 07:00 UTC, tried 3 times. It is not tried again by itself.\n\n"
            "The notebook broke.\n\n"
            "What was made before lies where it was. Once the cause is mended, this makes the\n"
            "report by hand, in its place, and sends nothing (in the folder of the plan):\n\n"
            "    nps-kit report outcomes --value 'billing'\n\n"
            "The state of all reports: nps-kit reports status\n"
        )

    def test_two_hundred_readers_fit_into_lines_that_any_server_takes(self):
        """No line has more than 998 signs, and nobody is lost between two of them."""
        to = [f"reader{n}@department{n}.example.com" for n in range(200)]
        about = Sent("outcomes", "", datetime(2026, 11, 2, 7, tzinfo=UTC))
        message = compose_failure("Broken.", about=about, sender="k@example.com", to=to, tries=3)

        written = message.as_bytes(policy=WIRE)

        assert 998 >= max(map(len, written.split(b"\r\n")))
        read = message_from_bytes(written, policy=policy.default)
        assert to == [address.addr_spec for address in read["To"].addresses]

    def test_never_looks_like_a_report(self):
        """It is a plain text: no HTML, no picture, nothing attached."""
        assert "text/plain" == shape(failure())

    def test_is_not_taken_for_the_report_that_comes_in_the_end(self, compose: Compose):
        """A mail program that shows one message of a name still shows the report."""
        assert failure()["Message-ID"] != compose()["Message-ID"]

    def test_counts_in_words(self):
        """What was tried once was not tried 1 times."""
        assert "UTC, tried once. " in text(failure(tries=1), "plain")

    def test_markup_in_an_error_is_text(self):
        """An error is shown as it is."""
        assert "a < b & {{ c }}" in text(failure("a < b & {{ c }}"), "plain")


def see(message: EmailMessage) -> str:
    """Put the pictures into the HTML, as a mail program does."""
    html = text(message, "html")
    for picture in pictures(message):
        data = base64.b64encode(picture.get_content()).decode()
        html = html.replace(
            f"cid:{picture['Content-ID'].strip('<>')}", f"data:image/png;base64,{data}"
        )
    return html
