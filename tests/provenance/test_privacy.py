"""Canaries: what an archive says of people is found nowhere, and would be found if it leaked."""

from __future__ import annotations

import json
import os
import re
from base64 import b64encode
from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from builders import (
    LABELLED_COLUMNS,
    clean,
    labelled,
    post,
    to_csv,
    write_zip,
)
from conftest import (
    ACCOUNT,
    DISPLAY_NAME,
    POST,
    PROFILE,
    ROOT,
    SCREEN_NAME,
    SENTENCE,
    Project,
    copy_finished,
)
from hypothesis import given
from hypothesis import strategies as st

from takedown.archives.receipt import Entry, read_receipt
from takedown.io.files import file_sha256
from takedown.provenance.privacy import (
    ACCOUNT_IDS,
    POST_IDS,
    Refused,
    Secrets,
    Shown,
    counts_in,
    names_shown,
    own_words,
    search,
    small_cells,
    starts_of,
    text_of,
    texts_of_run,
    windows,
)

CANARIES = [
    *(piece for piece in SENTENCE.replace('"', "\n").split("\n") if len(piece) > 12),
    *(SCREEN_NAME, DISPLAY_NAME, PROFILE, ACCOUNT, POST, "Canary Islands", "canary.example"),
]


def test_a_canary_is_found_nowhere(tiny: Project) -> None:
    for folder in ("results/tiny", "logs", "benchmarks"):
        for name, content in tiny.files(folder).items():
            texts = [content]
            if name.endswith((".pdf", ".svg", ".html")):
                texts.append(text_of(tiny.root / folder / name).encode())
            found = [canary for canary in CANARIES for text in texts if canary.encode() in text]
            assert not found, name


LEAKS = {
    "a text in a table": f'"{SENTENCE[2:78]}",9,9,0.1,0\n',
    "a screen name": f"{SCREEN_NAME},9,9,0.1,0\n",
    "a name of several words": f"by {DISPLAY_NAME},9,9,0.1,0\n",
    "an account": f"{ACCOUNT},9,9,0.1,0\n",
    "a post": f"{POST},9,9,0.1,0\n",
    "a profile": f"{PROFILE},9,9,0.1,0\n",
    "a small cell": "rare client,2,2,0.1,0\n",
}
SAID = {
    "a text in a table": "post text of simulated_a in",
    "a screen name": "name of simulated_a in",
    "a name of several words": "name of simulated_a in",
    "an account": "account id of simulated_a in",
    "a post": "post id of simulated_a in",
    "a profile": "profile text of simulated_a in",
    "a small cell": "1 rows on few accounts in",
}


