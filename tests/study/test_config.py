"""A study file is read strictly: every mistake is a sentence that says where and what to do."""

import csv
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

import pytest
import yaml

from takedown.errors import InputError
from takedown.study import topics
from takedown.study.config import (
    MOST_TOPICS,
    Campaign,
    Study,
    read_study,
    read_topic_names,
)

ROOT = Path(__file__).parents[2]
CATALOGUE = list(csv.DictReader((ROOT / "resources/archives.csv").open(encoding="utf-8")))
IDS = [row["archive_id"] for row in CATALOGUE]
FILES = ["tweets.zip", "users.csv", "counts.csv", "events.csv", "a ไฟล์.csv"]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project folder with the committed resources, and files that campaigns may name."""
    for name in ("resources", "results"):
        (tmp_path / name).symlink_to(ROOT / name)
    for name in FILES:
        (tmp_path / name).touch()
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def study(text: str) -> Study:
    return read_study(yaml.safe_load(text))


def campaign(**keys: Any) -> Campaign:
    return read_study({"study": "s", "campaigns": {"mine": keys}}).campaigns["mine"]


def sentence(config: Any) -> str:
    with pytest.raises(InputError) as problem:
        read_study(yaml.safe_load(config) if isinstance(config, str) else config)
    return str(problem.value)


# Mistakes

TOP = {"study": "s", "campaigns": {"thailand_092020": {}}}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"campaign": {}}, ["top level: unknown key 'campaign'. Did you mean 'campaigns'?"]),
        (
            {"zzz": 1},
            ["unknown key 'zzz'. Known keys: study, title, campaigns, topics_file,"],
        ),
        ({"models": {"draw": 999}}, ["models: unknown key 'draw'. Did you mean 'draws'?"]),
        ({"models": {"draws": 5}}, ["models.draws: 5 is less than the minimum of 99"]),
        ({"models": {"seed": "x"}}, ["models.seed: 'x' is not of type 'integer'"]),
        (
            {"privacy": {"min_account": 5}},
            ["privacy: unknown key 'min_account'. Did you mean 'min_accounts'?"],
        ),
        ({"privacy": {"min_accounts": 0}}, ["privacy.min_accounts: 0 is less than the minimum"]),
        ({"study": 2020}, ["study: 2020 is not of type 'string'"]),
        (
            {"study": "my study"},
            ["study: 'my study' is not as it must be. Name of the study"],
        ),
        (
            {"study": "../up"},
            ["study: '../up' is not as it must be. Name of the study"],
        ),
        ({"study": "reference"}, ["study:", "'reference'"]),
        ({"campaigns": {}}, ["campaigns:"]),
        ({"campaigns": ["thailand_092020"]}, ["campaigns:", "is not of type 'object'"]),
        ({"campaigns": {"a b": {}}}, ["campaigns:", "'a b'"]),
        ({"campaigns": {"../x": {}}}, ["campaigns:", "'../x'"]),
    ],
)
def test_mistakes_above_the_campaigns(change: dict, words: list[str]) -> None:
    found = sentence(TOP | change)
    assert found.startswith("Study file, ")
    for word in words:
        assert word in found


@pytest.mark.parametrize("missing", ["study", "campaigns"])
def test_what_a_study_needs(missing: str) -> None:
    config = {key: value for key, value in TOP.items() if key != missing}
    assert f"top level: the key '{missing}' is missing" in sentence(config)


TWEETS = {"tweets": "tweets.zip"}


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"tweet": "x"}, ": unknown key 'tweet'. Did you mean 'tweets'?"),
        ({"time_zone": "UTC"}, ": unknown key 'time_zone'. Did you mean 'timezone'?"),
        ({"tweets": 5}, ".tweets: 5 is not "),
        ({"tweets": []}, ".tweets: [] "),
        ({"tweets": ""}, ".tweets: '' "),
        ({}, ": not in resources/archives.csv, and no tweets, counts or hashtags file is given."),
        ({"users": "users.csv"}, ": not in resources/archives.csv"),
        (TWEETS | {"timezone": "Asia/Bankok"}, ".timezone: 'Asia/Bankok' is no IANA time zone."
         " Did you mean 'Asia/Bangkok'?"),
        (TWEETS | {"timezone": ""}, ".timezone: '' is no IANA time zone"),
        (TWEETS | {"timezone": "GMT-6"}, "is no IANA time zone. Write a place, such as"),
        (TWEETS | {"timezone": 7}, ".timezone: 7 is not of type 'string'"),
        (TWEETS | {"timezone": "localtime"}, ".timezone: 'localtime' is no IANA time zone"),
        (TWEETS | {"events": "https://x.org/e.csv"}, "Only posts and accounts are downloaded"),
        (TWEETS | {"events": "~/e.csv"}, "Write the path in full: ~ means nothing here."),
        (TWEETS | {"window": {"start": "0001-01-01", "end": "2019-01-01"}},
         ".window: 0001-01-01 to 2019-01-01 is not within 2006 to 2035"),
        (TWEETS | {"window": {"start": "2019-01-01", "end": "2019-02-01"},
                   "model_window": {"start": "2019-03-01", "end": "2019-04-01"}},
         ".model_window: 2019-03-01 to 2019-04-01 does not meet the window, 2019-01-01 to"),
        ({"tweets": "twets.zip"}, ".tweets: no file at 'twets.zip' (looked from {folder}). Give"),
        ({"tweets": ["tweets.zip", "b.zip"]}, ".tweets: no file at 'b.zip'"),
        ({"tweets": "empty"}, ".tweets: the folder empty holds no zip or CSV with tweets"),
        (TWEETS | {"users": "no.csv"}, ".users: no file at 'no.csv'"),
        (TWEETS | {"events": "no.csv"}, ".events: no file at 'no.csv'"),
        (TWEETS | {"attention": ["no.csv"]}, ".attention: no file at 'no.csv'"),
        (TWEETS | {"events": "https://x.org/e.csv"}, ".events: no file at 'https://x.org/e.csv'"),
        ({"counts": "no.csv"}, ".counts: no file at 'no.csv'"),
        ({"counts": "counts.csv", "accounts": "no.csv"}, ".accounts: no file at 'no.csv'"),
        ({"hashtags": "no.csv"}, ".hashtags: no file at 'no.csv'"),
        ({"tweets": "set {1}/a.csv"}, ".tweets: 'set {{1}}/a.csv' has curly brackets"),
        (TWEETS | {"events": "{x, y}.csv"}, "takes {{x, y}} for a wildcard."),
        (TWEETS | {"counts": "counts.csv"}, ": give either tweets, or counts and hashtag totals"),
        (TWEETS | {"hashtags": "counts.csv"}, ": give either tweets, or counts"),
        (TWEETS | {"accounts": "users.csv"}, ".accounts: "),
        ({"counts": "counts.csv", "users": "users.csv"}, ".users: a users file needs the tweets"),
        (TWEETS | {"topics": ["armi"]},
         ".topics: 'armi' is not among the topics of the study's topics file."
         " Did you mean 'army'?"),
        (TWEETS | {"topics": "army"}, ".topics: 'army' is not of type 'array'"),
        (TWEETS | {"window": {"start": "2019-01-02"}}, ".window: the key 'end' is missing"),
        (TWEETS | {"window": {"start": "2019-01-02", "end": "2019-01-01"}},
         ".window: ends on 2019-01-01, before it starts on 2019-01-02."),
        (TWEETS | {"window": {"start": "2019-02-30", "end": "2019-03-01"}},
         ".window: day is out of range for month. Write days as 2019-06-01."),
        (TWEETS | {"window": {"start": "1.2.2019", "end": "2019-03-01"}},
         ".window.start: '1.2.2019' is not as it must be. A day, written as 2019-06-01"),
        (TWEETS | {"window": {"from": "2019-01-02"}}, ".window: unknown key 'from'."),
        (TWEETS | {"model_window": {"start": "2019-01-02", "end": "2019-01-01"}},
         ".model_window: ends on 2019-01-01, before it starts"),
    ],
)  # fmt: skip
def test_mistakes_in_a_campaign(folder: Path, keys: dict, words: str) -> None:
    found = sentence({"study": "s", "campaigns": {"mine": keys}})
    assert found.startswith("Study file, campaigns.mine")
    assert words.format(folder=folder) in found


def test_the_nearest_campaign_is_suggested() -> None:
    found = sentence({"study": "s", "campaigns": {"thailand_09202": {}}})
    assert "campaigns.thailand_09202: not in resources/archives.csv" in found
    assert "Did you mean 'thailand_092020'?" in found


# What is understood


def test_the_smallest_study() -> None:
    found = study("{study: s, campaigns: {mine: {tweets: tweets.zip}}}")
    assert (found.name, found.title, found.min_accounts) == ("s", "s", 5)
    schema = yaml.safe_load((ROOT / "workflow/schemas/config.schema.yaml").read_text())
    defaults = schema["properties"]["models"]["properties"]
    assert found.models == {key: rule["default"] for key, rule in defaults.items()}
    assert found.campaigns == {
        "mine": Campaign("mine", "UTC", "the user's files tweets.zip", tweets=("tweets.zip",))
    }


def test_a_full_study() -> None:
    found = study(
        """
        study: 2020-s
        title: A title
        privacy: {min_accounts: 7}
        models: {draws: 99}
        campaigns:
          mine:
            tweets: [tweets.zip, https://x.org/b.zip]
            users: users.csv
            timezone: Asia/Bangkok
            window: {start: 2019-06-01, end: 2020-03-31}
            model_window: {start: "2019-07-01", end: 2019-07-01}
            events: events.csv
            event_topics: []
            attention: [a ไฟล์.csv]
            topics: [army, monarchy]
            source: words
        """
    )
    assert (found.name, found.title, found.min_accounts) == ("2020-s", "A title", 7)
    assert (found.models["draws"], found.models["lag_days"]) == (99, 14)
    assert found.campaigns["mine"] == Campaign(
        "mine",
        "Asia/Bangkok",
        "words",
        tweets=("tweets.zip", "https://x.org/b.zip"),
        users=("users.csv",),
        window=("2019-06-01", "2020-03-31"),
        model_window=("2019-07-01", "2019-07-01"),
        events=("events.csv",),
        attention=("a ไฟล์.csv",),
        topics=("army", "monarchy"),
    )
    assert found.campaigns["mine"].local_files("tweets", "users") == ["tweets.zip", "users.csv"]
    assert found.campaigns["mine"].countable


def test_a_campaign_of_counts_or_of_hashtags() -> None:
    assert campaign(counts="counts.csv", accounts="users.csv").countable
    assert not campaign(hashtags="counts.csv").countable
    assert campaign(counts="counts.csv", hashtags="users.csv").source == (
        "the user's files counts.csv, users.csv"
    )


def test_no_topics_differs_from_topics_left_out() -> None:
    assert campaign(**TWEETS, topics=[]).topics == ()
    assert campaign(**TWEETS).topics is None


@pytest.mark.parametrize(
    ("keys", "tweets", "users"),
    [
        ({}, "resources/embedded/thailand_092020_tweets_reduced.zip",
         "resources/embedded/thailand_092020_users_reduced.zip"),
        ({"tweets": "tweets.zip"}, "tweets.zip", None),
        ({"tweets": "tweets.zip", "users": "users.csv"}, "tweets.zip", "users.csv"),
        ({"users": "users.csv"}, "resources/embedded/thailand_092020_tweets_reduced.zip",
         "users.csv"),
        ({"counts": "counts.csv"}, None, None),
    ],
)  # fmt: skip
def test_files_given_replace_the_catalogues(
    keys: dict, tweets: str | None, users: str | None
) -> None:
    [found] = read_study({"study": "s", "campaigns": {"thailand_092020": keys}}).campaigns.values()
    assert found.tweets == ((tweets,) if tweets else ())
    assert found.users == ((users,) if users else ())
    assert found.timezone == "Asia/Bangkok"
    assert dict(found.published) == {"accounts": 926, "posts": 21_385}
    assert found.events == ("resources/news/events_thailand.csv",)


def test_a_setting_of_the_study_file_goes_before_the_catalogue() -> None:
    keys = {"timezone": "UTC", "events": "events.csv", "source": "words"}
    [found] = read_study({"study": "s", "campaigns": {"thailand_092020": keys}}).campaigns.values()
    assert (found.timezone, found.events, found.source) == ("UTC", ("events.csv",), "words")


def test_the_catalogue_has_48_archives_each_once() -> None:
    assert len(IDS) == len(set(IDS)) == 48


def test_captions_say_when_an_archives_files_are_the_users_own() -> None:
    keys = {"tweets": "tweets.zip"}
    [found] = read_study({"study": "s", "campaigns": {"ira": keys}}).campaigns.values()
    assert found.source.endswith("; here from the user's files tweets.zip")
    [found] = read_study({"study": "s", "campaigns": {"ira": {}}}).campaigns.values()
    assert "the user's files" not in found.source


def test_simulated_files_need_a_campaign_that_says_so() -> None:
    (Path.cwd() / "simulated_tweets.zip").touch()
    keys = {"tweets": "simulated_tweets.zip"}
    assert "Call it simulated_mine." in sentence({"study": "s", "campaigns": {"mine": keys}})
    study = {"study": "s", "campaigns": {"simulated_mine": keys}}
    [found] = read_study(study).campaigns.values()
    assert found.source.startswith("SIMULATED, no real campaign; ")


@pytest.mark.parametrize("row", CATALOGUE, ids=IDS)
def test_every_archive_of_the_catalogue_resolves(row: dict[str, str]) -> None:
    name = row["archive_id"]
    [found] = read_study({"study": "s", "campaigns": {name: {}}}).campaigns.values()
    assert found.name == name
    assert found.timezone == row["timezone"] != ""
    assert found.timezone in available_timezones()
    assert len(found.tweets) == len(found.users) == 1
    assert name in found.source
    assert row["release_date"] in found.source
    for key in ("accounts", "posts"):
        assert dict(found.published)[key] >= 0
    for path in (*found.tweets, *found.users):
        assert path.endswith((".zip", ".csv"))


@pytest.mark.parametrize("path", sorted((ROOT / "config").glob("*.yaml")), ids=lambda p: p.name)
def test_the_committed_studies_are_valid(path: Path) -> None:
    assert study(path.read_text(encoding="utf-8")).campaigns


def test_a_reduced_archive_refuses_topics_it_was_not_made_with(tmp_path: Path) -> None:
    """Its text holds only the terms of its own topics file: others would find nothing there."""
    changed = tmp_path / "topics.yaml"
    changed.write_text(Path("resources/topics.yaml").read_text(encoding="utf-8") + "\n#\n", "utf-8")
    study = {"study": "s", "topics_file": str(changed), "campaigns": {"thailand_092020": {}}}
    with pytest.raises(InputError, match="reduced archive holds only the terms of"):
        read_study(study)
    posts = tmp_path / "posts.csv"
    posts.write_text("tweetid\n", encoding="utf-8")
    own = {"study": "s", "topics_file": str(changed), "campaigns": {"mine": {"tweets": str(posts)}}}
    assert read_study(own).topics_file == str(changed)


@pytest.mark.parametrize("key", ["topics_file", "calibration", "claims"])
def test_a_path_with_a_wildcard_is_refused_wherever_it_stands(key: str) -> None:
    study = {"study": "s", key: "my {own}.csv", "campaigns": {"thailand_092020": {}}}
    with pytest.raises(InputError, match=rf"Study file, {key}: 'my {{own}}.csv' has curly"):
        read_study(study)


def test_a_title_of_several_lines_becomes_one() -> None:
    study = {"study": "s", "title": " A {war} of\n  words ", "campaigns": {"thailand_092020": {}}}
    assert read_study(study).title == "A {war} of words"


def test_a_topics_file_that_is_none(tmp_path: Path) -> None:
    path = tmp_path / "topics.yaml"
    study = {"study": "s", "topics_file": str(path), "campaigns": {"thailand_092020": {}}}
    with pytest.raises(InputError, match="topics_file: no file at"):
        read_study(study)
    path.write_text("- a list\n", encoding="utf-8")
    with pytest.raises(InputError, match="no topics file"):
        read_study(study)


@pytest.mark.parametrize(
    ("topics", "said"),
    [
        ("{a: {label: A, word: vaccine}}", "topic a, word: 'vaccine' is no list. Write it in"),
        ("{a: {label: A, word: [x, 2020]}}", "topic a, word: the term 2020 is no text. Put it in"),
        ("{a: {label: A, word: [no]}}", "topic a, word: the term False is no text"),
        ("{a: {label: A, word: [2019-06-01]}}", "is no text. Put it in quotation marks"),
        ("{a: {label: A, substring: ['']}}", "topic a, substring: the term '' is no text"),
        ("{a: {word: [x]}}", "topic a: no label. Write `label:`"),
        ("{a: {label: 3, word: [x]}}", "topic a: no label"),
        ("{a: {label: A, words: [x]}}", "topic a: it has no terms. Give it a list under"),
        ("{a: {label: A, word: [x], words: [y]}}", "unknown key 'words'. Did you mean 'word'?"),
        ("{a: {label: A, word: }}", "topic a: it has no terms"),
        ("{a: }", "topic a: it has no terms"),
        ("[a, b]", "no topics file. Copy resources/topics.yaml"),
        ("", "no topics file"),
    ],
)
def test_a_topic_that_would_not_do_what_it_says_is_refused(
    tmp_path: Path, topics: str, said: str
) -> None:
    (tmp_path / "mine.yaml").write_text(f"topics: {topics}\n", encoding="utf-8")
    words = sentence(TOP | {"topics_file": "mine.yaml"})
    assert words.startswith("mine.yaml")
    assert said in words


def test_a_campaign_of_the_catalogue_needs_no_braces() -> None:
    study = read_study({"study": "s", "campaigns": {"thailand_092020": None}})
    assert study.campaigns["thailand_092020"].tweets


def test_what_a_download_means_is_said() -> None:
    [bucket] = read_study({"study": "s", "campaigns": {"ira": {}}}).campaigns.values()
    assert "you accept Twitter's Developer Agreement" in bucket.notice
    assert campaign(tweets="https://example.org/a.zip").notice.endswith("the study's own addresses")
    assert campaign(tweets="tweets.zip").notice.startswith("files checked")


def test_the_course_needs_its_campaigns() -> None:
    words = sentence(TOP | {"notebooks": True})
    assert "notebooks: they read the campaign china_hk_2019 with counts and attention" in words
    assert not read_study(TOP | {"notebooks": False}).notebooks


def test_a_calibration_that_is_not_there_or_is_none(tmp_path: Path) -> None:
    path = tmp_path / "estimators.csv"
    study = {"study": "s", "calibration": str(path), "campaigns": {"thailand_092020": {}}}
    with pytest.raises(InputError, match=r"calibration: no file at .*make calibrate"):
        read_study(study)
    path.write_text("estimator,setting\n", encoding="utf-8")
    with pytest.raises(InputError, match="lacks the columns coverage, fpr, fpr_lower,"):
        read_study(study)
    path.write_bytes(Path("results/reference/calibration/estimators.csv").read_bytes())
    assert read_study(study).calibration == str(path)


def test_what_is_not_there_is_left_out_if_the_study_says_so() -> None:
    campaigns = {"thailand_092020": {}, "mine": {"tweets": "/nowhere/at all/posts.zip"}}
    study = {"study": "s", "campaigns": campaigns}
    assert "no file at '/nowhere/at all/posts.zip'" in sentence(study)
    found = read_study(study | {"unavailable": "leave_out"})
    assert list(found.campaigns) == ["thailand_092020"]
    assert found.left_out == {"mine": "there is no file posts.zip"}
    assert "'later' is not one of ['stop', 'leave_out']" in sentence(
        study | {"unavailable": "later"}
    )


def test_a_mistake_is_never_left_out() -> None:
    study = {"study": "s", "unavailable": "leave_out", "campaigns": {"thailand_09202": {}}}
    assert "Did you mean 'thailand_092020'?" in sentence(study)


def test_the_day_of_disclosure() -> None:
    keys = {"tweets": FILES[0], "disclosed": "2020-10-09"}
    [found] = read_study({"study": "s", "campaigns": {"thailand_092020": {}}}).campaigns.values()
    assert found.disclosed == "2020-10-08"
    assert campaign(**keys).disclosed == "2020-10-09"
    assert "disclosed" in sentence(
        {"study": "s", "campaigns": {"mine": keys | {"disclosed": "9 October"}}}
    )


def test_posts_may_lie_in_a_bucket_and_calendars_may_not() -> None:
    there = "s3://bucket/folder/posts.zip"
    found = campaign(tweets=there)
    assert found.tweets == (there,)
    assert found.local_files("tweets") == [there]
    assert found.downloads == 0
    keys = {"tweets": there, "events": "s3://bucket/events.csv"}
    assert "events: no file at" in sentence({"study": "s", "campaigns": {"mine": keys}})


RULE = "{label: A, word: [x]}"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"topics: {{(any): {RULE}}}", "topic (any): a topic's name is of letters"),
        (f"topics: {{'': {RULE}}}", "topic : a topic's name is of letters"),
        (f"topics: {{2019: {RULE}}}", "topic 2019: a topic's name is of letters"),
        (f"topics: {{yes: {RULE}}}", "topic True: a topic's name is of letters"),
        (f"topics: {{a: {RULE}}}\ntopcs: {{b: {RULE}}}", "unknown key 'topcs'. All topics stand"),
        ("topics: {a: {label: A, word: [' army ']}}", "the term ' army ' has blanks at an end"),
        ("topics: {a: {label: A, word: [royal  army]}}", "has blanks at an end, or several"),
        ("topics: {a: {label: A, word: [x], substring: }}", "substring: blank. Give it terms, or"),
        (f"topics: {{a: {RULE}}}\n".replace("[x]", str([f"t{n}" for n in range(2001)])),
         "word: 2,001 terms; at most 2,000"),
        (f"topics: {{a: {RULE}, a: {RULE}}}", "'topics.a' stands twice"),
    ],
)  # fmt: skip
def test_topics_that_would_not_be_what_they_say_are_refused(
    tmp_path: Path, text: str, said: str
) -> None:
    path = tmp_path / "topics.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as problem:
        read_topic_names(str(path))
    assert said in str(problem.value)


def test_more_topics_than_can_be_followed_are_refused_unless_some_are_named(tmp_path: Path) -> None:
    path = tmp_path / "topics.yaml"
    names = [f"t{number}" for number in range(MOST_TOPICS + 1)]
    path.write_text(f"topics: {{{', '.join(f'{name}: {RULE}' for name in names)}}}")
    (tmp_path / "a.csv").write_text("tweetid\n")
    own = {"tweets": str(tmp_path / "a.csv")}
    study = {"study": "s", "topics_file": str(path), "campaigns": {"mine": own}}
    with pytest.raises(InputError, match="65 topics in the topics file; at most 64"):
        read_study(study)
    assert read_study(study | {"campaigns": {"mine": own | {"topics": names[:3]}}})
    assert MOST_TOPICS == topics.MOST


@pytest.mark.parametrize(
    "change",
    [{"models": {"seed": -1}}, {"study": "s" * 101}, {"campaigns": {"simulated_" + "x" * 95: {}}}],
)
def test_settings_beyond_their_limits_are_refused(change: dict) -> None:
    with pytest.raises(InputError):
        read_study(TOP | change)


def test_the_name_of_the_reference_is_taken() -> None:
    words = sentence(TOP | {"study": "reference"})
    assert "study: 'reference' is taken; results/reference comes with the workflow" in words
    assert "Put it in quotation marks" in sentence(TOP | {"study": 2019})
