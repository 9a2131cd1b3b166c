"""Read a study file strictly and resolve its campaigns against the catalogue of archives."""

from __future__ import annotations

import csv
import hashlib
import math
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema

from takedown.archives.catalogue import (
    CATALOGUE,
    file_name,
    files_in,
    object_path,
    read_catalogue,
)
from takedown.archives.columns import YEARS
from takedown.errors import InputError, MissingFileError, did_you_mean
from takedown.io.addresses import check_address, in_bucket, is_address, refuse_wildcards
from takedown.io.files import read_own, read_yaml
from takedown.io.user_csv import number, read_rows
from takedown.io.yaml_file import in_quotes, mapping_in
from takedown.io.zones import zones
from takedown.redaction import described

SCHEMA = Path(__file__).parents[2] / "schemas/config.schema.yaml"
TABLES = SCHEMA.with_name("tables.yaml")
TOPICS = Path("resources/topics.yaml")
REDUCED = Path("resources/embedded/reduced.csv")
CLAIMS = Path("resources/claims.csv")
CALIBRATION = Path("results/reference/calibration/estimators.csv")
#: The campaigns that the course notebooks read, and the data that each must have.
COURSE_READS = {"thailand_092020": ("tweets",), "china_hk_2019": ("counts", "attention")}
#: The keys for a topic's terms: matched anywhere in the text, or as whole words.
TERMS = ("substring", "word")
LISTS = ("tweets", "users", "events", "attention")
ONE_FILE = ("counts", "accounts", "hashtags")


@dataclass(frozen=True)
class Campaign:
    """One campaign of a study, with every default filled in.

    ``tweets``, ``users``, ``events`` and ``attention`` are lists of local paths or addresses;
    ``window`` and ``model_window`` are (first day, last day) as ISO text, or None. ``mirrors`` and
    ``members`` (role, file name pattern of its CSVs) come from the catalogue and concern downloads.
    """

    name: str
    timezone: str
    source: str
    tweets: tuple[str, ...] = ()
    users: tuple[str, ...] = ()
    counts: str | None = None
    accounts: str | None = None
    hashtags: str | None = None
    window: tuple[str, str] | None = None
    model_window: tuple[str, str] | None = None
    events: tuple[str, ...] = ()
    event_topics: tuple[str, ...] = ()
    attention: tuple[str, ...] = ()
    topics: tuple[str, ...] | None = None
    published: tuple[tuple[str, int], ...] = ()
    mirrors: tuple[str, ...] = ()
    members: tuple[tuple[str, str], ...] = ()
    disclosed: str | None = None

    @property
    def countable(self) -> bool:
        """Whether a daily series can be made, from posts or from counts of them."""
        return bool(self.tweets or self.counts)

    @property
    def downloads(self) -> int:
        """Connections that fetching it takes: 1 if any of its files is an address, else 0."""
        return int(any(map(is_address, self.tweets + self.users)))

    @property
    def notice(self) -> str:
        """What to tell the user about fetching the files."""
        if any(map(object_path, self.tweets + self.users)):
            return "download, by which you accept Twitter's Developer Agreement and Policy"
        if self.downloads:
            return "download from the study's own addresses"
        return "files checked, sha256 in the receipt"

    def local_files(self, *keys: str) -> list[str]:
        """The files under ``keys`` (tweets, users, events, attention), except web addresses."""
        return [path for key in keys for path in getattr(self, key) if not is_address(path)]


@dataclass(frozen=True)
class Study:
    """A validated study: its name, title, settings and campaigns.

    ``left_out`` maps each campaign omitted under ``unavailable: leave_out`` to the reason.
    """

    name: str
    title: str
    campaigns: Mapping[str, Campaign]
    models: Mapping[str, int]
    min_accounts: int
    topics_file: str
    calibration: str
    claims: str
    notebooks: bool
    leaves_out: bool
    left_out: Mapping[str, str]


