"""Comments without what tells who wrote them."""

import re
from pathlib import Path

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nps_kit.errors import MissingColumnError, OptionError, SourceError
from nps_kit.rows.privacy.redaction import KINDS, count_redactions, redact_comments
from nps_kit.rows.sample import make_sample

ROSTER = (
    *("Braladan", "Corva Elvuna", "José Álvarez-Núñez", "Will Price", "Li Velm", "Strauß"),
    *("J. R. Quorando", "O'Brimora", "山田太郎", "김철수", "Anne-Marie de la Tarvibel", "Ulv"),
)


def redact(text: str | None, **options: object) -> str | None:
    """Redact one text."""
    frame = pl.DataFrame({"comment": [text]}, schema={"comment": pl.String})
    return redact_comments(frame, **{"names": ROSTER, **options})["comment"].item()


def texts(*given: str | None) -> pl.DataFrame:
    """Make a table of comments."""
    return pl.DataFrame({"id": range(len(given)), "comment": given})


def each(kind: str, *written: str) -> list[tuple[str, str]]:
    """Write cases: each text is to be replaced by its kind, whole."""
    return [(text, kind) for text in written]


PERSONAL = [
    *each(
        "e-mail",
        *("anna.berg@example.com", "ANNA.BERG@EXAMPLE.COM", "anna+tag@sub.example.co.uk"),
        *("o'brien@example.com", "a@localhost", "anna@ example.com", "anna @ example . com"),
        *("anna (at) example (dot) com", "anna[at]example[dot]org", "anna at example dot com"),
        *("anna{at}example.com", "jane dot doe at example dot co dot uk", "anna@192.0.2.10"),
        *(
            "an\u200bna@exam\u200bple.com",
            "anna\uff20example\uff0ecom",
            "ann\u00e4@ex\u00e4mple.de",
        ),
        *("anna\u00ad@example.com", "anna@gmail. com"),
    ),
    *each(
        "link",
        *("https://www.example.com/a?b=c#d", "HTTP://EXAMPLE.COM", "www.example.com"),
        *("example.com", "example.co.uk/path", "example.xyz/a", "ftp://example.org:21/x"),
        *("hxxp://example[.]com/x", "example dot com", "https\u200b://example.com"),
    ),
    *each(
        "phone",
        *("(212) 555-0123", "212-555-0123", "212.555.0123", "212 555 0123", "212/555/0123"),
        *("2125550123", "+1 212 555 0123", "1-212-555-0123", "555-0123", "555 0123", "5550123"),
        *("+44 (0)20 7946 0958", "0044 20 7946 0958", "020 7946 0958", "07700 900123"),
        *("+49 30 123456", "030/1234567", "06 12 34 56 78", "+12125550123"),
        *("(212)\u00a0555\u20110123", "212\u2013555\u20130123", "212\u200b555\u200b0123"),
        *("\uff12\uff11\uff12-555-0123", "\u0662\u0661\u0662-555-0123"),
    ),
    *each(
        "card",
        *("4111 1111 1111 1111", "4111111111111111", "4111-1111-1111-1111", "378282246310005"),
        *("3782 822463 10005", "4111.1111.1111.1111", "4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1"),
        *("4111\u00a01111\u00a01111\u00a01111", "4111\u200b111111111111", "6011-1111-1111-1117"),
    ),
    *each(
        "IBAN",
        *("GB82WEST12345698765432", "GB82 WEST 1234 5698 7654 32", "gb82-west-1234-5698-7654-32"),
        *("DE89370400440532013000", "DE89 3704 0044 0532 0130 00", "NO93 8601 1117 947"),
        "DE89\u00a03704\u00a00044\u00a00532\u00a00130\u00a000",
    ),
    *each(
        "name",
        *("Braladan", "braladan", "BRALADAN", "Corva Elvuna", "corva elvuna", "Elvuna", "Corva"),
        *("Corva J. Elvuna", "Corva j elvuna", "Elvuna Corva", "Jose Alvarez Nunez", "JOSÉ"),
        *("Jose\u0301", "Will Price", "will price", "STRAUSS", "strauß", "J.R. Quorando"),
        *("O\u2019Brimora", "OBrimora", "Anne Marie de la Tarvibel", "ULV", "Price", "Li"),
        *("B\u200bral\u200badan", "Bra\u200fladan", "Corva-Elvuna", "Corva\nElvuna"),
    ),
]

