"""The reduced form of an archive holds nothing that may not be shared, and is reproducible."""

import csv
import io
import zipfile
from pathlib import Path

import builders
import polars as pl
import pytest
from builders import post, user, write_zip

from takedown.archives.columns import POST
from takedown.clean import reduce
from takedown.io.files import file_sha256
from takedown.study.topics import Topic, read_topics

ROOT = Path(__file__).parents[2]
TOPICS = read_topics(ROOT / "resources/topics.yaml")
PRIVATE = {
    "user_profile_description": "I am a private person",
    "user_profile_url": "https://private.example/home",
    "user_reported_location": "Private Town",
}
ROW = post(
    **PRIVATE,
    tweet_text="A private word, then ARMY\nand the army, and โคราช",
    hashtags="['army', 'x']",
    urls="['https://host.example:8080/path/name?query=1#part', 'no address', 'http://a.org']",
    user_mentions="['123456', 'aBc+dEf/1=', '99']",
    in_reply_to_tweetid="1196951234567890123",
    poll_choices="yes|no",
)


def read(path: Path) -> list[dict[str, str]]:
    with zipfile.ZipFile(path) as archive:
        [name] = archive.namelist()
        return list(csv.DictReader(io.TextIOWrapper(archive.open(name), "utf-8", newline="")))


def reduced(folder: Path, rows: list[dict], columns: list[str] = builders.COLUMNS_31) -> Path:
    source = builders.write_archive(folder / "sim_tweets_csv_hashed.zip", rows, columns)
    target = folder / "sim_tweets_reduced.zip"
    entry = reduce.reduce_archive(source, target, TOPICS)
    assert entry == {
        "file": target.name,
        "original": source.name,
        "original_sha256": file_sha256(source),
        "reduced_sha256": file_sha256(target),
    }
    return target


def test_a_reduced_row(tmp_path: Path) -> None:
    [found] = read(reduced(tmp_path, [ROW]))
    assert list(found) == builders.COLUMNS_31
    changed = {name: value for name, value in found.items() if value != ROW[name]}
    assert changed == {
        **dict.fromkeys(PRIVATE, ""),
        "tweet_text": "โคราช army",
        "urls": "['https://host.example:8080', '', 'http://a.org']",
        "user_mentions": "['aBc+dEf/1=']",
    }


@pytest.mark.parametrize("secret", ["private", "Private", "path", "query", "'123456'", "'99'"])
def test_the_reduced_bytes_hold_no_secret(tmp_path: Path, secret: str) -> None:
    with zipfile.ZipFile(reduced(tmp_path, [ROW])) as archive:
        [name] = archive.namelist()
        text = archive.read(name).decode()
    assert secret in builders.to_csv([ROW]).decode()
    assert secret not in text


def test_the_reduced_form_names_no_account_that_was_not_hashed(tmp_path: Path) -> None:
    public = post(name="555", user_display_name="A Person", user_screen_name="a_person")
    hashed = post(name="aBc+dEf/1=", sequence=1)
    rows = read(reduced(tmp_path, [public, hashed]))
    assert not {"A Person", "a_person"} & {cell for row in rows for cell in row.values()}
    assert rows[1]["user_display_name"] == "aBc+dEf/1="


def test_a_users_file_loses_profile_text_alone(tmp_path: Path) -> None:
    row = user("aBc+dEf/1=", **PRIVATE)
    [found] = read(reduced(tmp_path, [row], builders.USER_COLUMNS))
    assert found == row | dict.fromkeys(PRIVATE, "")


def test_a_url_with_an_account_in_it_loses_the_account(tmp_path: Path) -> None:
    [found] = read(reduced(tmp_path, [post(urls="['https://somebody:word@host.example/x']")]))
    assert "somebody" not in found["urls"]
    assert "host.example" in found["urls"]


def test_many_rows_are_labelled_and_typed_as_before(tmp_path: Path) -> None:
    rows = builders.campaign(days=12)
    small = reduced(tmp_path, rows)
    before = builders.clean(tmp_path, tmp_path / "sim_tweets_csv_hashed.zip", topics=TOPICS)
    after = builders.clean(tmp_path, small, topics=TOPICS)
    same = [name for name in before.posts.columns if name not in ("tweet_text", "urls")]
    assert after.posts.select(same).equals(before.posts.select(same))
    assert before.posts["topics"].list.len().sum() > 0
    assert set(POST) <= set(before.posts.columns)


def test_the_same_archive_gives_the_same_bytes(tmp_path: Path) -> None:
    first = reduced(tmp_path, [ROW]).read_bytes()
    with zipfile.ZipFile(reduced(tmp_path, [ROW])) as archive:
        assert [info.date_time for info in archive.infolist()] == [reduce.ZIP_TIME]
    assert (tmp_path / "sim_tweets_reduced.zip").read_bytes() == first


def test_a_label_that_would_change_is_refused() -> None:
    topics = [Topic("army", "Army", (), ("army",))]
    frame = pl.DataFrame({"tweetid": ["1"], "tweet_text": ["army"], "hashtags": ["[]"]})
    with pytest.raises(AssertionError, match="topic labels"):
        reduce.check_same_labels(frame, frame.with_columns(tweet_text=pl.lit("")), topics)
    with pytest.raises(AssertionError, match="should be kept"):
        reduce.check_same_labels(frame, frame.with_columns(tweetid=pl.lit("2")), topics)


def test_an_archive_with_a_bad_record_is_not_reduced(tmp_path: Path) -> None:
    data = builders.to_csv([ROW]) + b'"short"\n'
    path = write_zip(tmp_path / "a.zip", {"a.csv": data})
    with pytest.raises(AssertionError, match="line 4: 1 fields"):
        reduce.reduce_archive(path, tmp_path / "b.zip", TOPICS)


def test_the_committed_zips_are_those_recorded() -> None:
    folder = ROOT / "resources/embedded"
    with (folder / "reduced.csv").open(encoding="utf-8", newline="") as handle:
        entries = list(csv.DictReader(handle))
    assert [entry["file"] for entry in entries] == sorted(
        path.name for path in folder.glob("*.zip")
    )
    for entry in entries:
        assert file_sha256(folder / entry["file"]) == entry["reduced_sha256"]
        assert len(entry["original_sha256"]) == 64


def test_the_committed_posts_hold_terms_hosts_and_hashed_mentions_alone() -> None:
    rows = read(ROOT / "resources/embedded/thailand_092020_tweets_reduced.zip")
    terms = sorted({term for topic in TOPICS for term in topic.terms}, key=len, reverse=True)
    for text in {row["tweet_text"] for row in rows}:
        for term in terms:
            text = text.replace(term, "")
        assert not text.strip()
    assert not any(row[name] for row in rows for name in PRIVATE)
    assert all(row["user_display_name"] == row["userid"] for row in rows)
    frame = pl.DataFrame(rows).select("urls", "user_mentions").lazy()
    lists = frame.select(
        pl.col("urls").str.extract_all(r"'[^']*'").list.explode().alias("url").implode(),
        pl.col("user_mentions").str.extract_all(r"'[^']*'").list.explode().implode(),
    ).collect()
    assert lists["url"][0].drop_nulls().str.contains(r"^'(\w+://[^/?#]+)?'$").all()
    assert not lists["user_mentions"][0].drop_nulls().str.contains(r"^'\d+'$").any()