def read_study(config: Mapping[str, Any]) -> Study:
    """Validate ``config`` (a parsed study file) and resolve every campaign in it.

    Raises :class:`InputError` on the first problem: an unknown key (naming the closest known one),
    a value of the wrong type, an unknown campaign, time zone or topic, a missing file, or a period
    that ends before it starts.
    """
    schema = read_own(SCHEMA)
    config = dates_as_text(config)
    check_keys(config, schema)
    catalogue = read_catalogue()
    topics_file = config.get("topics_file", TOPICS.as_posix())
    topics = read_topic_names(topics_file)
    leaves_out = config.get("unavailable") == "leave_out"
    campaigns, left_out = {}, {}
    for name, keys in config["campaigns"].items():
        given = from_folders(name, keys or {}, catalogue.get(name))
        known = from_catalogue(name, given, catalogue) | given
        try:
            campaigns[name] = resolve(name, known, topics)
        except MissingFileError as problem:
            if not leaves_out:
                raise
            left_out[name] = f"there is no file {file_name(problem.path)}"
    check_reduced(campaigns.values(), topics_file)
    claims = config.get("claims", CLAIMS.as_posix())
    refuse_wildcards(claims, "Study file, claims")
    return Study(
        name=config["study"],
        title=" ".join(config.get("title", "").split()) or config["study"],
        campaigns=campaigns,
        models=with_defaults(config.get("models", {}), schema["properties"]["models"]),
        min_accounts=with_defaults(config.get("privacy", {}), schema["properties"]["privacy"])[
            "min_accounts"
        ],
        topics_file=topics_file,
        calibration=read_calibration(config.get("calibration", CALIBRATION.as_posix())),
        claims=claims,
        notebooks=check_course(config.get("notebooks", False), campaigns),
        leaves_out=leaves_out,
        left_out=left_out,
    )


def fetch_settings(config: Mapping[str, Any]) -> dict[str, Any]:
    """The study file's section ``fetch``, with every default filled in."""
    schema = read_own(SCHEMA)
    return with_defaults(config.get("fetch", {}), schema["properties"]["fetch"])


def dates_as_text(value: Any) -> Any:
    """``value`` with the dates that YAML parsed turned back into ISO text."""
    if isinstance(value, Mapping):
        return {str(key): dates_as_text(part) for key, part in value.items()}
    if isinstance(value, list):
        return [dates_as_text(part) for part in value]
    return value.isoformat() if isinstance(value, date) else value


def with_defaults(given: Mapping[str, Any], schema: Mapping[str, Any]) -> dict[str, Any]:
    """The settings in ``given``, with the schema's default for every missing key."""
    return {key: given.get(key, part["default"]) for key, part in schema["properties"].items()}


def check_keys(config: Mapping[str, Any], schema: Mapping[str, Any]) -> None:
    """Raise :class:`InputError` if ``config`` breaks ``schema``, on the most relevant error."""
    validator = jsonschema.Draft202012Validator(schema)
    error = jsonschema.exceptions.best_match(validator.iter_errors(config))
    if error is None:
        return
    where = ".".join(str(part) for part in error.absolute_path) or "top level"
    if error.validator == "additionalProperties":
        known = error.schema["properties"]
        wrong = next(key for key in error.instance if key not in known)
        raise InputError(
            f"Study file, {where}: unknown key '{wrong}'.{did_you_mean(wrong, known)} "
            f"Known keys: {', '.join(known)}."
        )
    if error.validator == "required":
        missing = next(key for key in error.validator_value if key not in error.instance)
        raise InputError(f"Study file, {where}: the key '{missing}' is missing.")
    if error.validator == "pattern":
        about = error.schema["description"]
        raise InputError(f"Study file, {where}: '{error.instance}' is not as it must be. {about}")
    if error.validator == "not":
        raise InputError(
            f"Study file, {where}: '{error.instance}' is taken; results/{error.instance} comes "
            "with the workflow. Choose another name."
        )
    raise InputError(f"Study file, {where}: {error.message}.{in_quotes(error.message)}")


def from_catalogue(
    name: str, given: Mapping[str, Any], catalogue: Mapping[str, Mapping[str, str]]
) -> dict[str, Any]:
    """What the catalogue knows about campaign ``name``, under the study file's keys.

    If the user gives files, none of the catalogue's are used, so that the accounts of one archive
    are never combined with the posts of another.
    """
    files = {"tweets", "counts", "hashtags"}
    row = catalogue.get(name)
    if row is None:
        if not files & set(given):
            raise InputError(
                f"Study file, campaigns.{name}: not in {CATALOGUE}, and no tweets, counts or "
                f"hashtags file is given.{did_you_mean(name, catalogue)}"
            )
        return {}
    known: dict[str, Any] = {
        "timezone": row["timezone"],
        "disclosed": row["release_date"],
        "source": (
            f"Twitter information operations archive {name} ({row['attributed_to']}), disclosed "
            f"{row['release_date']}"
        ),
        "published": (
            ("accounts", int(row["n_accounts_published"] or 0)),
            ("posts", int(row["n_tweets_published"] or 0)),
        ),
    }
    for key in ("events", "attention", "event_topics", "topics"):
        if row[key]:
            known[key] = row[key].split()
    if files & set(given):  # captions must not claim more than is known about these files
        known["source"] += f"; here from {users_files(given)}"
    else:
        known["tweets"] = row["embedded_tweets"] or row["tweets_url"]
        known["users"] = row["embedded_users"] or row["users_url"]
        known["mirrors"] = tuple(row["mirrors"].split())
        known["members"] = (("tweets", row["tweets_members"]), ("users", row["users_members"]))
    return known