KEPT = (
    *("order 43305691", "ORD-2024-012345", "INC-123456", "#43305691", "PX601246936US"),
    *("2023-08-03", "08/03/2023", "03.08.2023 14:00", "20230803", "2024-01-15 10:30:45.123456"),
    *("I called on 2023-08-03 about it", "12-25-2020", "between 2019-2023 and 2024"),
    *("$1438.46", "1,234,567.89", "1 234 567.89", "12 345 678 EUR", "2 125 550 123 USD"),
    *("3 @ 5.99 each", "5@10.50", "version 23.14.29", "10.15.7.1234", "216.58.21.141"),
    *("14:00:22", "100%", "24/7 365", "10/10", "+20 points", "order 2125550123"),
    *("order 4000000000001234", "1234567812345671", "DE88370400440532013000", "12:30-14:45"),
    *("fixed.it was good.so yes", "e.g. this", "Great.Then it broke", "see @handle"),
    *("Braladans", "xBraladan", "braladan99", "culver", "will you lower the price?", "li"),
    *("we met at noon", "👨\u200d👩\u200d👧 great", "naïve café", "a [name] here", "x\u00ady"),
)


class TestRedactComments:
    @pytest.mark.parametrize(("text", "kind"), PERSONAL, ids=ascii)
    def test_personal_data_goes(self, text, kind):
        """Each form of each kind is replaced, and what stands around it stays."""
        assert f"Said: [{kind}], and more." == redact(f"Said: {text}, and more.")

    @pytest.mark.parametrize("text", KEPT, ids=ascii)
    def test_other_things_stay(self, text):
        """Orders, dates, prices, versions and words are nobody's."""
        assert text == redact(text)

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("Braladan's fault", "[name]'s fault"),
            ("Mail <anna@example.com>!", "Mail <[e-mail]>!"),
            ("Write me@example.com. Then call", "Write [e-mail]. Then call"),
            ("See https://example.com/a.", "See [link]."),
            ("look at example.com", "look at [link]"),
            ("mailto:anna@example.com", "mailto:[e-mail]"),
            ("+49 30 123456 12 days", "[phone] days"),
            ("4111-1111-1111-1111 12/27", "[card] 12/27"),
            ("GB82 WEST 1234 5698 7654 32 is mine", "[IBAN] is mine"),
            ("order 212-555-0123", "order [phone]"),
            ("call 5551234567", "call [phone]"),
            ("Tel. 0151 23456789", "Tel. [phone]"),
            ("tel-212-555-0123", "tel-[phone]"),
            ("山田太郎さん", "[name]さん"),
            ("Price of will price", "[name] of [name]"),
            ("Corva and Elvuna", "[name] and [name]"),
            ("\u202b+44 20 7946 0958\u202c", "\u202b[phone]\u202c"),
            ("Ulv-like culver", "[name]-like culver"),
        ],
    )
    def test_only_what_is_personal_goes(self, text, expected):
        """The words around a find keep their places."""
        assert expected == redact(text)

    def test_several_kinds_in_one_text(self):
        """A text loses everything that tells who it is about."""
        text = "Braladan, 212-555-0123, a@example.com, 4111111111111111, www.example.com"

        assert "[name], [phone], [e-mail], [card], [link]" == redact(text)

    def test_missing_text_stays_missing(self):
        """No comment is not an empty comment."""
        assert [None, ""] == redact_comments(texts(None, ""))["comment"].to_list()

    def test_names_that_are_not_given_stay(self):
        """Nothing guesses who is a person."""
        assert "Braladan was kind" == redact("Braladan was kind", names=())

    def test_names_can_be_a_series(self):
        """A column of names will do, gaps and all."""
        assert "[name]!" == redact("Braladan!", names=pl.Series(["Braladan", None]))

    def test_numbers_at_home_are_those_of_the_regions(self):
        """Nine digits are a number in Spain, and nothing elsewhere."""
        assert ("612 345 678", "[phone]") == (
            redact("612 345 678"),
            redact("612 345 678", regions=["ES"]),
        )

    def test_the_sample_loses_all_that_was_planted(self):
        """Every planted address, card, number and name is gone, and the decoys are not."""
        sample = make_sample()
        names = list(sample.planted["roster"].values())
        redacted = redact_comments(sample.tables["responses"], names=names)
        after = dict(redacted.select("response_id", "comment").iter_rows())

        left = [e for e in sample.planted["personal"] if e["text"] in after[e["response_id"]]]
        decoys = sample.planted["decoys"]
        kept = sum(e["text"] in after[e["response_id"]] for e in decoys)
        assert ([], True) == (left, kept >= 0.95 * len(decoys))

    def test_the_rest_of_the_table_stays(self):
        """Only the column of the text changes, in its place."""
        table = texts("a@example.com", "fine").with_columns(score=9)

        redacted = redact_comments(table)

        assert table.drop("comment").equals(redacted.drop("comment"))

    @pytest.mark.parametrize(
        ("make", "kind"),
        [
            (lambda frame: frame, pl.DataFrame),
            (lambda frame: frame.lazy(), pl.LazyFrame),
            (lambda frame: frame.to_pandas(), pd.DataFrame),
            (lambda frame: frame.to_arrow(), pa.Table),
        ],
        ids=["polars", "polars lazy", "pandas", "pyarrow"],
    )
    def test_frames_stay_what_they_are(self, make, kind):
        """The same kind of frame comes back, with the same texts."""
        redacted = redact_comments(make(texts("a@example.com", None)))

        seen = pl.DataFrame(redacted.collect() if kind is pl.LazyFrame else redacted)
        assert (kind, ["[e-mail]", None]) == (type(redacted), seen["comment"].to_list())

    def test_a_lazy_frame_is_not_read(self, tmp_path: Path):
        """A file that is not there yet is opened only when the rows are asked for."""
        path = tmp_path / "later.parquet"
        texts("a@example.com").write_parquet(path)
        lazy = redact_comments(pl.scan_parquet(path, schema=texts("").schema))
        texts("b@example.com, c@example.com").write_parquet(path)

        assert "[e-mail], [e-mail]" == lazy.collect()["comment"].item()

    def test_a_lazy_frame_is_redacted_in_batches(self, tmp_path: Path):
        """A large file goes through without ever being held whole."""
        lengths = []
        table = pl.concat([texts("a@example.com", "fine")] * 100_000)
        table.write_parquet(tmp_path / "many.parquet", row_group_size=20_000)
        watch = pl.col("comment").map_batches(
            lambda part: (lengths.append(part.len()), part)[1],
            return_dtype=pl.String,
            is_elementwise=True,
        )

        redact_comments(pl.scan_parquet(tmp_path / "many.parquet")).with_columns(
            watch
        ).sink_parquet(tmp_path / "out.parquet")

        assert (200_000, True) == (sum(lengths), max(lengths) < 200_000)

    def test_categories_become_text(self):
        """A column of categories is redacted like any text."""
        table = texts("a@example.com").with_columns(pl.col("comment").cast(pl.Categorical))

        assert "[e-mail]" == redact_comments(table)["comment"].item()

    @given(st.text(max_size=60))
    def test_redacting_twice_is_redacting_once(self, text):
        """A redacted text has nothing more to lose."""
        once = redact(text)

        assert once == redact(once)

    @given(
        st.lists(
            st.one_of(
                st.sampled_from([text for text, _ in PERSONAL]),
                st.sampled_from(KEPT),
                st.sampled_from([*" .,-@/:()+", "[name]", "[", "at", "dot", "12", "é", "\u200b"]),
            ),
            max_size=8,
        ),
        st.sampled_from(["", " ", ". "]),
    )
    def test_redacting_twice_is_redacting_once_whatever_stands_together(self, pieces, joint):
        """Nor when finds touch one another."""
        once = redact(joint.join(pieces))

        assert once == redact(once)

    @given(st.text(st.characters(categories=["L", "Zs"]), max_size=80))
    def test_plain_words_stay(self, text):
        """A text without digits, signs and names is not touched."""
        assert text == redact(text, names=())

    @given(
        st.lists(st.sampled_from(PERSONAL), min_size=1, max_size=5),
        st.sampled_from(["; ", ", then ", "! Also: ", "!\n"]),
    )
    def test_nothing_planted_remains(self, planted, joint):
        """Whatever is put side by side, each is replaced by its kind, in its place."""
        redacted = redact(f"Hm{joint}" + joint.join(text for text, _ in planted) + joint)

        assert [f"[{kind}]" for _, kind in planted] == re.findall(r"\[[^\]]+\]", redacted)

    @given(st.text(st.characters(max_codepoint=0x17F), max_size=60))
    def test_texts_are_read_alike_alone_and_in_a_column(self, text):
        """The quick look that saves most texts from being read misses none."""
        eager = redact(text)

        # A character beyond ASCII makes sure that the text is read.
        assert f"\u00b7 {eager}" == redact(f"\u00b7 {text}")

    def test_long_texts_take_no_longer_than_they_should(self):
        """No text, however odd, keeps the machine busy."""
        odd = ["a." * 5_000, "1 ( " * 5_000, "@" * 10_000, "a@" * 5_000, " at " * 3_000]
        odd += ["0 - " * 4_000, "a dot " * 3_000, "gb82 " * 3_000, "4" * 10_000, "+1 " * 5_000]

        assert len(odd) == redact_comments(texts(*odd), names=ROSTER).height

    def test_a_missing_column_is_named_with_those_present(self):
        """The message says how to name another."""
        with pytest.raises(MissingColumnError) as caught:
            redact_comments(texts("a"), column="coment")

        assert str(caught.value) == (
            "redact_comments() needs the column 'coment', which is not in the table.\n"
            "  It has: 'id', 'comment'.  Did you mean 'comment'?  "
            'Name it:  redact_comments(..., column="...").'
        )

    def test_a_column_of_numbers_is_refused(self):
        """Numbers hold no comments."""
        with pytest.raises(OptionError, match="needs text in 'id', which holds Int64"):
            redact_comments(texts("a"), column="id")

    @pytest.mark.parametrize("names", ["Braladan", [1, 2]])
    def test_names_that_are_none_are_refused(self, names):
        """A single name would be taken for its letters."""
        with pytest.raises(OptionError, match="It takes a list of names"):
            redact_comments(texts("a"), names=names)

    @pytest.mark.parametrize("regions", ["US", ["us"], ["Europe"]])
    def test_regions_that_are_none_are_refused(self, regions):
        """A country is named by two letters."""
        with pytest.raises(OptionError, match="a list of countries by two letters"):
            redact_comments(texts("a"), regions=regions)

    @pytest.mark.filterwarnings("ignore:Dask support:FutureWarning")
    def test_rows_held_elsewhere_are_refused(self, load):
        """No engine is emptied by surprise: the message says what to fetch."""
        frame = load(texts("a@example.com"))
        if isinstance(frame, pl.DataFrame | pl.LazyFrame | pd.DataFrame | pa.Table):
            pytest.skip("these are redacted")

        with pytest.raises(SourceError, match="Choose the comments that are to be printed"):
            redact_comments(frame)


class TestCountRedactions:
    def test_counts_comments_and_finds_of_each_kind(self):
        """Two numbers in one comment are one comment."""
        redacted = redact_comments(texts("212-555-0123 or 212-555-0124", "555-0123", None))

        assert ("phone", 2, 3) in count_redactions(redacted).rows()

    def test_lists_every_kind(self):
        """What was not found is said to be none."""
        assert [(kind, 0, 0) for kind in KINDS] == count_redactions(texts(None)).rows()

    def test_a_lazy_frame_is_counted_too(self):
        """The texts stay where they are."""
        redacted = redact_comments(texts("a@example.com").lazy())

        assert ("e-mail", 1, 1) == count_redactions(redacted).row(0)

    def test_a_missing_column_is_named(self):
        """The message speaks of this function."""
        with pytest.raises(MissingColumnError, match=r"count_redactions\(\) needs the column"):
            count_redactions(texts("a"), column="text")
