"""The catalogue of the 48 archives is sound, and a file is found under each name it may have."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import available_timezones

import pytest
import yaml
from builders import COLUMNS_30, LABELLED_COLUMNS, USER_COLUMNS, to_csv, write_zip

from takedown.archives.catalogue import (
    BUCKET,
    CATALOGUE,
    addresses,
    file_name,
    files_in,
    in_folder,
    names,
    published_posts,
    read_catalogue,
    size_words,
)
from takedown.errors import InputError
from takedown.redaction import shown
from takedown.study.config import Campaign, read_study

ROOT = Path(__file__).parents[2]
ROWS = read_catalogue(ROOT / CATALOGUE)
ROLES = ("tweets", "users")
FILES = {(name, role): row[f"{role}_url"] for name, row in ROWS.items() for role in ROLES}
RELEASES = (
    "2018_10 2019_01 2019_06 2019_08 2019_11 2020_03 2020_04 2020_05 2020_08 2020_09 2020_12 "
    "2021_12"
).split()
HOSTS = {
    "storage.googleapis.com": f"/{BUCKET}/",
    f"{BUCKET}.storage.googleapis.com": "/",
    "storage.cloud.google.com": f"/{BUCKET}/",
}
PLAIN_PATH, PLAIN_HOST, BROWSER = (f"https://{host}{path}" for host, path in HOSTS.items())
THAI = "hashed/2020_09/thailand_092020/thailand_092020_tweets_csv_hashed.zip"
THAI_NAME = "thailand_092020_tweets_csv_hashed.zip"
THAI_FLAT = "hashed_2020_09_thailand_092020_thailand_092020_tweets_csv_hashed.zip"


@pytest.fixture(autouse=True)
def project_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    """A study names files relative to the project's folder."""
    monkeypatch.chdir(ROOT)


def in_bucket(address: str) -> str:
    """The path of the object at ``address``; the address is checked on the way."""
    parts = urlsplit(address)
    assert (parts.scheme, parts.query, parts.fragment) == ("https", "", "")
    assert parts.path.startswith(HOSTS[parts.netloc])
    return parts.path.removeprefix(HOSTS[parts.netloc])


def flat(address: str) -> str:
    """The name that a browser gives the object."""
    return in_bucket(address).replace("/", "_")


def place(folder: Path, *files: str) -> Path:
    """``folder`` with files in it that have the columns that their names promise, and no rows."""
    folder.mkdir(parents=True, exist_ok=True)
    for file in files:
        columns = USER_COLUMNS if "users" in file else COLUMNS_30
        if file.lower().endswith(".zip"):
            write_zip(folder / file, {f"{file}.csv": to_csv([], columns)})
        else:
            (folder / file).write_bytes(to_csv([], columns) if file.endswith(".csv") else b"")
    return folder


# The committed catalogue


def test_the_catalogue_has_48_archives_in_12_releases() -> None:
    assert len(ROWS) == 48
    assert sorted({row["release"] for row in ROWS.values()}) == RELEASES


def test_posts_as_published_are_none_where_the_number_was_not_found() -> None:
    rows = {name: {"n_tweets_published": count} for name, count in {"a": "348608", "b": ""}.items()}
    assert published_posts(rows) == [348608, 0]


def test_no_two_files_share_an_address_or_a_name() -> None:
    for naming in (in_bucket, file_name, flat):
        assert len({naming(address).lower() for address in FILES.values()}) == 96


@pytest.mark.parametrize("name", ROWS)
def test_every_row_is_sound(name: str) -> None:
    row = ROWS[name]
    assert row["archive_id"] == name
    assert row["timezone"] in available_timezones()
    folders = set()
    for role in ROLES:
        path = in_bucket(row[f"{role}_url"])
        assert re.fullmatch(rf"hashed/{row['release']}/(\w+/)?\w+\.(zip|csv)", path)
        assert path.endswith(f"_{role}_csv_hashed.{row[f'{role}_format']}")
        folders.add(path.rpartition("/")[0])
    assert len(folders) == 1, "the posts and the accounts lie in different folders"
    for path in (row[key] for key in ("embedded_tweets", "embedded_users", "events", "attention")):
        assert all((ROOT / part).is_file() for part in path.split())


