"""Comments without what tells who wrote them."""

import re
import time
from pathlib import Path

import pandas as pd
import phonenumbers
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
    *("Müllvarn", "Doervelt", "Sørbjælm Łuvka", "Mark Young", "Marie Best", "Do An", "Braladan"),
    *("", "  ", "-", "N/A", "Agent 12", "Customer Service", "corvim.delsa@example.com"),
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
        *("anna\u00ad@example.com", "anna@gmail. com", "\u03b1nna@ex\u0430mple.com"),
        *("anna.berg at example.com", "anna7 at example.co.uk", "anna at example . com"),
        *("anna%40example.com", "anna&#64;example.com", "anna&commat;example.com"),
        *('"anna berg"@example.com', "anna.@example.com", "anna{b}@example.com"),
        *(
            "anna|berg@example.com",
            "anna underscore berg at example dot com",
            "1234567@example.com",
        ),
        *("anna -at- example dot com", "anna@mail.support.example.co.uk", "an#@example.com"),
    ),
    *each(
        "link",
        *("https://www.example.com/a?b=c#d", "HTTP://EXAMPLE.COM", "www.example.com"),
        *("example.com", "example.co.uk/path", "example.xyz/a", "ftp://example.org:21/x"),
        *("hxxp://example[.]com/x", "example dot com", "https\u200b://example.com"),
        *(
            "example[.]com",
            "example(dot)com",
            "file:///home/anna/x",
            "example.co.in",
            "EXAMPLE.COM",
        ),
        *("http://localhost:8080/x", "https://example.com/user/anna-berg?id=12345", "wa.me/123"),
    ),
    *each(
        "phone",
        *("(212) 555-0123", "212-555-0123", "212.555.0123", "212 555 0123", "212/555/0123"),
        *("2125550123", "+1 212 555 0123", "1-212-555-0123", "555-0123", "555 0123", "5550123"),
        *("+44 (0)20 7946 0958", "0044 20 7946 0958", "020 7946 0958", "07700 900123"),
        *("+49 30 123456", "030/1234567", "06 12 34 56 78", "+12125550123"),
        *("(212)\u00a0555\u20110123", "212\u2013555\u20130123", "212\u200b555\u200b0123"),
        *("\uff12\uff11\uff12-555-0123", "\u0662\u0661\u0662-555-0123"),
        *("020/7946/0123", "020_7946_0123", "020\u00b77946\u00b70123", "(0)20 7946 0123"),
        *("07700\u00a0900\u2011123", "0 7 7 0 0 9 0 0 1 2 3", "01632 960123", "447700900123"),
        *("44 7700 900123", "(+44) 20 7946 0123", "(0044) 20 7946 0123", "++44 20 7946 0123"),
        *("020 7946 0123 ext. 12", "020 7946 0123, extension 1234", "212-555-0123x45"),
        *("(212) 555-0123 #45", "011 44 20 7946 0123", "020 7946\n0123", "+353 (0)1 555 1234"),
        *("085 123 4567", "0151/234 567 89", "089/636-48018", "06.12.34.56.78", "06-12-34-56-78"),
        *("06/12/34/56/78", "06-12345678", "612 34 56 78", "612.34.56.78", "612345678"),
        *("98765 43210", "9876543210", "098765 43210", "91 98765 43210", "+91-98765-43210"),
    ),
    *each(
        "card",
        *("4111 1111 1111 1111", "4111111111111111", "4111-1111-1111-1111", "378282246310005"),
        *("3782 822463 10005", "4111.1111.1111.1111", "4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1"),
        *("4111\u00a01111\u00a01111\u00a01111", "4111\u200b111111111111", "6011-1111-1111-1117"),
        *("4111 1111\n1111 1111", "4111\r\n1111\r\n1111\r\n1111", "4111*1111*1111*1111"),
        *("4222222222222", "30569309025904", "5555 5555 5555 4444", "2223003122003222"),
    ),
    *each(
        "IBAN",
        *("GB82WEST12345698765432", "GB82 WEST 1234 5698 7654 32", "gb82-west-1234-5698-7654-32"),
        *("DE89370400440532013000", "DE89 3704 0044 0532 0130 00", "NO93 8601 1117 947"),
        *("DE89\u00a03704\u00a00044\u00a00532\u00a00130\u00a000", "DE89/3704/0044/0532/0130/00"),
        *(
            "DE89 3704 0044\n0532 0130 00",
            "FR14 2004 1010 0505 0001 3M02 606",
            "gb82west12345698765432",
        ),
    ),
    *each(
        "name",
        *("Braladan", "braladan", "BRALADAN", "Corva Elvuna", "corva elvuna", "Elvuna", "Corva"),
        *("Corva J. Elvuna", "Corva j elvuna", "Elvuna Corva", "Jose Alvarez Nunez", "JOSÉ"),
        *("Jose\u0301", "Will Price", "will price", "STRAUSS", "strauß", "J.R. Quorando"),
        *("O\u2019Brimora", "OBrimora", "Anne Marie de la Tarvibel", "ULV", "Price", "Li"),
        *("B\u200bral\u200badan", "Bra\u200fladan", "Corva-Elvuna", "Corva\nElvuna"),
        *(
            "Corva\r\n  Elvuna",
            "C. Elvuna",
            "C. J. Elvuna",
            "Corva E",
            "CorvaElvuna",
            "Corva_Elvuna",
        ),
        *(
            "M\u00fcllvarn",
            "Muellvarn",
            "MULLVARN",
            "D\u00f6rvelt",
            "S\u00f8rbj\u00e6lm",
            "Sorbjaelm",
        ),
        *("Soerbjaelm", "\u0141uvka", "luvka", "Marie", "Mark", "Young", "Best", "mark young"),
        *("AnneMarie", "Annemarie", "de la Tarvibel", "Tarvibel", "obrimora", "O Brimora"),
        *("Agent 12", "customer service", "Do An", "Delsa", "corvim"),
    ),
]

