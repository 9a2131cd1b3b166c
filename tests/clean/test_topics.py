"""Topics: how terms match, and that the terms alone are labelled as the text was."""

from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from takedown.clean.topics import LABELS, folded, label, matches, terms_in
from takedown.errors import InputError
from takedown.study.topics import Topic, fold, read_topics

LEXICON = Path(__file__).parents[2] / "resources/topics.yaml"
TOPICS = read_topics(LEXICON)
TERMS = sorted({term for topic in TOPICS for term in topic.terms})
ARMY = Topic("army", "Army", ("กองทัพ", "冠状"), ("army", "covid-19", "hong kong"))


def labelled(topics: list[Topic], text: str, hashtags: tuple[str, ...] = ()) -> tuple[list, list]:
    frame = pl.DataFrame(
        {"tweet_text": [text], "hashtags": [list(hashtags)]},
        schema={"tweet_text": pl.String, "hashtags": pl.List(pl.String)},
    )
    return label(frame, topics).select(LABELS).row(0)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("the army spoke", True),
        ("ARMY", True),
        ("ＡＲＭＹ", True),  # full width
        ("#army!", True),
        ("กarmy", False),
        ("armyวันนี้", False),
        ("army冠", False),
        ("army_day", False),
        ("army2", False),
        ("armyman", False),
        ("disarmy", False),
        ("covid-19", True),
        ("covid 19", False),
        ("covid-190", False),
        ("Hong Kong", True),
        ("Hong  Kong", False),
        ("ข่าวกองทัพบก", True),
        ("新冠状病毒", True),
        ("", False),
        ("a.r.m.y", False),
    ],
)
def test_words_match_whole_and_substrings_anywhere(text: str, found: bool) -> None:
    expected = ["army"] if found else []
    assert labelled([ARMY], text) == (expected, [])
    assert labelled([ARMY], "", (text,)) == (expected, expected)


@given(st.text(st.characters(exclude_categories=("Cn", "Cs", "Co"))))
def test_text_and_terms_are_folded_alike(text: str) -> None:
    [in_polars] = pl.Series([text]).to_frame("x").select(folded(pl.col("x")))["x"]
    assert fold(text) == in_polars


def test_the_strict_rule_looks_at_hashtags_alone_and_the_broad_rule_at_both() -> None:
    assert labelled(TOPICS, "army", ("taiwan", "香港")) == (
        ["army", "hong_kong", "taiwan"],
        ["hong_kong", "taiwan"],
    )


SIGNED = {"us": "U.S.", "maga": "#maga", "cpp": "C++", "qa": "Q&A"}


@pytest.mark.parametrize(
    ("text", "tags", "found"),
    [
        ("The U.S. said so", (), ["us"]),
        ("(U.S.)", (), ["us"]),
        ("XU.S. and U.S.A", (), []),
        ("now #MAGA!", (), ["maga"]),
        ("", ("Maga",), ["maga"]),
        ("maga, without its sign", (), []),
        ("#magazine", ("magazine",), []),
        ("I write C++, and c++", (), ["cpp"]),
        ("objc++ is another", (), []),
        ("our Q&amp;A of today", (), ["qa"]),
        ("our q&a of today", (), ["qa"]),
        ("FAQ&amp;As", (), []),
        ("no tag, no sign", (), []),
    ],
)
def test_words_may_begin_and_end_with_signs(
    tmp_path: Path, text: str, tags: tuple[str, ...], found: list[str]
) -> None:
    path = tmp_path / "topics.yaml"
    lines = [f"  {name}: {{label: L, word: ['{term}']}}" for name, term in SIGNED.items()]
    path.write_text("\n".join(["topics:", *lines]), encoding="utf-8")
    broad, strict = labelled(read_topics(path), text, tags)
    assert (broad, strict) == (found, found if tags else [])


def test_one_hashtag_does_not_complete_the_term_of_another() -> None:
    assert labelled([Topic("x", "X", ("กองทัพ",), ())], "", ("กอง", "ทัพ")) == ([], [])


def test_wanted_topics_come_in_the_order_of_the_file() -> None:
    names = [topic.name for topic in TOPICS]
    assert [topic.name for topic in read_topics(LEXICON, reversed(names[1:4]))] == names[1:4]
    assert read_topics(LEXICON, []) == []