@pytest.mark.parametrize("name", ROWS)
def test_every_files_format_is_the_known_one(name: str) -> None:
    row = ROWS[name]
    known = {"2020_12": ("csv", "csv"), "2021_12": ("zip", "csv")}
    expected = known.get(row["release"], ("zip", "zip"))
    assert (row["tweets_format"], row["users_format"]) == expected


@pytest.mark.parametrize("name", ROWS)
def test_the_patterns_of_members_take_the_role_and_the_layout(name: str) -> None:
    row = ROWS[name]
    assert "*" not in row["users_members"]
    assert "_users_csv_hashed" in row["users_members"]
    assert "tweets_csv_hashed" in row["tweets_members"]
    exact = "*" not in row["tweets_members"]
    assert row["tweets_layout"] == "single" if exact else row["tweets_parts"] != "1"


@pytest.mark.parametrize("name", ROWS)
def test_a_rows_mirrors_are_copies_of_its_own_files(name: str) -> None:
    row = ROWS[name]
    own = {known for role in ROLES for known in names(row[f"{role}_url"])}
    assert {file_name(mirror) for mirror in row["mirrors"].split()} <= own


def test_size_is_told_with_what_it_rests_on() -> None:
    keys = ("download_size_published", "tweets_csv_bytes", "tweets_csv_size_reported")
    words = ("1 GB to download (published)", "2,000 bytes of CSV (measured)", "3 MB of CSV ")
    values = ("1 GB", "2000", "3 MB")
    for key, value, expected in zip(keys, values, words, strict=True):
        assert size_words(dict.fromkeys(keys, "") | {key: value}).startswith(expected)
    assert size_words(dict.fromkeys(keys, "")) == "size not known"


# A damaged one

Table = list[list[str]]


def cell(line: int, column: str, text: str) -> Callable[[Table], None]:
    """A change of one cell; the header is line 1."""

    def change(table: Table) -> None:
        table[line - 1][table[0].index(column)] = text

    return change


def without(column: str) -> Callable[[Table], None]:
    def change(table: Table) -> None:
        index = table[0].index(column)
        for row in table:
            del row[index]

    return change


def swapped(table: Table) -> None:
    for row in table:
        row[1], row[2] = row[2], row[1]


def damaged(path: Path, change: Callable[[Table], None]) -> Path:
    """A copy of the catalogue with ``change`` done to its cells."""
    with (ROOT / CATALOGUE).open(encoding="utf-8", newline="") as handle:
        table = list(csv.reader(handle))
    change(table)
    with path.open("w", encoding="utf-8", newline="") as handle:
        csv.writer(handle, lineterminator="\n").writerows(table)
    return path


BUCKET_FILE = f"https://storage.googleapis.com/{BUCKET}/hashed/2020_09/x/x_tweets_csv_hashed"


@pytest.mark.parametrize(
    ("line", "column", "text"),
    [
        (2, "archive_id", "an id"),
        (2, "release", "2018"),
        (7, "release_date", "17.10.2018"),
        (9, "country", ""),
        (9, "attributed_to", ""),
        (12, "timezone", "Bangkok"),
        (12, "n_accounts_published", "1,000"),
        (12, "n_tweets_published", "many"),
        (3, "tweets_url", ""),
        (3, "tweets_url", f"{BUCKET_FILE}.rar"),
        (3, "tweets_url", f"{BUCKET_FILE}.zip?x=1"),
        (3, "tweets_url", f"{BUCKET_FILE}.zip".replace("https", "http")),
        (3, "tweets_url", f"{BUCKET_FILE}.zip".replace(BUCKET, "another-bucket")),
        (3, "tweets_url", f"{BUCKET_FILE}.zip".replace("googleapis.com", "example.org")),
        (3, "tweets_url", f"{BUCKET_FILE}.zip".replace("hashed/2020_09/", "")),
        (49, "users_url", f"{BUCKET_FILE} .csv"),
        (49, "mirrors", "mirror.zip"),
        (20, "tweets_format", "tar"),
        (20, "users_format", ""),
        (20, "tweets_layout", "monthly"),
        (20, "tweets_parts", "some"),
        (20, "tweets_members", ""),
        (20, "users_members", "users.zip"),
        (20, "tweets_csv_bytes", "1e6"),
        (20, "first_tweet_utc", "2019-01-01"),
        (20, "licence", "CC0"),
        (20, "confidence", "certain"),
        (49, "events", "/etc/passwd"),
    ],
)
def test_a_bad_cell_is_named_with_file_line_and_column(
    tmp_path: Path, line: int, column: str, text: str
) -> None:
    path = damaged(tmp_path / "archives.csv", cell(line, column, text))
    with pytest.raises(InputError) as problem:
        read_catalogue(path)
    assert str(problem.value).startswith(f"{path}, line {line}, column {column}: ")
    assert shown(repr(text)) in str(problem.value) or column == "licence"