KEPT = (
    *("order 43305691", "ORD-2024-012345", "INC-123456", "#43305691", "PX601246936US"),
    *("2023-08-03", "08/03/2023", "03.08.2023 14:00", "20230803", "2024-01-15 10:30:45.123456"),
    *("I called on 2023-08-03 about it", "12-25-2020", "between 2019-2023 and 2024"),
    *("22 11 2026", "2024 01 15 10 30", "09.00-17.00", "0900-1700", "on 03 04 2025 at 10 30"),
    *("07.11.2026 09:00", "01-02-2024 03-04-2024", "20261122140533", "1732284333"),
    *("policy number 0123456789", "claim 0012345678", "error 0800700057", "PO 4500012345"),
    *("ORD 2125550123", "customer number 6123456789", "call about 43305691", "contract 1234567890"),
    *("Kundennummer 0123456789", "commande 0612345678", "my phone bill 43305691"),
    *("1234567890123456789", "1234567", "123456789", "1234567890", "90210-1234", "90210 1234"),
    *("0 1 2 3 4 5 6 7 8 9 10", "30 60 90 120 150", "500-1000 calls", "51.507351, -0.127758"),
    *("612 345 678 EUR", "\u20ac 612 345 678", "Rs 12345678", "612.345.678,00", "rate 234.5678"),
    *("192.168.100.200", "192.168.100.200:8080", "2001:db8::8a2e:370:7334", "1099511627776 bytes"),
    *("SW1A 1AA", "D02 X285", "1234 AB", "ISBN 978-3-16-148410-0", "RR123456789GB"),
    *(
        "3.5",
        "U.K.",
        "U.S.A.",
        "p.m.to",
        "Node.js",
        "report.pdf",
        "no good.De agent",
        "well.Info is",
    ),
    *("http://", "10 - 15 - 20 - 30", "+20 points", "0-6, 7-8 and 9-10", "3 @ home"),
    *("$1438.46", "1,234,567.89", "1 234 567.89", "12 345 678 EUR", "2 125 550 123 USD"),
    *("3 @ 5.99 each", "5@10.50", "version 23.14.29", "10.15.7.1234", "216.58.21.141"),
    *("14:00:22", "100%", "24/7 365", "10/10", "+20 points", "order 2125550123"),
    *("order 4000000000001234", "1234567812345671", "DE88370400440532013000", "12:30-14:45"),
    *("fixed.it was good.so yes", "e.g. this", "Great.Then it broke", "see @handle"),
    *("xBraladan", "braladan99", "Braladanson", "culver", "will you lower the price?", "li"),
    *("the price will rise", "best in may", "an agent", "An agent", "So do I", "customer", "de la"),
    *("order is 43305691. It took 832 minutes", "at 20 minutes later we are", "see 3 in 12 of it"),
    *("J0sé", "the young mark", "service", "strausses"),
    *("we met at noon", "👨\u200d👩\u200d👧 great", "naïve café", "a [name] here", "x\u00ady"),
)