@pytest.mark.usefixtures("may_take_long")
def test_the_lexicon_is_folded_and_every_term_finds_itself() -> None:
    for topic in TOPICS:
        assert topic.terms
        for term in topic.terms:
            assert term == fold(term)
            assert topic.name in labelled(TOPICS, term)[0]


NOISE = st.text(st.sampled_from("a_0 -.#\nกค香ＡİßA\u0e31\u200d"), max_size=3)
PIECES = st.one_of(
    st.sampled_from(TERMS), st.sampled_from(TERMS).map(str.upper), NOISE, st.just(" ")
)
TEXTS = st.lists(PIECES, max_size=7).map("".join)


@given(texts=st.lists(TEXTS, min_size=1, max_size=30))
def test_the_terms_of_a_text_are_labelled_as_the_text(texts: list[str]) -> None:
    frame = pl.DataFrame({"tweet_text": texts}).with_columns(
        hashtags=pl.lit([], dtype=pl.List(pl.String)),
        terms=terms_in(TOPICS, pl.col("tweet_text")),
    )
    of_text = label(frame, TOPICS).select(LABELS)
    of_terms = label(frame.with_columns(tweet_text="terms"), TOPICS).select(LABELS)
    assert of_terms.equals(of_text)
    assert of_text["topics_strict"].list.len().sum() == 0


LETTERS = "aAkKsSiIİıſKßéE\u0301\u0327ﬁ①Ａ２½…．－ กำุู่้า\u0e4d香\u1100\u1161가_-#.!\u00a0"
WORDS = st.text(st.sampled_from(LETTERS), min_size=1, max_size=5)
LEXICONS = st.lists(
    st.tuples(st.lists(WORDS, max_size=2), st.lists(WORDS, max_size=2)), min_size=1, max_size=3
)


@pytest.mark.usefixtures("may_take_long")
@given(lexicon=LEXICONS, texts=st.lists(st.text(st.sampled_from(LETTERS), max_size=12), min_size=1))
def test_no_post_is_passed_over_for_being_written_unusually(
    lexicon: list[tuple[list[str], list[str]]], texts: list[str]
) -> None:
    """Only posts that may have a topic are folded; every other one has none."""
    topics = [
        Topic(f"t{n}", "", tuple(map(fold, substrings)), tuple(map(fold, words)))
        for n, (substrings, words) in enumerate(lexicon)
    ]
    frame = pl.DataFrame({"tweet_text": texts}).with_columns(
        hashtags=pl.lit([], dtype=pl.List(pl.String))
    )
    all_folded = frame.select(text=folded(pl.col("tweet_text")))
    expected = [
        [topic.name for topic, hit in zip(topics, row, strict=True) if hit]
        for row in all_folded.with_columns(
            matches(topic, pl.col("text")).alias(topic.name) for topic in topics
        )
        .drop("text")
        .iter_rows()
    ]
    assert label(frame, topics)["topics"].to_list() == expected


@pytest.mark.parametrize(
    ("term", "text"),
    [("デブ", "ﾃﾞﾌﾞ"), ("ガガ", "ｶﾞｶﾞ"), ("하", "ㅎㅏ"), ("à", "A\u0340"), ("กุ่", "กุ่"), ("\u0345", "x")],
)
def test_letters_that_join_when_folded(term: str, text: str) -> None:
    topic = Topic("t", "T", (fold(term),), ())
    expected = ["t"] if fold(term) in fold(text) else []
    assert labelled([topic], text) == (expected, [])


def test_any_number_of_topics_up_to_64(tmp_path: Path) -> None:
    topics = [Topic(f"t{n}", "", (f"term{n:02d}",), ()) for n in range(64)]
    text = "term00 and term63 and term31"
    assert labelled(topics, text) == (["t0", "t31", "t63"], [])
    many = "".join(f"  t{n}: {{label: T, word: [w{n}]}}\n" for n in range(65))
    path = tmp_path / "topics.yaml"
    path.write_text("topics:\n" + many)
    with pytest.raises(InputError, match="65 topics; at most 64"):
        read_topics(path)
    assert len(read_topics(path, [f"t{n}" for n in range(64)])) == 64