@pytest.mark.parametrize(
    "change",
    [
        without("country"),
        without("topics"),
        lambda table: [row.append("x") for row in table],
        lambda table: table[0].append(table[0][0]),
        lambda table: table.pop(0),
        list.clear,
        swapped,
    ],
    ids="first column missing,last missing,one more,one twice,no header,empty,order".split(","),
)
def test_columns_that_are_not_the_catalogues_are_refused(
    tmp_path: Path, change: Callable[[Table], None]
) -> None:
    path = damaged(tmp_path / "archives.csv", change)
    with pytest.raises(InputError) as problem:
        read_catalogue(path)
    assert str(problem.value).startswith(f"{path}: the columns must be archive_id, release, ")


@pytest.mark.parametrize(
    "change",
    [lambda table: table[19].append("x"), lambda table: table[19].pop()],
    ids=["one more", "one less"],
)
def test_a_row_with_too_many_or_too_few_cells_is_refused(
    tmp_path: Path, change: Callable[[Table], None]
) -> None:
    path = damaged(tmp_path / "archives.csv", change)
    with pytest.raises(InputError) as problem:
        read_catalogue(path)
    assert str(problem.value).startswith(f"{path}, line 20")


def test_an_id_that_stands_twice_is_named(tmp_path: Path) -> None:
    path = damaged(tmp_path / "archives.csv", lambda table: table.append(table[4]))
    with pytest.raises(InputError) as problem:
        read_catalogue(path)
    assert str(problem.value) == f"{path}, line 50: {list(ROWS)[3]} stands twice."


# Where to ask for a file

FORMS = [PLAIN_PATH + THAI, PLAIN_HOST + THAI, BROWSER + THAI]


@pytest.mark.parametrize("form", FORMS)
def test_an_object_of_the_bucket_is_asked_for_in_three_forms(form: str) -> None:
    assert addresses(form) == FORMS


def test_mirrors_come_last_in_the_order_given() -> None:
    mirrors = [f"https://b.org/{THAI_FLAT}", "https://c.org/copy/", f"http://a.org/x/{THAI_NAME}"]
    found = addresses(BROWSER + THAI, mirrors)
    assert found == [*FORMS, mirrors[0], f"https://c.org/copy/{THAI}", mirrors[2]]


@pytest.mark.parametrize(
    "mirror",
    [
        f"https://b.org/{THAI_NAME.replace('tweets', 'users')}",
        f"https://b.org/{THAI_FLAT.replace('tweets', 'users')}",
        f"https://b.org/my_{THAI_NAME}",
        f"https://b.org/{THAI_NAME}.part",
        f"https://b.org/{THAI_NAME.replace('zip', 'csv')}",
        f"https://b.org/{THAI_NAME.replace('tweets_csv', 'tweets_media')}",
        f"https://b.org/{THAI_NAME}/other.zip",
        f"https://b.org/other.zip?name={THAI_NAME}",
    ],
)
def test_a_mirror_of_another_file_is_not_asked(mirror: str) -> None:
    assert addresses(BROWSER + THAI, [mirror]) == FORMS


def test_a_mirror_is_never_that_of_another_archive() -> None:
    mirrors = [f"https://m.org/{flat(address)}" for address in FILES.values()]
    mirrors += [f"https://m.org/{file_name(address)}" for address in FILES.values()]
    for address in FILES.values():
        found = addresses(address, mirrors)[3:]
        assert found == [f"https://m.org/{flat(address)}", f"https://m.org/{file_name(address)}"]


def test_an_address_outside_the_bucket_has_one_form_and_mirrors_of_its_name() -> None:
    address = "https://my.org/a%20b/posts%201.zip"
    mirrors = ["https://m.org/folder/", "https://m.org/other.zip", "https://m.org/posts%201.zip"]
    assert addresses(address, mirrors) == [address, mirrors[2]]


