"""Damaged files: every row is kept, counted with its reason, or the file is refused by its line."""

from __future__ import annotations

import random
from functools import partial
from pathlib import Path

import pytest
from builders import (
    COLUMNS_30,
    USER_COLUMNS,
    Cleaned,
    campaign,
    clean,
    post,
    to_csv,
    user,
    write_zip,
)
from hypothesis import given
from hypothesis import strategies as st

from takedown.archives.members import list_members
from takedown.clean import archive as stage
from takedown.clean.reader import read_blocks
from takedown.clean.records import text_rows
from takedown.errors import InputError

pytestmark = pytest.mark.usefixtures("may_take_long")

ROWS = campaign(days=4)
HEADER, *LINES = (to_csv(ROWS[:n]) for n in range(len(ROWS) + 1))
RECORDS = [after[len(before) :] for before, after in zip([HEADER, *LINES], LINES, strict=False)]
IDS = [row["tweetid"] for row in ROWS]
UNPAIRED = "quotes that do not pair"


@pytest.fixture(params=[700, 5000, None], ids=lambda size: f"blocks of {size or 'full'} bytes")
def _blocks(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stage, "read_blocks", partial(read_blocks, block_bytes=request.param))


def cleaned(folder: Path, records: list[bytes], **more) -> Cleaned:
    path = folder / "a.csv"
    path.write_bytes(HEADER + b"".join(records))
    return clean(folder, path, **more)


def line_of(records: list[bytes], number: int) -> int:
    return 2 + b"".join(records[:number]).count(b"\n")


def with_quote(record: bytes, column: int, place: int = 1) -> bytes:
    """``record`` with a quote too many in a column."""
    cells = record.split(b'","')
    cells[column] = cells[column][:place] + b'"' + cells[column][place:]
    return b'","'.join(cells)


@pytest.mark.usefixtures("_blocks")
@pytest.mark.parametrize("column", [0, 2, 12, 15, 28, 29])
@pytest.mark.parametrize("number", [0, 1, 20, len(ROWS) - 1])
def test_a_quote_too_many_costs_one_row(tmp_path: Path, column: int, number: int) -> None:
    records = list(RECORDS)
    records[number] = with_quote(records[number], column)
    found = cleaned(tmp_path, records)
    assert found.posts["tweetid"].to_list() == IDS[:number] + IDS[number + 1 :]
    [aside] = found.quarantine.to_dict("records")
    assert (aside["line"], aside["reason"]) == (line_of(records, number), UNPAIRED)
    raw = aside["raw"].encode("utf-8", "surrogateescape")
    assert raw == records[number].removesuffix(b"\n")


@pytest.mark.usefixtures("_blocks")
@pytest.mark.parametrize("apart", [1, 2, 7, 15])
def test_two_quotes_too_many_cost_two_rows(tmp_path: Path, apart: int) -> None:
    records = list(RECORDS)
    for number in (5, 5 + apart):
        records[number] = with_quote(records[number], 12, 3)
    found = cleaned(tmp_path, records)
    kept = [name for number, name in enumerate(IDS) if number not in (5, 5 + apart)]
    assert found.posts["tweetid"].to_list() == kept
    aside = "".join(found.quarantine["raw"])
    assert IDS[5] in aside
    assert IDS[5 + apart] in aside


@pytest.mark.usefixtures("_blocks")
@pytest.mark.parametrize(("first", "last"), [(3, 4), (3, 9), (0, len(ROWS) - 1)])
def test_rows_between_two_quotes_in_one_column_do_not_become_a_cell(
    tmp_path: Path, first: int, last: int
) -> None:
    """A lenient parser reads all of it as one record of the right width."""
    records = [record.replace(b"army\nspoke", b"army spoke") for record in RECORDS]
    for number in (first, last):
        records[number] = with_quote(records[number], 12, 3)
    found = cleaned(tmp_path, records)
    kept = [name for number, name in enumerate(IDS) if number not in (first, last)]
    assert found.posts["tweetid"].to_list() == kept
    assert found.outcomes[("quarantined", UNPAIRED)] == 2