def from_folders(
    name: str, given: Mapping[str, Any], row: Mapping[str, str] | None
) -> dict[str, Any]:
    """``given`` with each folder under ``tweets`` or ``users`` replaced by the files in it.

    Users files are also taken from a folder under ``tweets``, unless ``users`` is given. Raises
    :class:`InputError` if a folder holds no file of the wanted role.
    """
    paths = {role: as_list(given.get(role, ())) for role in ("tweets", "users")}
    implied = not paths["users"]
    if implied:
        paths["users"] = [path for path in paths["tweets"] if Path(path).is_dir()]
    found = dict(given)
    for role, given_paths in paths.items():
        files: list[str] = []
        for path in given_paths:
            inside = files_in(Path(path), role, row) if Path(path).is_dir() else [path]
            if not inside and not (implied and role == "users"):
                inner = sorted(part.name for part in Path(path).iterdir() if part.is_dir())
                hint = f" (it holds the folders {', '.join(inner)}: name one)" if inner else ""
                raise InputError(
                    f"Study file, campaigns.{name}.{role}: the folder {path} holds no zip or CSV "
                    f"with {role} of it{hint}. Name the files themselves."
                )
            files += map(str, inside)
        if files:
            found[role] = files
    return found


def as_list(value: str | Iterable[str]) -> list[str]:
    """A study file's path or list of paths, as a list."""
    return [value] if isinstance(value, str) else list(value)


def resolve(name: str, given: Mapping[str, Any], topics: Collection[str]) -> Campaign:
    """A :class:`Campaign` from study-file keys, with every value checked."""
    where = f"Study file, campaigns.{name}"
    fields: dict[str, Any] = dict(given)
    for key in LISTS:
        fields[key] = tuple(as_list(fields.get(key, ())))
    for key in ("event_topics", "topics"):
        if key in fields:
            fields[key] = tuple(fields[key])
    for key in ("window", "model_window"):
        if key in fields:
            fields[key] = read_period(fields[key], f"{where}.{key}")
    check_windows(fields, where)
    zone = fields.setdefault("timezone", "UTC")
    if zone not in zones():
        places = [name for name in zones() if "/" in name and "Etc/" not in name]
        hint = did_you_mean(zone, places) or " Write a place, such as Asia/Bangkok."
        raise InputError(f"{where}.timezone: '{zone}' is no IANA time zone.{hint}")
    check_files(fields, where)
    check_combination(fields, where)
    for topic in fields.get("topics") or ():
        if topic not in topics:
            raise InputError(
                f"{where}.topics: '{topic}' is not among the topics of the study's topics file."
                f"{did_you_mean(topic, topics)}"
            )
    if fields.get("topics") is None and len(topics) > MOST_TOPICS:
        raise InputError(
            f"{where}: {len(topics)} topics in the topics file; at most {MOST_TOPICS} can be used "
            "at once. Name those you want under `topics:`."
        )
    fields.setdefault("source", users_files(fields))
    if is_simulated(name, fields):
        fields["source"] = f"SIMULATED, no real campaign; {fields['source']}"
    return Campaign(name=name, **fields)


def users_files(keys: Mapping[str, Any]) -> str:
    """Words for captions that name a campaign's own files of posts or of counts."""
    paths = [
        path for key in ("tweets", "counts", "hashtags") for path in as_list(keys.get(key, ()))
    ]
    return f"the user's files {', '.join(map(file_name, paths))}"


def is_simulated(name: str, fields: Mapping[str, Any]) -> bool:
    """Whether a campaign is simulated, judging by the names of its files and its own name.

    Raises :class:`InputError` if the files are simulated but the campaign's name does not say so:
    that name is part of the path and the title of every result.
    """
    files = [path for key in (*LISTS, *ONE_FILE) for path in as_list(fields.get(key) or ())]
    simulated = any("simulated" in file_name(path).lower() for path in files)
    if simulated and "simulated" not in name.lower():
        raise InputError(
            f"Study file, campaigns.{name}: its files are simulated, so its name must say so in "
            f"every result. Call it simulated_{name}."
        )
    return simulated or "simulated" in name.lower()