def test_no_address_is_asked_twice() -> None:
    assert addresses(FORMS[1], [FORMS[2], PLAIN_PATH, "https://m.org/", "https://m.org/"]) == [
        *FORMS,
        f"https://m.org/{THAI}",
    ]


# What a file is called


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("https://x.org/a/b.zip", "b.zip"),
        ("https://x.org/a/b.zip?c=/d.zip#e/f", "b.zip"),
        ("https://x.org/a/%E0%B8%81%20b.zip", "ก b.zip"),
        ("https://x.org/o/hashed%2F2020_09%2Fb.zip?alt=media", "b.zip"),
        ("https://x.org/..%2F..%2Fb.zip", "b.zip"),
        ("a folder/b 1%20.zip", "b 1%20.zip"),
        ("b.csv", "b.csv"),
    ],
)
def test_the_name_a_file_is_saved_under(address: str, name: str) -> None:
    assert file_name(address) == name


@pytest.mark.parametrize("form", FORMS)
def test_a_file_has_a_plain_and_a_flattened_name(form: str) -> None:
    assert names(form) == [THAI_NAME, THAI_FLAT]


def test_a_file_outside_the_bucket_has_one_name() -> None:
    assert names("https://my.org/a/posts.zip") == ["posts.zip"]


def again(name: str, number: int = 1) -> str:
    """What a browser calls a second download of ``name``."""
    stem, dot, suffix = name.rpartition(".")
    return f"{stem} ({number}){dot}{suffix}"


NAMINGS: dict[str, Callable[[str], str]] = {
    "plain": file_name,
    "flattened": flat,
    "plain again": lambda address: again(file_name(address)),
    "flattened again": lambda address: again(flat(address), 12),
}


@pytest.mark.parametrize("naming", NAMINGS.values(), ids=NAMINGS)
def test_each_of_the_96_files_is_found_among_all_the_others(
    tmp_path: Path, naming: Callable[[str], str]
) -> None:
    """As uae_082019_1 is never taken for egypt_uae_082019_1."""
    wanted = {address: naming(address) for address in FILES.values()}
    place(tmp_path, *wanted.values())
    assert {address: in_folder(tmp_path, address) for address in wanted} == {
        address: tmp_path / name for address, name in wanted.items()
    }


@pytest.mark.parametrize("naming", NAMINGS.values(), ids=NAMINGS)
def test_a_file_that_is_not_there_is_not_found_among_all_the_others(
    tmp_path: Path, naming: Callable[[str], str]
) -> None:
    place(tmp_path, *map(naming, FILES.values()))
    for address in FILES.values():
        (tmp_path / naming(address)).unlink()
        assert in_folder(tmp_path, address) is None
        (tmp_path / naming(address)).touch()


@pytest.mark.parametrize(
    "name",
    [
        f"{THAI_NAME}.part",
        f"{THAI_NAME}.part.json",
        f"{THAI_NAME}.differs",
        f".{THAI_NAME}.lock",
        f"my_{THAI_NAME}",
        f"{THAI_NAME} (1)",
        again(THAI_NAME).replace("1", "copy"),
        THAI_NAME.replace(".zip", "Xzip"),
        THAI_NAME.replace("tweets_csv", "tweets_media"),
    ],
)
def test_what_only_looks_like_the_file_is_not_taken(tmp_path: Path, name: str) -> None:
    assert in_folder(place(tmp_path, name), BROWSER + THAI) is None


def test_a_folder_of_the_files_name_is_not_taken(tmp_path: Path) -> None:
    (tmp_path / THAI_NAME).mkdir()
    assert in_folder(tmp_path, BROWSER + THAI) is None


def test_in_a_folder_that_is_not_there_is_nothing(tmp_path: Path) -> None:
    assert in_folder(tmp_path / "none", BROWSER + THAI) is None


@pytest.mark.parametrize("other", [THAI_FLAT, again(THAI_NAME), again(THAI_FLAT)])
def test_two_candidates_are_an_error_that_names_both(tmp_path: Path, other: str) -> None:
    place(tmp_path, THAI_NAME, other)
    with pytest.raises(InputError, match="Keep the right one and remove the other") as problem:
        in_folder(tmp_path, BROWSER + THAI)
    assert str(problem.value).startswith(f"{tmp_path}: ")
    assert THAI_NAME in str(problem.value).split(" are both ")[0]
    assert other in str(problem.value).split(" are both ")[0]