@pytest.mark.usefixtures("_blocks")
@pytest.mark.parametrize("column", [0, 5, 12, 29])
@pytest.mark.parametrize("end", ["first", "last"])
def test_a_quote_too_few_costs_one_row(tmp_path: Path, column: int, end: str) -> None:
    records = list(RECORDS)
    cells = records[9].removesuffix(b"\n").split(b",", 40)
    cells = records[9].removesuffix(b"\n").split(b'","')
    text = b'","'.join(cells[:column]), cells[column], b'","'.join(cells[column + 1 :])
    gap = (b'",' if end == "first" else b'","', b'","' if end == "first" else b',"')
    first = text[0] + gap[0] + text[1] if column else text[1][1 if end == "first" else 0 :]
    last = gap[1] + text[2] if column < 29 else b""
    whole = first + last
    records[9] = (whole[:-1] if column == 29 and end == "last" else whole) + b"\n"
    assert records[9].count(b'"') == RECORDS[9].count(b'"') - 1
    found = cleaned(tmp_path, records)
    kept = found.posts["tweetid"].to_list()
    assert kept == [name for name in IDS if name in kept]
    assert set(IDS) - set(kept) <= {IDS[9], IDS[10]}
    assert IDS[9] not in kept
    assert found.outcomes.keys() == {("kept", ""), ("quarantined", UNPAIRED)}


@pytest.mark.parametrize("cut", range(1, len(RECORDS[-1])))
def test_a_file_cut_short_is_refused_or_its_last_row_set_aside(tmp_path: Path, cut: int) -> None:
    try:
        found = cleaned(tmp_path, [*RECORDS[-4:-1], RECORDS[-1][:-cut]])
    except InputError as problem:
        line = line_of(RECORDS[-4:], 3)
        assert f"a.csv, line {line}: the file ends inside a quoted field" in str(problem)
        return
    if RECORDS[-1][:-cut].endswith((b'"[]"', b'"[]",')) and cut in (1, 5):
        # The last newline is missing, or the last cell, a list, is blank.
        assert found.outcomes == {("kept", ""): 4}
    else:
        assert found.outcomes[("kept", "")] == 3
        assert sum(found.outcomes.values()) == 4


@pytest.mark.usefixtures("_blocks")
def test_a_header_in_the_middle_is_counted_as_such(tmp_path: Path) -> None:
    found = cleaned(tmp_path, [*RECORDS[:7], HEADER, *RECORDS[7:], HEADER])
    assert found.posts["tweetid"].to_list() == IDS
    assert found.outcomes[("quarantined", "header repeated")] == 2


@pytest.mark.usefixtures("_blocks")
def test_bytes_that_are_not_utf8_are_replaced_and_counted(tmp_path: Path) -> None:
    records = list(RECORDS)
    records[3] = records[3].replace(b'"2019-', b'"\xff\xfe2019-', 1)  # a name, or the text
    text = ROWS[4]["tweet_text"].replace('"', '""').encode()
    records[4] = records[4].replace(text, b"caf\xe9 " + text)
    found = cleaned(tmp_path, [*records, records[4]])
    assert found.posts["tweet_text"][3 if len(found.posts) < len(IDS) else 4].startswith(
        "caf\ufffd"
    )
    assert found.outcomes[("kept", "bytes that are not UTF-8 replaced")] == 1
    assert found.outcomes[("duplicate", "same row again")] == 1
    assert sum(found.outcomes.values()) == len(RECORDS) + 1


@pytest.mark.usefixtures("_blocks")
def test_a_row_with_a_nul_byte_is_set_aside(tmp_path: Path) -> None:
    records = list(RECORDS)
    records[8] = records[8].replace(b'"true"', b'"tr\0ue"').replace(b'"false"', b'"fa\0lse"')
    found = cleaned(tmp_path, records)
    assert found.posts["tweetid"].to_list() == IDS[:8] + IDS[9:]
    assert found.outcomes[("quarantined", "NUL byte")] == 1