def test_a_leak_ends_the_study_and_is_not_repeated(tiny: Project, tmp_path: Path) -> None:
    """The guard runs on results in which a stage, by mistake, wrote what it must not."""
    project = copy_finished(tiny, tmp_path / "leaking wörk")
    folder = project.root / "results/tiny/simulated_a/describe"
    header, *_ = (folder / "clients.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    table = "results/tiny/privacy.csv"
    only = ("--allowed-rules", "guard_privacy", "--forcerun", "guard_privacy", "--", table)
    # Each leak in a table of its own: the ones that the stage makes, in other columns.
    written = {}
    for path, line in zip(sorted(folder.glob("*.csv")), LEAKS.values(), strict=False):
        path.write_text(header + line, encoding="utf-8")
        written[path.relative_to(project.root).as_posix()] = file_sha256(path)
    for path in (project.root / ".ledger/tiny").rglob("*.json"):
        entry = json.loads(path.read_text(encoding="utf-8"))
        for part in (entry["reads"], entry["makes"]):
            part.update({name: written[name] for name in part.keys() & written.keys()})
        path.write_text(json.dumps(entry), encoding="utf-8")
    code, output = project.run("tiny.yaml", *only)
    assert code != 0
    assert "Results show what they must not" in output, output
    assert not [canary for canary in CANARIES if canary in output]
    for path, leak in zip(sorted(folder.glob("*.csv")), LEAKS, strict=False):
        said = re.search(rf"{SAID[leak]} ([^;]*)", output)
        assert said, leak
        assert path.relative_to(project.root).as_posix() in said[1], leak


def shown(text: str, tags: str = "", public: str = "", name: str = "a.txt") -> Shown:
    return Shown({name: text}, public, tags)


@given(st.text(min_size=70, max_size=200), st.integers(0, 60), st.text(max_size=20))
def test_any_piece_of_64_bytes_is_noticed(secret: str, start: int, around: str) -> None:
    data = secret.encode("utf-8", "surrogatepass")[start : start + 64 + 8]
    piece = data.decode("utf-8", "ignore")
    if len(piece.encode()) < 63:
        return
    secrets = pl.Series([secret.encode("utf-8", "ignore").decode()])
    assert shown(around + piece + around).leaks("post text", secrets)


@given(st.binary(max_size=300))
def test_equal_windows_have_equal_hashes_and_others_do_not(data: bytes) -> None:
    every = windows(data)
    assert len(every) == max(0, len(data) - 31)
    pieces = [data[at : at + 32] for at in range(len(every))]
    assert len(set(pieces)) == len(np.unique(every))
    if len(every):
        assert list(windows(data, np.arange(len(every)))) == list(every)


@given(st.lists(st.integers(0, 200), min_size=1, max_size=20))
def test_windows_cover_every_text_and_cross_none(lengths: list[int]) -> None:
    starts = starts_of(np.array(lengths))
    begin = 0
    for length in lengths:
        own = [start for start in starts if begin <= start < begin + length]
        assert all(start + 32 <= begin + length for start in own)
        if length >= 32:
            assert own[0] == begin and own[-1] == begin + length - 32
            assert all(later - start <= 32 for start, later in pairwise(own))
        else:
            assert not own
        begin += length


def test_short_texts_are_noticed_as_a_whole_cell() -> None:
    table = "a,b\n1,hello there\n"
    assert shown(table, name="a.csv").leaks("post text", pl.Series(["hello there"]))
    assert not shown(table, name="a.csv").leaks("post text", pl.Series(["hello", "1", "there"]))


def test_names_are_whole_words_of_some_length() -> None:
    text = "said anna_bell of Harbour Town in 2020"
    for name, found in (
        ("anna_bell", True),
        ("Harbour Town", True),
        ("anna", False),
        ("Harb", False),
        ("of", False),
        ("2020", False),
        ("nobody", False),
    ):
        assert bool(shown(text).leaks("name", pl.Series([name]))) is found, name


@pytest.mark.parametrize("at_once", [1, 50, 10_000])
def test_all_windows_of_all_files_are_known_however_many_are_joined_at_once(
    monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr("takedown.provenance.privacy.HASHES_AT_ONCE", at_once)
    texts = {"a.txt": SENTENCE, "b.csv": f"{SENTENCE!r},{PROFILE}\n", "c.txt": "short", "d.txt": ""}
    found = Shown(texts, "", "")
    every = np.concatenate([windows(data) for data in found.data])
    assert len(every) > 100
    assert found.hashes.tolist() == sorted({*every.tolist()})


def test_identifiers_are_whole_numbers_and_hashes() -> None:
    old = "b7" * 32  # as the first releases hash
    text = f"by 1196660000000000123. 0.1196660000000000456; x1234567890 {ACCOUNT} {old} 7654321"
    ids = ["1196660000000000123", "1196660000000000456", "1234567890", ACCOUNT, old, "7654321"]
    found = shown(text).leaks("post id", pl.Series(ids))
    assert found == {"1196660000000000123", ACCOUNT, old, "7654321"}


def test_ids_of_others_are_searched_for_too(tmp_path: Path) -> None:
    row = {name: [f"{name}{number}" for number in range(2)] for name in (*POST_IDS, *ACCOUNT_IDS)}
    row |= {"user_mentions": [["a", "b"], []], "tweet_text": ["x", "y"]}
    pl.DataFrame(row).write_parquet(tmp_path / "posts.parquet")
    batches = list(Secrets(tmp_path / "posts.parquet", [], False).batches())
    found = {kind: {each for key, texts in batches if key == kind for each in texts if each}
             for kind in ("post id", "account id")}  # fmt: skip
    assert found["post id"] == {f"{name}{number}" for name in POST_IDS for number in range(2)}
    assert found["account id"] >= {"a", "b", "userid0", "retweet_userid1"}


def test_names_in_scripts_without_spaces_are_short_and_stand_anywhere() -> None:
    assert shown("昨天王小明说").leaks("name", pl.Series(["王小明"])) == {"王小明"}
    assert not shown("昨天王小明说", public="王小明").leaks("name", pl.Series(["王小明"]))
    assert shown("加油香,1\n", name="a.csv").leaks("post text", pl.Series(["加油香"]))


def test_a_name_is_not_public_for_being_part_of_a_word() -> None:
    assert shown("by mark", public="markupsafe, Markup").leaks("name", pl.Series(["mark"]))
    assert not shown("by mark", public="a mark of").leaks("name", pl.Series(["mark "]))
    assert shown("by anna", tags="annabelle").leaks("name", pl.Series(["anna"]))


def test_quotes_and_line_breaks_hide_nothing() -> None:
    secret = 'a "quoted" word "in" every "part" of "the" text "that" was "posted" by "them" all'
    table = "text\n" + secret.replace('"', '""').join('""') + "\n"
    assert shown(table, name="a.csv").leaks("post text", pl.Series([secret]))
    lines = "one line\nand another line\n\nthen a third line, and a fourth one"
    assert shown(json.dumps({"a": lines}), name="a.json").leaks("post text", pl.Series([lines]))


def test_what_is_public_is_no_leak() -> None:
    tag = "ชาติศาสน์กษัตริย์และประชาชน"
    secret = pl.Series([f"#{tag} #{tag} again"])
    text = f"#{tag}\n#{tag}"
    assert shown(text).leaks("post text", secret)
    assert not shown(text, tags=tag).leaks("post text", secret)
    # A post may be nothing but a hashtag.
    assert not shown("#กองทัพบก", tags="กองทัพบก").leaks("post text", pl.Series(["#กองทัพบก"]))
    long = "a sentence that stands in the news calendar of the study as well"
    assert not shown(long, public=f"x {long} y").leaks("post text", pl.Series([long]))
    assert not shown("from Thailand", public="Thailand").leaks("name", pl.Series(["Thailand"]))


def test_a_sentence_is_not_excused_because_its_words_are_hashtags() -> None:
    sentence = "the army and the people stand together for the good of the land"
    tags = "\n".join(sentence.split())
    assert shown(sentence, tags=tags).leaks("post text", pl.Series([sentence]))


def test_a_count_that_equals_an_accounts_number_is_no_identifier(tmp_path: Path) -> None:
    folder = tmp_path / "describe"
    folder.mkdir()
    summary = f"quantity,value,unit\nposts,1674084000,posts\nengagements,{POST},x\n"
    (folder / "summary.csv").write_text(summary)
    (folder / "languages.csv").write_text("language,posts,accounts\n7654321,1234567,5\n")
    counts = counts_in(folder.iterdir())
    assert counts == {"1674084000", "1234567"}
    text = f"1674084000 1234567 7654321 {POST}"
    found = shown(text, public="\n".join(counts)).leaks(
        "account id", pl.Series(["1674084000", "1234567", "7654321", POST])
    )
    assert found == {"7654321", POST}


def test_small_cells_are_counted_and_pooled_ones_are_not(tmp_path: Path) -> None:
    path = tmp_path / "clients.csv"
    path.write_text("client,posts,accounts,share,pooled\na,9,5,1,0\nb,9,4,1,0\n(pooled),2,2,1,2\n")
    (tmp_path / "counts.csv").write_text("language,posts,accounts,share,pooled\nen,9,,1,0\n")
    tables = sorted(tmp_path.glob("*.csv"))
    assert small_cells(tables, 5) == {path.as_posix(): 1}
    assert small_cells(tables, 4) == {}


def test_the_words_of_pictures_and_pages_are_read(tmp_path: Path) -> None:
    picture = '<img src="data:image/webp;base64,AAAA"><script>code</script>'
    (tmp_path / "a.html").write_text(f"<p>caf&eacute; &quot;x&quot;</p>{picture}")
    text = text_of(tmp_path / "a.html")
    assert 'café "x"' in text
    assert "AAAA" not in text and "code" not in text
    (tmp_path / "a.svg").write_text("<svg><!-- a label --><path d='M0'/></svg>")
    assert text_of(tmp_path / "a.svg") == " a label "
    assert text_of(tmp_path / "none.png") == ""


def test_profiles_are_read_from_the_posts_where_there_is_no_users_file(tmp_path: Path) -> None:
    ours = write_zip(tmp_path / "t.zip", {"t.csv": to_csv([post(user_screen_name=SCREEN_NAME)])})
    row = labelled(post()) | {"account_profile_description": PROFILE}
    theirs = write_zip(tmp_path / "l.zip", {"l.csv": to_csv([row], LABELLED_COLUMNS)})
    for path, column, words in (
        (ours, "user_screen_name", SCREEN_NAME),
        (theirs, "user_profile_description", PROFILE),
    ):
        (frame,) = Secrets(tmp_path, [Entry.of("tweets", path)], False).profiles()
        assert frame[column].to_list() == [words]


def test_hashtags_clients_and_languages_may_be_shown(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {
            "hashtags": [["Army", "ก"], []],
            "tweet_client_name": ["web", None],
            "tweet_language": ["th", "en"],
            "account_language": ["en", "en"],
        }
    )
    frame.write_parquet(tmp_path / "posts.parquet")
    found = names_shown([tmp_path / "posts.parquet"]).split("\n")
    assert found == ["Army", "army", "en", "th", "web", "ก"]


@pytest.mark.skipif("TAKEDOWN_ORIGINALS" not in os.environ, reason="needs the original archive")
def test_nothing_of_the_original_archive_is_in_the_default_study(
    default_study: Project, tmp_path: Path
) -> None:
    """Real texts, names and hashtags: no alarm without a leak, and one with it."""
    folder = Path(os.environ["TAKEDOWN_ORIGINALS"])
    tweets, users = (
        folder / f"thailand_092020_{part}_csv_hashed.zip" for part in ("tweets", "users")
    )
    clean(tmp_path, tweets, [users], topics=[], timezone="Asia/Bangkok")
    posts = tmp_path / "tweets.parquet"
    secrets = {"thai": Secrets(posts, read_receipt(tmp_path / "receipt.csv"), False)}
    results = [
        path for path in (default_study.root / "results/default").rglob("*") if path.is_file()
    ]
    texts = {path.name: text_of(path) for path in results}
    own = [*(ROOT / "workflow").rglob("*.py"), *(ROOT / "resources").rglob("*.csv")]
    public, tags = own_words(own, []), names_shown([posts])
    table, problems = search(secrets, Shown(texts, public, tags))
    assert problems == []
    assert table.set_index("kind").searched["post text"] > 14_000
    words = pl.read_parquet(posts).filter(pl.col("tweet_text").str.len_bytes() > 200)["tweet_text"]
    _, problems = search(secrets, Shown({"leak.txt": words[0][5:60]}, public, tags))
    assert len(problems) == 1
    assert problems[0].startswith("post text of thai in leak.txt (")


@pytest.mark.parametrize(
    ("kind", "secret", "text"),
    [
        (
            "post text",
            "A sentence that somebody WROTE for nobody else",
            "a SENTENCE that somebody wrote FOR nobody else",
        ),
        ("post text", "Short Words", "SHORT WORDS"),
        ("name", "Somebody Else", "by somebody else"),
        ("post text", "😀😀😀", "😀😀😀"),
        ("account id", "12345678901", "12,345,678,901 of them"),
        ("account id", "12345678901", "12.345.678.901"),
        ("account id", "12345678901", "12 345 678 901"),
        ("post id", "1234567890123456789", "1'234'567'890'123'456'789"),
    ],
)
def test_another_spelling_hides_nothing(kind: str, secret: str, text: str) -> None:
    given = shown(text)
    found = given.leaks(kind, pl.Series([secret]))
    assert {file for each in found for file in given.where(each)} == {"a.txt"}


@pytest.mark.parametrize(
    ("kind", "secret", "text"),
    [
        ("post text", "1234", "1234"),  # digits alone: as a count
        ("account id", "Abcdefghij" * 4, "abcdefghij" * 4),  # hashes are told by their case
        ("account id", "1234567", "1234,567"),
        ("account id", "1234567", "21,234,567"),
        ("post text", "→", "→"),
    ],
)
def test_what_no_search_can_tell_is_no_leak(kind: str, secret: str, text: str) -> None:
    assert not shown(text).leaks(kind, pl.Series([secret]))


@given(st.text())
def test_both_sides_of_the_search_have_the_same_lower_case(text: str) -> None:
    assert pl.Series([text]).str.to_lowercase()[0] == text.lower()


HEADERLESS = f"1234567890123456789,{ACCOUNT},{DISPLAY_NAME},{SCREEN_NAME},{PROFILE},en,true\n"


@pytest.mark.parametrize("packed", [False, True])
def test_a_file_that_could_not_be_read_is_searched_for_cell_by_cell(
    packed: bool, tmp_path: Path
) -> None:
    name = "posts.zip" if packed else "posts.csv"
    if packed:
        write_zip(tmp_path / name, {"posts.csv": HEADERLESS * 3})
    else:
        (tmp_path / name).write_text(HEADERLESS * 3)
    campaigns = {"simulated_a": Refused.of([tmp_path / name, tmp_path / "not there"])}
    where = "any cell of simulated_a in a.txt"
    for leak in ("1234567890123456789", ACCOUNT, f"of {DISPLAY_NAME}.", PROFILE.upper()):
        table, problems = search(campaigns, shown(f"en and true: {leak}"))
        assert [problem.partition(" (")[0] for problem in problems] == [where], leak
        assert table["kind"].tolist() == ["any cell"]
    assert search(campaigns, shown("en, true, posts.csv"))[1] == []
    (tmp_path / name).write_bytes(b"PK\x03\x04" + HEADERLESS.encode("utf-16"))
    search(campaigns, shown("nothing"))


def test_manifest_logs_ledger_and_records_are_searched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    record = b64encode(b"results/mine/a/b.csv").decode()
    other = b64encode(b"results/yours/a/b.csv").decode()
    files = [
        "logs/mine/clean/a.log",
        ".ledger/mine/clean/a.json",
        ".snakemake/log/2026-01-02.snakemake.log",
        f".snakemake/metadata/{record}",
    ]
    for name in [*files, ".snakemake/log/2026-01-01.snakemake.log", f".snakemake/metadata/{other}"]:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(json.dumps({"said": SENTENCE, "by": DISPLAY_NAME}))
    texts = texts_of_run(Path("logs/mine"), {"archives": {"a": SENTENCE}})
    assert {*texts} == {"manifest.json", *files}
    given = Shown(texts, "", "")
    [*found] = given.leaks("post text", pl.Series([SENTENCE]))
    assert {file for each in found for file in given.where(each)} == {"manifest.json", *files}
    assert given.leaks("name", pl.Series([DISPLAY_NAME]))


def test_names_are_not_searched_for_among_the_words_of_snakemake() -> None:
    log = ".snakemake/log/2026-01-02.snakemake.log"
    assert not shown("Building DAG of jobs", name=log).leaks("name", pl.Series(["Building"]))