# Folders in a study file


def study(campaigns: dict[str, dict[str, object]]) -> dict[str, Campaign]:
    return dict(read_study({"study": "s", "campaigns": campaigns}).campaigns)


def inside(folder: Path, files: Iterable[str]) -> tuple[str, ...]:
    return tuple(str(folder / file) for file in files)


def unpacked(row: dict[str, str]) -> list[str]:
    """Names that the unpacked CSVs of posts of an archive have."""
    pattern = re.sub(r"^\*", f"{row['archive_id']}_", row["tweets_members"])
    parts = ("2018", "2019") if row["tweets_layout"] == "yearly" else ("1", "2")
    return sorted({pattern.replace("*", f"_{part}").replace("__", "_") for part in parts})


@pytest.mark.parametrize("naming", NAMINGS.values(), ids=NAMINGS)
def test_a_folder_with_all_archives_gives_each_campaign_its_own_files(
    tmp_path: Path, naming: Callable[[str], str]
) -> None:
    place(tmp_path, *map(naming, FILES.values()), "notes.txt")
    found = study({name: {"tweets": str(tmp_path)} for name in ROWS})
    for name, row in ROWS.items():
        assert found[name].tweets == inside(tmp_path, [naming(row["tweets_url"])])
        assert found[name].users == inside(tmp_path, [naming(row["users_url"])])


@pytest.mark.parametrize("name", ROWS)
def test_unpacked_csvs_are_taken_where_the_zip_is_not_there(tmp_path: Path, name: str) -> None:
    row = ROWS[name]
    place(tmp_path, *unpacked(row), row["users_members"], f"{name}_tweets_media_1.csv")
    found = study({name: {"tweets": str(tmp_path)}})[name]
    assert found.tweets == inside(tmp_path, unpacked(row))
    assert found.users == inside(tmp_path, [row["users_members"]])


@pytest.mark.parametrize("name", ROWS)
def test_the_archive_goes_before_its_unpacked_csvs(tmp_path: Path, name: str) -> None:
    """Never both: each post would be there twice."""
    row = ROWS[name]
    archive = file_name(row["tweets_url"])
    place(tmp_path, archive, *unpacked(row), row["users_members"])
    found = study({name: {"tweets": str(tmp_path)}})[name]
    assert found.tweets == inside(tmp_path, [archive])


def test_a_folder_with_all_archives_unpacked_gives_each_campaign_its_own_csvs(
    tmp_path: Path,
) -> None:
    for row in ROWS.values():
        place(tmp_path, *unpacked(row), row["users_members"])
    found = study({name: {"tweets": str(tmp_path)} for name in ROWS})
    for name, row in ROWS.items():
        assert found[name].tweets == inside(tmp_path, unpacked(row))
        assert found[name].users == inside(tmp_path, [row["users_members"]])


def test_other_archives_in_the_folder_are_never_taken_for_the_one_that_is_missing(
    tmp_path: Path,
) -> None:
    place(tmp_path, *map(file_name, FILES.values()), *map(flat, FILES.values()))
    aside = tmp_path.with_name("aside")
    for name in ROWS:
        for own in (named(FILES[name, role]) for role in ROLES for named in (file_name, flat)):
            (tmp_path / own).rename(aside)
        with pytest.raises(
            InputError, match=rf"campaigns\.{name}\.tweets: the folder .* holds no "
        ):
            study({name: {"tweets": str(tmp_path)}})
        for role in ROLES:
            place(tmp_path, file_name(FILES[name, role]), flat(FILES[name, role]))


def test_users_are_found_in_the_folder_under_tweets(tmp_path: Path) -> None:
    place(tmp_path, "posts_tweets_1.zip", "posts_tweets_2.zip", "posts_users.csv", "readme.md")
    found = study({"mine": {"tweets": str(tmp_path)}})["mine"]
    assert found.tweets == inside(tmp_path, ["posts_tweets_1.zip", "posts_tweets_2.zip"])
    assert found.users == inside(tmp_path, ["posts_users.csv"])