@st.composite
def personal_data(draw: st.DrawFn) -> tuple[str, str]:
    """Make an e-mail address, a telephone number, a card or an account number, and its kind."""
    kind = draw(st.sampled_from(["e-mail", "phone", "card", "IBAN"]))
    joint = draw(st.sampled_from(["", " ", "-", "\u00a0", "\n"]))
    if kind == "e-mail":
        return draw(st.emails()), kind
    if kind == "phone":
        region = draw(st.sampled_from(["GB", "IE", "DE", "FR", "ES", "NL", "US", "IN"]))
        number = phonenumbers.example_number(region)
        shape = phonenumbers.PhoneNumberFormat.INTERNATIONAL
        return re.sub("[ -]", joint, phonenumbers.format_number(number, shape)), kind
    if kind == "card":
        begin = draw(st.sampled_from(["4", "51", "2221", "6011"]))
        digits = begin + draw(
            st.text("0123456789", min_size=15 - len(begin), max_size=15 - len(begin))
        )
        weighed = [int(sign) * (2 - place % 2) for place, sign in enumerate(digits)]
        digits += str(-sum(n // 10 + n % 10 for n in weighed) % 10)
    else:
        account = draw(st.text("0123456789", min_size=18, max_size=18))
        # ISO 13616: D is 13, E is 14; the check digits leave a remainder of 1.
        digits = f"DE{98 - int(account + '131400') % 97:02}{account}"
    return joint.join(re.findall(".{1,4}", digits)), kind


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
            ("Braladans fault", "[name]s fault"),
            ("Mr. Elvuna's", "Mr. [name]'s"),
            ("Dr J. R. Quorando!", "Dr [name]!"),
            ("I met Corva E.", "I met [name]."),
            ("Corva I know", "[name] I know"),
            ("Will you call?", "[name] you call?"),
            ("I saw Corva. Braladan did too", "I saw [name]. [name] did too"),
            ("mailto:anna@example.com?subject=x", "mailto:[e-mail]?subject=x"),
            ("a@example.com,b@example.com", "[e-mail],[e-mail]"),
            ("020 7946 0123 24 hours a day", "[phone] 24 hours a day"),
            ("06 12 34 56 78 2 fois", "[phone] fois"),
            ("020 7946 0123, 5 stars", "[phone], 5 stars"),
            ("07700 900123\n5 stars", "[phone]\n5 stars"),
            ("3 times 07700 900123", "3 times [phone]"),
            ("020 7946 0123 / 07700 900123", "[phone] / [phone]"),
            ("020 7946 0123,020 7946 0124", "[phone],[phone]"),
            ("07700900123-07700900124", "[phone]-[phone]"),
            ("my order call me 07700900123", "my order call me [phone]"),
            ("account holder 07700900123", "account holder [phone]"),
            ("order 43305691, 07700900123", "order 43305691, [phone]"),
            ("call07700900123", "call[phone]"),
            ("_07700 900123_", "_[phone]_"),
            ("(020 7946 0123)", "([phone])"),
            ("order 4111111111111111", "order [card]"),
            ("visa4111111111111111 4111111111111111", "visa[card] [card]"),
            ("in 12 DE89 3704 0044 0532 0130 00", "in 12 [IBAN]"),
            ("IBANDE89370400440532013000BIC", "IBAN[IBAN]BIC"),
            ("\x00a@example.com\x00", "\x00[e-mail]\x00"),
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

    def test_gaps_in_a_roster_are_passed_over(self):
        """Blanks, missing names and names given twice do no harm."""
        assert "[name] was kind" == redact(
            "Ulv was kind", names=["Ulv", None, "", " ", "Ulv", float("nan")]
        )

    def test_names_can_be_a_series(self):
        """A column of names will do, gaps and all."""
        assert "[name]!" == redact("Braladan!", names=pl.Series(["Braladan", None]))

    def test_numbers_at_home_are_those_of_the_regions(self):
        """Nine digits are a number in Spain, and nothing elsewhere."""
        assert ("612 345 678", "[phone]") == (
            redact("612 345 678", regions=["US", "GB"]),
            redact("612 345 678", regions=["ES"]),
        )

    @pytest.mark.parametrize("region", ["GB", "IE", "DE", "FR", "ES", "NL", "US", "IN"])
    @pytest.mark.parametrize("sign", [" ", "-", ".", "\u00a0"])
    def test_numbers_are_found_as_each_country_writes_them(self, region, sign):
        """At home and from abroad, whatever stands between the digits."""
        shapes = phonenumbers.PhoneNumberFormat
        for kind in (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE):
            number = phonenumbers.example_number_for_type(region, kind)
            for shape in (shapes.NATIONAL, shapes.INTERNATIONAL, shapes.E164):
                written = re.sub("[ -]", sign, phonenumbers.format_number(number, shape))

                assert "At [phone], please" == redact(f"At {written}, please"), written

    def test_the_sample_loses_all_that_was_planted_and_nothing_else(self):
        """Every planted address, card, number and name is replaced, and not a letter more."""
        sample = make_sample()
        responses = sample.tables["responses"]
        kinds = {"email": "e-mail", "card": "card", "phone": "phone", "name": "name"}
        expected = dict(responses.select("response_id", "comment").iter_rows())
        for planted in sample.planted["personal"]:
            place = planted["response_id"]
            kind = f"[{kinds[planted['kind']]}]"
            expected[place] = expected[place].replace(planted["text"], kind)

        redacted = redact_comments(responses, names=list(sample.planted["roster"].values()))

        assert expected == dict(redacted.select("response_id", "comment").iter_rows())

    def test_the_sample_is_counted_as_it_was_planted(self):
        """The counts by kind are those of the truth."""
        sample = make_sample()
        planted = pl.DataFrame(sample.planted["personal"])["kind"].value_counts()
        redacted = redact_comments(
            sample.tables["responses"], names=list(sample.planted["roster"].values())
        )

        counted = count_redactions(redacted).filter(pl.col("n") > 0)

        truth = {kind.replace("email", "e-mail"): n for kind, n in planted.iter_rows()}
        assert truth == dict(counted.select("kind", "n").iter_rows())

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

    @given(
        st.text(st.characters(exclude_categories=["N", "Cs"], exclude_characters="@"), max_size=80)
    )
    def test_texts_without_digits_signs_and_names_stay(self, text):
        """Words are nobody's."""
        # A point or a slash between words may be a web address, and "&#" stands for a sign.
        text = re.sub(r"[./:&]|dot|at", " ", text)

        assert text == redact(text, names=())

    @pytest.mark.parametrize("joint", ["; ", ", then ", "! Also: ", "!\n"])
    @pytest.mark.parametrize("apart", [1, 7, 31])
    def test_nothing_planted_remains(self, joint, apart):
        """Whatever stands side by side, each is replaced by its kind, in its place."""
        pairs = list(zip(PERSONAL, [*PERSONAL[apart:], *PERSONAL[:apart]], strict=True))
        written = [joint.join(("Hm", one[0], two[0], "")) for one, two in pairs]

        redacted = redact_comments(texts(*written), names=ROSTER)["comment"]

        assert [joint.join(("Hm", f"[{a[1]}]", f"[{b[1]}]", "")) for a, b in pairs] == list(
            redacted
        )

    def test_names_on_lines_of_their_own_go(self):
        """A line break ends one name, or stands within another: none of either remains."""
        names = [text for text, kind in PERSONAL if kind == "name"]
        written = [f"{one}\n{two}" for one in names for two in names]

        redacted = redact_comments(texts(*written), names=ROSTER)["comment"]

        assert {""} == {re.sub(r"\[name\]|\s", "", text) for text in redacted}

    @given(st.text(max_size=25), personal_data(), st.text(max_size=25))
    def test_nothing_planted_survives_anywhere(self, before, planted, after):
        """Generated addresses, numbers, cards and accounts go, whatever is written around them."""
        text, kind = planted

        redacted = redact(f"{before}; {text}; {after}", names=())

        assert (False, True) == (text in redacted, f"[{kind}]" in redacted)

    @given(st.text(st.characters(max_codepoint=0x17F), max_size=60))
    def test_texts_are_read_alike_alone_and_in_a_column(self, text):
        """The quick look that saves most texts from being read misses none."""
        eager = redact(text)

        # A character beyond ASCII makes sure that the text is read.
        assert f"\u00b7 {eager}" == redact(f"\u00b7 {text}")

    @pytest.mark.parametrize(
        "piece",
        [
            *("a@", "@", "a.a@", "a@a.com ", "a.", " at ", "a dot ", "a at b dot ", "http:// "),
            *(
                "4",
                "41 ",
                "4-",
                "0 ",
                "0 - ",
                "+1 ",
                "+44 2",
                "(1",
                "1 ( ",
                "gb82 ",
                "order 1234567 ",
            ),
            *("Corva ", "Li.", "[name] ", "212-555-0123 ", "call 1 ", '"a', "e\u0301"),
        ],
    )
    def test_time_grows_with_length_and_no_faster(self, piece):
        """No text, however odd, keeps the machine busy: four times the length, four the time."""

        def seconds(length: int) -> float:
            text = (piece * length)[:length] + " 020 7946 0123, a@example.com"
            before = time.process_time()
            redact(text)
            return time.process_time() - before

        seconds(1_000)

        # Squared, it would be sixteen; the constant is for what every call costs.
        assert seconds(20_000) < 9 * seconds(5_000) + 0.05

    @pytest.mark.parametrize("piece", ["a@", "0123456789", "a@example.com "])
    def test_hundreds_of_kilobytes_are_read_in_one_go(self, piece):
        """A hundred kilobytes of signs or digits take ten times as long as ten."""

        def seconds(length: int) -> float:
            before = time.process_time()
            redact((piece * length)[:length])
            return time.process_time() - before

        seconds(1_000)

        assert seconds(100_000) < 25 * seconds(10_000) + 0.05

    def test_a_very_long_comment_loses_what_it_holds(self):
        """A megabyte of text is redacted like a line."""
        said = "It took a while, and nobody rang back. " * 25_000

        assert f"{said}[e-mail] [phone]" == redact(f"{said}a@example.com 020 7946 0123")

    def test_a_roster_of_thousands_is_looked_for_at_once(self):
        """Each of ten thousand names is found in its own comment."""
        names = [f"Bral{one}dan Corv{two}na" for one in range(100) for two in range(100)]
        names = [name.translate(str.maketrans("0123456789", "aeioubdfgk")) for name in names]

        redacted = redact_comments(texts(*(f"{name} was kind" for name in names)), names=names)

        assert {"[name] was kind"} == set(redacted["comment"])

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
        with pytest.raises(OptionError) as caught:
            redact_comments(texts("a"), column="id")

        assert str(caught.value) == (
            "redact_comments() needs text in 'id', which holds Int64.\n"
            '  Name the column of the comments:  redact_comments(..., column="...").'
        )

    @pytest.mark.parametrize("column", [None, ["comment"]])
    def test_a_column_that_is_no_name_is_refused(self, column):
        """One column at a time."""
        with pytest.raises(OptionError, match="It takes the name of one column"):
            redact_comments(texts("a"), column=column)

    @pytest.mark.parametrize("frame", [texts(), texts(None), texts(None).to_pandas()])
    def test_no_comments_are_no_mistake(self, frame):
        """A column in which nobody wrote anything stays as empty as it was."""
        redacted = pl.DataFrame(redact_comments(frame))

        assert frame.shape[0] == redacted["comment"].null_count()

    def test_a_pandas_column_of_mixed_cells_is_read_as_text(self):
        """A comment that is a number is a comment, and the rows keep their labels."""
        cells = pd.Series(["a@example.com", 5550123, None], index=[7, 8, 9], dtype=object)

        redacted = redact_comments(pd.DataFrame({"comment": cells}))["comment"]

        assert ([7, 8, 9], ["[e-mail]", "[phone]"]) == (list(redacted.index), list(redacted[:2]))

    @pytest.mark.parametrize("names", ["Braladan", [1, 2], None, 7, b"Braladan", texts("Braladan")])
    def test_names_that_are_none_are_refused(self, names):
        """A single name would be taken for its letters."""
        with pytest.raises(OptionError, match="It takes a list of names"):
            redact_comments(texts("a"), names=names)

    @pytest.mark.parametrize("regions", ["US", ["us"], ["Europe"], None])
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

    @given(st.lists(st.sampled_from(PERSONAL), max_size=5))
    def test_agrees_with_what_was_replaced(self, planted):
        """As many are counted as stand there, kind by kind."""
        said = "; ".join(["Hm", *(text for text, _ in planted), ""])

        counted = count_redactions(redact_comments(texts(said), names=ROSTER))

        kinds = [kind for _, kind in planted]
        assert [(kind, kinds.count(kind)) for kind in KINDS] == counted.select("kind", "n").rows()

    def test_a_column_of_numbers_is_refused(self):
        """The message speaks of this function."""
        with pytest.raises(OptionError, match=r"count_redactions\(\) needs text in 'id'"):
            count_redactions(texts("a"), column="id")

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
