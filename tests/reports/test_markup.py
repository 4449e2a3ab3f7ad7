import pytest
from great_tables import GT
from polars import DataFrame

from nps_kit.reports.markup import clean_html


class TestCleanHtml:
    @pytest.mark.parametrize(
        ("hostile", "left"),
        [
            ("<script>steal()</script>a", "a"),
            ("<script>steal()", ""),
            ("<ScRiPt src=//evil>x</sCrIpT>a", "a"),
            ('<img src=x onerror="steal()">', "<img>"),
            ('<a href="javascript:steal()">a</a>', "<a>a</a>"),
            ('<a href=" jav&#x09;ascript:steal()">a</a>', "<a>a</a>"),
            ('<a href="data:text/html,x">a</a>', "<a>a</a>"),
            ('<meta http-equiv="refresh" content="0;url=//evil">a', "a"),
            ('<link rel="dns-prefetch" href="//evil">a', "a"),
            ('<base href="//evil">a', "a"),
            ('<iframe srcdoc="x">in</iframe>a', "a"),
            ("<svg><script>steal()</script></svg>a", "a"),
            ("<math><mtext></p><style><img src=x></style></math>a", "a"),
            ("<style>p { background: url(//evil) }</style>", "<style></style>"),
            ("<style>@import '//evil';</style>", "<style></style>"),
            ('<p style="background: url(//evil)">a</p>', "<p>a</p>"),
            ('<form action="//evil"><input name="n">a</form>', "a"),
            ("<!-- <p>a</p> -->b", "b"),
            ("<noscript><p title='</noscript><img src=x onerror=steal()>'>a", "<img>'&gt;a"),
        ],
    )
    def test_nothing_is_left_that_acts_or_fetches(self, hostile: str, left: str):
        """Markup out of a notebook runs nothing and asks for nothing."""
        assert left == clean_html(hostile)

    @pytest.mark.parametrize(
        ("broken", "mended"),
        [
            ("<div><p>a", "<div><p>a</p></div>"),
            ("a</div></main>", "a"),
            ("<b><i>a</b>c</i>", "<b><i>a</i></b><i>c</i>"),
        ],
    )
    def test_what_comes_out_is_balanced(self, broken: str, mended: str):
        """An output cannot close what it did not open."""
        assert mended == clean_html(broken)

    def test_text_stays_text(self):
        """What was escaped is still escaped."""
        assert "&lt;script&gt; &amp; 5 &lt; 6" == clean_html("&lt;script&gt; &amp; 5 < 6")

    def test_cleaning_twice_changes_nothing(self):
        """What has been cleaned is clean."""
        once = clean_html(GT(DataFrame({"a": ["<b>", "&"]}), id="t").as_raw_html())

        assert once == clean_html(once)

    def test_a_table_keeps_its_looks(self):
        """A made table comes through with its style, its classes and its alignment."""
        made = GT(DataFrame({"team": ["a"], "nps": [1.5]}), id="t").as_raw_html()

        kept = clean_html(made)

        assert all(part in kept for part in ("<style>", 'class="gt_table"', "gt_right", "1.5"))