def test_users_that_are_given_go_before_those_in_the_folder(tmp_path: Path) -> None:
    place(tmp_path / "in", "tweets.csv", "users.csv")
    place(tmp_path, "mine.csv")
    found = study({"mine": {"tweets": str(tmp_path / "in"), "users": str(tmp_path / "mine.csv")}})
    assert found["mine"].tweets == inside(tmp_path / "in", ["tweets.csv"])
    assert found["mine"].users == inside(tmp_path, ["mine.csv"])


def test_columns_not_names_tell_what_a_file_of_ones_own_holds(tmp_path: Path) -> None:
    place(tmp_path, "b.csv", "a.ZIP", "my_users.csv", "media.txt", "._b.csv")
    (tmp_path / "my_users.csv").rename(tmp_path / "People.CSV")
    (tmp_path / "events.csv").write_text("date,title\n2020-01-01,something\n")
    (tmp_path / "control.csv").write_bytes(to_csv([], LABELLED_COLUMNS))
    found = study({"mine": {"tweets": str(tmp_path)}})["mine"]
    assert found.tweets == inside(tmp_path, ["a.ZIP", "b.csv", "control.csv"])
    assert found.users == inside(tmp_path, ["People.CSV"])


def test_a_folder_of_folders_names_them(tmp_path: Path) -> None:
    place(tmp_path / "Armenia", "part_0.csv")
    with pytest.raises(InputError, match=r"it holds the folders Armenia: name one"):
        study({"mine": {"tweets": str(tmp_path)}})


def test_folders_and_files_may_be_mixed(tmp_path: Path) -> None:
    place(tmp_path / "one", "x_tweets.csv")
    place(tmp_path / "two", "y_tweets.csv", "y_users.csv")
    place(tmp_path, "z.csv")
    given = [str(tmp_path / name) for name in ("one", "z.csv", "two")]
    found = study({"mine": {"tweets": given}})["mine"]
    assert found.tweets == inside(tmp_path, ["one/x_tweets.csv", "z.csv", "two/y_tweets.csv"])
    assert found.users == inside(tmp_path, ["two/y_users.csv"])


@pytest.mark.parametrize("row", [None, ROWS["thailand_092020"], ROWS["turkey_052020"]])
def test_media_are_never_taken(tmp_path: Path, row: dict[str, str] | None) -> None:
    stem = row["archive_id"] if row else "mine"
    media = [f"{stem}_tweets_media_hashed.zip", f"{stem}_media_hashed_1.zip"]
    media += [f"hashed_2020_09_{stem}_{stem}_users_media.zip"]
    place(tmp_path, *media)
    assert [files_in(tmp_path, role, row) for role in ROLES] == [[], []]


@pytest.mark.parametrize("name", ["mine", "thailand_092020", "turkey_052020"])
@pytest.mark.parametrize("files", [[], ["x_users_csv_hashed.csv"], ["notes.txt"]])
def test_a_folder_without_posts_is_an_error_that_names_it(
    tmp_path: Path, name: str, files: list[str]
) -> None:
    place(tmp_path, *files)
    with pytest.raises(InputError) as problem:
        study({name: {"tweets": str(tmp_path)}})
    assert str(problem.value).startswith(
        f"Study file, campaigns.{name}.tweets: the folder {tmp_path} holds no zip or CSV"
    )


def test_a_folder_given_for_users_must_hold_some(tmp_path: Path) -> None:
    place(tmp_path, "tweets.csv")
    given = {"tweets": str(tmp_path / "tweets.csv"), "users": str(tmp_path)}
    with pytest.raises(InputError, match=r"campaigns\.mine\.users: the folder .* with users of it"):
        study({"mine": given})


def test_the_study_of_june_2020_downloads_both_files_and_knows_their_members() -> None:
    text = (ROOT / "config/china_052020.yaml").read_text(encoding="utf-8")
    [found] = read_study(yaml.safe_load(text)).campaigns.values()
    row = ROWS["china_052020"]
    assert (found.tweets, found.users) == ((row["tweets_url"],), (row["users_url"],))
    assert dict(found.members) == {
        "tweets": "china_052020_tweets_csv_hashed.csv",
        "users": "china_052020_users_csv_hashed.csv",
    }
    assert found.downloads == 1
    assert dict(found.published) == {"accounts": 23750, "posts": 348608}