#: With more terms, the search takes longer than reading the posts, and finally cannot run at all.
MOST_TERMS = 2000
#: The most topics that :mod:`takedown.clean.topics` can label at once.
MOST_TOPICS = 64


def read_topic_names(path: str) -> Collection[str]:
    """The names of the topics in ``path``.

    Raises :class:`InputError` if it is not a topics file, or, naming the topic and the term, if an
    entry could not work as written.
    """
    refuse_wildcards(path, "Study file, topics_file")
    if not Path(path).is_file():
        raise InputError(f"Study file, topics_file: no file at {path!r}.")
    hint = f"Copy {TOPICS}, which shows the form, and change the copy."
    mapping_in(path, "topics file", hint)
    found = read_yaml(path)
    topics = found.get("topics")
    if not isinstance(topics, Mapping):
        raise InputError(f"{path}: no topics file. {hint}")
    if other := [key for key in found if key != "topics"]:
        raise InputError(f"{path}: unknown key '{other[0]}'. All topics stand under `topics:`.")
    for name, rule in topics.items():
        if not isinstance(name, str) or not re.fullmatch(r"[\w -]+", name):
            raise InputError(
                f"{path}, topic {name}: a topic's name is of letters, digits, - and _, and a text: "
                "YAML takes bare numbers, days and words such as yes for something else."
            )
        check_topic(rule, f"{path}, topic {name}")
    return list(topics)


def check_topic(rule: Any, where: str) -> None:
    """Raise :class:`InputError` unless a topic has a label and one or more valid lists of terms."""
    if not isinstance(rule, Mapping) or not any(rule.get(kind) for kind in TERMS):
        raise InputError(f"{where}: it has no terms. Give it a list under {' or '.join(TERMS)}.")
    for key in rule:
        if key not in ("label", *TERMS):
            raise InputError(
                f"{where}: unknown key '{key}'.{did_you_mean(str(key), ('label', *TERMS))} Known "
                f"are label, {', '.join(TERMS)}."
            )
    if not isinstance(rule.get("label"), str) or not rule["label"].strip():
        raise InputError(f"{where}: no label. Write `label:` and what figures call the topic.")
    for kind in TERMS:
        terms = rule.get(kind, [])
        if terms is None:
            raise InputError(f"{where}, {kind}: blank. Give it terms, or leave the key out.")
        if not isinstance(terms, list):
            raise InputError(
                f"{where}, {kind}: '{terms}' is no list. Write it in brackets, as [{terms}]; "
                "several terms are divided by commas."
            )
        if len(terms) > MOST_TERMS:
            raise InputError(
                f"{where}, {kind}: {len(terms):,} terms; at most {MOST_TERMS:,} can be."
            )
        for term in terms:
            if isinstance(term, str) and term.strip() and term != " ".join(term.split()):
                raise InputError(
                    f"{where}, {kind}: the term {term!r} has blanks at an end, or several "
                    "together, and would be found in no post. Remove them."
                )
            if not isinstance(term, str) or not term.strip():
                raise InputError(
                    f"{where}, {kind}: the term {term!r} is no text. Put it in quotation marks: "
                    "YAML takes bare numbers, days and words such as no for something else."
                )


def check_course(wanted: bool, campaigns: Mapping[str, Campaign]) -> bool:
    """Return ``wanted``, having checked that the study has the campaigns that the notebooks read.

    Raises :class:`InputError` if notebooks are wanted and one of these campaigns is missing.
    """
    if not wanted:
        return False
    for name, parts in COURSE_READS.items():
        if name not in campaigns or not all(getattr(campaigns[name], part) for part in parts):
            raise InputError(
                f"Study file, notebooks: they read the campaign {name} with {' and '.join(parts)}, "
                "which this study does not have. Set `notebooks: false`, or copy the campaign from "
                "config/config.yaml."
            )
    return True


def read_calibration(path: str) -> str:
    """Return ``path`` if it is a valid calibration table; otherwise raise :class:`InputError`."""
    refuse_wildcards(path, "Study file, calibration")
    if not Path(path).is_file():
        raise InputError(
            f"Study file, calibration: no file at {path!r}. `make calibrate` writes such a table, "
            f"results/calibration/<study>/estimators.csv; without the key, {CALIBRATION} is used."
        )
    table = read_rows(path)
    rules = read_own(TABLES)["calibration/estimators.csv"]["columns"]
    if missing := rules.keys() - set(table.columns):
        raise InputError(
            f"{path}: no calibration, it lacks the columns {', '.join(sorted(missing))}. Name the "
            "estimators.csv that `make calibrate` writes."
        )
    for name, rule in rules.items():
        for line, cell in table.cells(name):
            if not is_of(rule, cell):
                raise InputError(
                    f"{path}, line {line}, column {name}: {described(cell)} cannot be "
                    f"({rule['about']}). Take the table as `make calibrate` wrote it."
                )
    return path