@pytest.mark.parametrize("cell", ["1.23E+18", "1e18", "1.19672089973637E+18", "119672089.0"])
def test_ids_that_a_spreadsheet_rounded_are_refused(tmp_path: Path, cell: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(to_csv([*ROWS[:3], post() | {"tweetid": cell}, *ROWS[3:]]))
    line = line_of(RECORDS, 3)
    words = (
        rf"a\.csv, line {line}, column tweetid: .* A spreadsheet does that .* as it was released"
    )
    with pytest.raises(InputError, match=words) as problem:
        clean(tmp_path, path)
    assert cell == "1.23E+18" or cell not in str(problem.value)
    assert not list(tmp_path.glob("*.parquet*"))
    assert not (tmp_path / "quarantine.csv").exists()


@pytest.mark.parametrize("mark", [";", "\t", "|"])
def test_a_file_with_another_separator_is_named_as_such(tmp_path: Path, mark: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(to_csv(ROWS[:3]).replace(b'","', f'"{mark}"'.encode()))
    with pytest.raises(InputError, match=r"a\.csv: its columns are separated by .*, not by commas"):
        clean(tmp_path, path)


@pytest.mark.usefixtures("_blocks")
def test_rows_with_another_separator_are_set_aside(tmp_path: Path) -> None:
    records = list(RECORDS)
    for number in (2, 11):
        records[number] = records[number].replace(b'","', b'";"')
    found = cleaned(tmp_path, records)
    assert len(found.posts) == len(IDS) - 2
    assert sum(found.outcomes.values()) == len(IDS)


def test_an_unhashed_archive_is_read_without_its_names(tmp_path: Path) -> None:
    """Its layout is the same; names of accounts are read from none."""
    names = {"user_display_name": "A Name", "user_screen_name": "a_name", "userid": "1234567"}
    path = tmp_path / "x_tweets_csv_unhashed.csv"
    path.write_bytes(to_csv([row | names for row in ROWS]))
    found = clean(tmp_path, path)
    assert found.posts["userid"].unique().to_list() == ["1234567"]
    assert found.check("accounts with a hashed id") == ("0", None)
    assert b"a_name" not in found.tweets.read_bytes()


@pytest.mark.usefixtures("_blocks")
@pytest.mark.parametrize(
    "damaged",
    [b'he "said" so', b'he \\"said\\" so', b'a,"b",c', b'"quoted" at the start'],
)
def test_quotes_that_pair_but_were_not_doubled_are_no_text(tmp_path: Path, damaged: bytes) -> None:
    """A lenient parser drops them and changes what was said."""
    records = list(RECORDS)
    cells = records[6].split(b'","')
    records[6] = b'","'.join([*cells[:12], damaged, *cells[13:]])
    found = cleaned(tmp_path, records)
    assert found.posts["tweetid"].to_list() == IDS[:6] + IDS[7:]
    assert found.outcomes[("quarantined", UNPAIRED)] == 1


def test_a_file_with_spaces_after_its_commas_is_not_misread(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"not one usable post .*rows: quotes that do not pair"):
        cleaned(tmp_path, [record.replace(b'","', b'", "') for record in RECORDS])


@pytest.mark.usefixtures("_blocks")
def test_a_quote_too_many_in_texts_without_newlines(tmp_path: Path) -> None:
    """Then no newline of the rest of the file has an even number of quotes before it."""
    rows = [post(sequence=number) for number in range(200)]
    records = [to_csv([row]).removeprefix(HEADER) for row in rows]
    records[5] = with_quote(records[5], 12)
    found = cleaned(tmp_path, records)
    assert found.posts["tweetid"].to_list() == [row["tweetid"] for row in rows if row != rows[5]]
    assert found.outcomes[("quarantined", UNPAIRED)] == 1


@pytest.mark.parametrize("block", [100, 262, 500, None])
def test_a_file_cut_short_is_found_whatever_its_blocks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int | None
) -> None:
    """Also where blocks that were cut wrongly go back to the stream."""
    monkeypatch.setattr(stage, "read_blocks", partial(read_blocks, block_bytes=block))
    path = write_zip(
        tmp_path / "a.zip",
        {"a.csv": HEADER + b"".join([*RECORDS[:3], with_quote(RECORDS[3], 12), *RECORDS[4:-1]])
         + RECORDS[-1][:60]},
    )  # fmt: skip
    with pytest.raises(InputError, match="the file ends inside a quoted field"):
        clean(tmp_path, path)


def test_a_header_with_a_quote_too_many_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(HEADER.replace(b'user_mentions"', b'user_mentions""') + RECORDS[0])
    with pytest.raises(InputError, match=r"a\.csv: no header line can be read"):
        clean(tmp_path, path)


ODD_CELLS = {
    "account_creation_date": [
        "-2019-01-01",
        "000-01-01",
        "+20149-11-20",
        "20149-11-20",
        " 2019-1-1",
    ],
    "tweet_time": ["+2019-11-20 05:20", "\r2019-11-20 05:20", "99999-01-01 00:00"],
    "like_count": ["-0", "\t5", "-5", "99999999999999999999"],
    "tweetid": ["-0", "+5", " 5", "9223372036854775808"],
}


@pytest.mark.parametrize(
    ("column", "cell"), [(c, x) for c, cells in ODD_CELLS.items() for x in cells]
)
def test_a_cell_is_judged_alike_in_any_company(tmp_path: Path, column: str, cell: str) -> None:
    odd = post("2019-11-20 05:20", "odd") | {column: cell}
    (tmp_path / "alone").mkdir()
    alone = tmp_path / "alone.csv"
    alone.write_bytes(to_csv([ROWS[0], odd]))
    company = tmp_path / "company.csv"
    company.write_bytes(to_csv([ROWS[0], odd]) + b'"short"\n')
    first = clean(tmp_path / "alone", alone)
    second = clean(tmp_path, company)
    assert first.posts.equals(second.posts)
    assert [reason for (what, reason) in first.outcomes if what == "quarantined"] == [
        "tweetid is no number" if column == "tweetid" else f"{column} unreadable"
    ]


@pytest.mark.parametrize("written", ["\\ud83d\\ude00", "\\U00110000"])
def test_escapes_that_stand_for_no_character_stay_as_written(tmp_path: Path, written: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(to_csv([post(hashtags=f"['{written}']")]))
    assert clean(tmp_path, path).posts["hashtags"].to_list() == [[written]]


def test_mended_rows_of_a_users_file_are_counted(tmp_path: Path) -> None:
    tweets, users = tmp_path / "a.csv", tmp_path / "users.csv"
    tweets.write_bytes(to_csv(ROWS))
    names = [user("u1"), user("u2"), user("u2")]
    text = to_csv(names, USER_COLUMNS).replace(b'"u1"', b'"u\xff1"', 1)
    users.write_bytes(text)
    found = clean(tmp_path, tweets, [users])
    table = found.accounting[found.accounting["file"] == "users.csv"]
    assert table[["outcome", "reason", "rows"]].to_numpy().tolist() == [
        ["kept", "", 1],
        ["kept", "bytes that are not UTF-8 replaced", 1],
        ["duplicate", "same userid", 1],
    ]


@pytest.mark.parametrize("packed", [True, False])
def test_progress_counts_every_byte_read(tmp_path: Path, packed: bool) -> None:
    path = tmp_path / ("a.zip" if packed else "a.csv")
    if packed:
        write_zip(path, {"a.csv": to_csv(ROWS), "b.csv": to_csv(ROWS[:5])})
    else:
        path.write_bytes(to_csv(ROWS))
    seen: list[int] = []
    members = list_members(path)
    for member in members:
        for _ in read_blocks(member, text_rows, block_bytes=900, seen=seen.append):
            pass
    assert sum(seen) == sum(member.packed_bytes for member in members)


DAMAGES = st.lists(
    st.tuples(
        st.integers(0, len(RECORDS) - 1),
        st.integers(0, 400),
        st.sampled_from([b'"', b'""', b'"\n"', b"\n", b",", b'","', b"\0", b"\xff", b"\r"]),
        st.booleans(),
    ),
    min_size=1,
    max_size=4,
)


@given(damages=DAMAGES, block=st.sampled_from([300, 2000, None]), seed=st.integers(0, 9))
def test_no_byte_is_lost_whatever_the_damage(
    tmp_path_factory: pytest.TempPathFactory,
    damages: list[tuple[int, int, bytes, bool]],
    block: int | None,
    seed: int,
) -> None:
    """Rows of the file are kept or stand, with all their bytes, in the quarantine."""
    records = random.Random(seed).sample(RECORDS, len(RECORDS))
    for number, place, mark, instead in damages:
        record = records[number]
        place = min(place, len(record) - 1)
        records[number] = record[:place] + mark + record[place + instead :]
    folder = tmp_path_factory.mktemp("damage")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stage, "read_blocks", partial(read_blocks, block_bytes=block))
        try:
            found = cleaned(folder, records)
        except InputError as problem:
            assert ", line " in str(problem)
            return
    damaged = {number for number, *_ in damages}
    kept = set(found.posts["tweetid"])
    aside = b"".join(raw.encode("utf-8", "surrogateescape") for raw in found.quarantine["raw"])
    lost = 0
    for number, record in enumerate(records):
        name = record.split(b'"', 2)[1].decode("utf-8", "replace")
        if number not in damaged and name not in kept:
            lost += 1
            assert name.encode() in aside
    assert lost <= 2 * len(damages)
    rows = found.outcomes
    assert sum(count for (what, _), count in rows.items() if what == "kept") == len(found.posts)
    assert sum(count for (what, _), count in rows.items() if what == "quarantined") == len(
        found.quarantine
    )
    assert set(COLUMNS_30) & set(found.posts.columns)