def is_of(rule: Mapping[str, Any], cell: str) -> bool:
    """Whether a cell of the calibration fits the contract of its column."""
    if not cell:
        return rule.get("optional", False)
    if rule["type"] == "text":
        return cell in rule.get("one_of", [cell])
    return 0 <= number(cell) <= (1 if rule["type"] == "share" else math.inf)


def check_reduced(campaigns: Iterable[Campaign], topics_file: str) -> None:
    """Raise :class:`InputError` if a reduced archive was made with a different topics file.

    Its text holds only the terms of that topics file, so with any other, matches would be silently
    missed.
    """
    with REDUCED.open(encoding="utf-8", newline="") as handle:
        made_with = {row["file"]: row["topics_sha256"] for row in csv.DictReader(handle)}
    own = hashlib.sha256(Path(topics_file).read_bytes()).hexdigest()
    for campaign in campaigns:
        for path in campaign.tweets:
            if made_with.get(Path(path).name, own) != own:
                raise InputError(
                    f"{path}: the text of this reduced archive holds only the terms of the "
                    f"{TOPICS} it was made with, and {topics_file} differs. Undo the change, and "
                    "use an own topics file (`topics_file:`) with original archives only, or make "
                    "the reduced archive again (python -m takedown.clean.reduce)."
                )


def check_files(fields: Mapping[str, Any], where: str) -> None:
    """Check that every local file exists, and that only posts and accounts are addresses."""
    for key in (*LISTS, *ONE_FILE):
        for path in as_list(fields.get(key) or ()):
            if is_address(path):
                check_address(path, f"{where}.{key}")
            if (is_address(path) or in_bucket(path)) and key in ("tweets", "users"):
                continue
            refuse_wildcards(path, f"{where}.{key}")
            if not Path(path).is_file():
                remedy = "Give a path that exists, relative to the project folder or absolute."
                if is_address(path):
                    remedy = "Only posts and accounts are downloaded: save the file, and name it."
                if path.startswith("~"):
                    remedy = "Write the path in full: ~ means nothing here."
                raise MissingFileError(
                    f"{where}.{key}: no file at {path!r} (looked from {Path.cwd()}). {remedy}", path
                )


def check_combination(fields: Mapping[str, Any], where: str) -> None:
    """Check that the files fit together: posts come as rows or as counts, never both."""
    if fields["tweets"] and (fields.get("counts") or fields.get("hashtags")):
        raise InputError(f"{where}: give either tweets, or counts and hashtag totals, not both.")
    if fields["tweets"] and fields.get("accounts"):
        raise InputError(
            f"{where}.accounts: belongs beside counts; beside tweets, name the accounts as users."
        )
    if fields["users"] and not fields["tweets"]:
        raise InputError(f"{where}.users: a users file needs the tweets file it belongs to.")


def check_windows(fields: Mapping[str, Any], where: str) -> None:
    """Check that the model window overlaps the study window, if both are given."""
    study, modelled = fields.get("window"), fields.get("model_window")
    if study and modelled and (modelled[0] > study[1] or modelled[1] < study[0]):
        raise InputError(
            f"{where}.model_window: {modelled[0]} to {modelled[1]} does not meet the window, "
            f"{study[0]} to {study[1]}. Without it, the days with most of the posts are modelled."
        )


def read_period(given: Mapping[str, str], where: str) -> tuple[str, str]:
    """A period as (first day, last day), both included."""
    try:
        start, end = (date.fromisoformat(str(given[key])) for key in ("start", "end"))
    except ValueError as error:
        raise InputError(f"{where}: {error}. Write days as 2019-06-01.") from error
    if end < start:
        raise InputError(f"{where}: ends on {end}, before it starts on {start}.")
    if start.year < YEARS[0] or end.year > YEARS[-1]:
        raise InputError(
            f"{where}: {start} to {end} is not within {YEARS[0]} to {YEARS[-1]}, the years in "
            "which posts are looked for. Leave the window out to take all posts."
        )
    return start.isoformat(), end.isoformat()
