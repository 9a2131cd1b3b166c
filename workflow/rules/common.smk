# The study, and the look-ups that rules share. Nothing here computes a path.

import atexit
import gc
import os
import sys
from dataclasses import asdict
from itertools import product

WORKFLOW = Path(workflow.basedir) / "workflow"
sys.path.insert(0, str(WORKFLOW))
# Scripts run in a Python of their own; they import the package the same way, and read large
# archives piece by piece, so that their memory does not grow with the posts.
os.environ.update(PYTHONPATH=str(WORKFLOW), POLARS_ENGINE_AFFINITY="streaming")
# Figures are only saved; the console of an IDE names a backend that is not here.
os.environ.pop("MPLBACKEND", None)
# Snakemake makes objects by the hundred thousand and keeps them: looking for cycles among them took
# a tenth of the time to plan many campaigns, and at the end they need not be looked through at all.
gc.set_threshold(100_000, 50, 100)
atexit.register(gc.freeze)
# Snakemake writes the interpreter's path unquoted into the command of every script.
if " " in sys.executable:
    sys.executable = os.path.relpath(sys.executable)

from snakemake.io import flag, get_flag_value
from takedown.io.addresses import SCHEME, hide_secrets, in_bucket, pass_secrets_on
from takedown.archives.formats import check_formats
from takedown.claims.table import read_claims
from takedown.engine.closure import files_read, import_closure, notebook_closure
from takedown.study.config import dates_as_text, fetch_settings, read_study, read_topic_names
from takedown.engine.endings import logged
from takedown.errors import InputError
from takedown.fetch.archive import not_fetched
from takedown.io.files import check_writable
from takedown.archives.receipt import minutes_to_clean
from takedown.series.calendars import attention_in, events_in
from takedown.study.study_file import check_study_file
from takedown.fetch.trust import PINS
from takedown.engine.locking import LOCKS, held
from takedown.engine.ledger import LOCK
from takedown.engine.location import STORE, Location
from takedown.engine.stale import Review
from takedown.redaction import without_secrets

try:
    check_formats()
    for path in workflow.configfiles:
        check_study_file(path)
    STUDY = read_study(config)
    pass_secrets_on(config)
    config = hide_secrets(config)
    for campaign in STUDY.campaigns.values():
        events_in(campaign.events, campaign.event_topics)
        attention_in(campaign.attention)
    CLAIMS = read_claims(STUDY.claims)
except InputError as problem:
    sys.exit(str(problem))
except Exception as error:
    sys.exit(logged(error))

DATA = "data"
# Steps name files as a study on this machine would, wherever they lie.
PREFIX = workflow.storage_settings.default_storage_prefix or ""
os.environ[STORE] = f"{PREFIX.removeprefix(SCHEME).rstrip('/')}/" if PREFIX else ""
#: Why of each campaign that the study goes without; asked for again by `fetch_archives`.
LEFT_OUT = dict(STUDY.left_out)
if STUDY.leaves_out:
    origins = {name: one.tweets + one.users for name, one in STUDY.campaigns.items()}
    LEFT_OUT |= not_fetched(Path(DATA, "raw"), origins)

#: The notebooks of the course, by name; none where the study does not ask for them.
COURSE = sorted(path.stem for path in Path("notebooks").glob("[0-9]*_*.ipynb"))
COURSE = COURSE if STUDY.notebooks else []


#: With these, Snakemake needs no lock.
LOCKLESS = {"-n", "--dry-run", "--dryrun", "--lint", "--nolock", "--unlock"}

# At most so many downloads at a time, in all; `--resources connections=1` goes before.
if "connections" not in workflow.global_resources:
    workflow.register_resource("connections", fetch_settings(config)["connections"])


def campaigns_with(*parts):
    """Names of the campaigns that have all ``parts``, but those that are left out.

    Parts are tweets, counts, accounts, hashtags, countable and attention.
    """
    return [name for name in all_campaigns_with(*parts) if name not in LEFT_OUT]


def all_campaigns_with(*parts):
    """Names of the campaigns that have all ``parts``, whether or not they can be had."""
    return [
        name
        for name, campaign in STUDY.campaigns.items()
        if all(getattr(campaign, part) for part in parts)
    ]


def claimed(*parts):
    """Names of the campaigns with all ``parts`` that a published claim is about."""
    about = {name for claim in CLAIMS for name in claim.campaigns}
    return [name for name in campaigns_with(*parts) if name in about]


def of_all(outputs, *parts):
    """The files ``outputs`` of all campaigns with ``parts``, as an input function.

    Snakemake takes a list given as such apart anew for each file in it: minutes for 48 campaigns.
    """
    files = each(outputs, campaign=campaigns_with(*parts))
    return lambda wildcards: files


def each(outputs, **wildcards):
    """``expand`` for outputs of rules, which may lie in a bucket; a text is one value, as there."""
    patterns = [outputs] if isinstance(outputs, str) else outputs
    choices = [
        [values] if isinstance(values, str) else values for values in wildcards.values()
    ]
    files = [
        pattern.apply_wildcards(dict(zip(wildcards, values)))
        for values in product(*choices)
        for pattern in patterns
    ]
    return [same(file) for file in files]


def same(file):
    """A file of another rule, by its path; Snakemake forgets of a mere path that it is in a bucket."""
    bucket = get_flag_value(file, "storage_object")
    return flag(str(file), "storage_object", bucket) if bucket else str(file)


def topics_of(campaign):
    """The topics that a campaign's posts are labelled with."""
    chosen = STUDY.campaigns[campaign].topics
    return sorted(read_topic_names(STUDY.topics_file) if chosen is None else chosen)


def only_with(part):
    """The same as a wildcard constraint; one that never matches where there is none."""
    return "|".join(all_campaigns_with(part)) or "(?!)"


def of(key):
    """A campaign's setting ``key``, as a rule's params ask for it."""
    return lambda wildcards: getattr(STUDY.campaigns[wildcards.campaign], key)


def open_addresses(key):
    """The paths and addresses under ``key``, these without what may be secret in them."""
    return lambda wildcards: without_secrets(
        getattr(STUDY.campaigns[wildcards.campaign], key)
    )


def as_is(value):
    """``value`` as params of a rule; in a mere text Snakemake takes braces for wildcards."""
    return lambda wildcards: value


def local_file(key):
    """The one file named under ``key``."""
    return lambda wildcards: local(getattr(STUDY.campaigns[wildcards.campaign], key))


def local_files(*keys):
    """The files named under ``keys`` that are not downloaded."""
    return lambda wildcards: brought(
        STUDY.campaigns[wildcards.campaign].local_files(*keys)
    )


def brought(paths):
    """Files given by the user as inputs: on this machine, or objects in a bucket."""
    return [storage.s3(path) if in_bucket(path) else local(path) for path in paths]


def time_to_clean(wildcards, input, attempt):
    """Minutes to clean an archive: a profile cannot know the size of what was downloaded."""
    return minutes_to_clean(Path(input.receipt), attempt)


def archives_of(names):
    """The archives of campaigns, as far as they are not downloaded."""
    return brought(
        path
        for name in names
        for path in STUDY.campaigns[name].local_files("tweets", "users")
    )


def code(script):
    """The modules that a script's results depend on, so that an edit re-runs what it affects."""
    return local(import_closure(WORKFLOW / "scripts" / script, WORKFLOW))


def code_of_notebook(wildcards):
    """The modules that a notebook imports, its own exercises among them."""
    notebook = Path(f"notebooks/{wildcards.notebook}.ipynb")
    return local(notebook_closure(notebook, WORKFLOW))


def tables_of_notebook(wildcards):
    """The tables of the study that a notebook reads, and the files given with the repository."""
    tables, given = files_read(Path(f"notebooks/{wildcards.notebook}.ipynb"))
    return [f"results/{STUDY.name}/{table}" for table in tables] + local(given)


def foreign_calendars(wildcards):
    """The news calendars of the repository that are not the campaign's own."""
    own = {Path(path).name for path in STUDY.campaigns[wildcards.campaign].events}
    calendars = Path("resources/news").glob("events_*.csv")
    return local(sorted(path.as_posix() for path in calendars if path.name not in own))


#: Files of words, beside the data and pictures.
TEXT_FILES = set(".py .ipynb .smk .yaml .csv .md .rst .j2 .css .js .typ .bib".split())


def figure(name, folder="<results>/{campaign}", category="{campaign}"):
    """The files of a figure, as its rule's output; Snakemake's own report shows the svg."""
    stem = f"{folder}/figures/{name}"
    files = {kind: f"{stem}.{kind}" for kind in ("pdf", "svg", "png", "csv", "json")}
    caption = f"{workflow.basedir}/workflow/report/figure.rst"
    labels = {"figure": name}
    svg = report(files["svg"], caption=caption, category=category, labels=labels)
    return files | {"svg": svg}


def on_campaigns(outputs):
    """The files of ``outputs``, which maps parts to what is made of campaigns that have them."""
    files = [
        file
        for parts, patterns in outputs.items()
        for file in each(patterns, campaign=campaigns_with(*parts))
    ]
    return list(dict.fromkeys(files))


def on_all_campaigns():
    """The results on all campaigns together; none where the study has one only."""
    if len(campaigns_with("countable")) < 2:
        return []
    parts = [rules.draw_timeline, rules.draw_campaigns, rules.draw_profiles]
    parts += [rules.draw_clocks, rules.draw_responses]
    parts += [rules.profile_campaigns, rules.combine_responses]
    if len(campaigns_with("tweets")) > 1:
        parts += [rules.draw_similarity, rules.compare_behaviour]
    return [path for part in parts for path in part.output]


def reads(results, *kinds):
    """Of ``results`` what is read: of a figure the files of these ``kinds`` only. For an input."""
    files = [
        path for path in results if "/figures/" not in path or path.endswith(kinds)
    ]
    return lambda wildcards: files


def results_of_study(wildcards):
    """All results: page, article, claims, and what they rest on."""
    made = [*rules.write_page.output, *rules.write_paper.output]
    made += [*rules.check_claims.output, *ON_CAMPAIGNS, *ON_ALL]
    made += each(rules.run_notebook.output, notebook=COURSE)
    return sorted(set(made))


def files_between(wildcards):
    """What is made on the way to the results, and no result."""
    parts = [rules.fetch_archive, rules.clean_archive]
    if len(campaigns_with("tweets")) > 1:
        parts.append(rules.sketch_behaviour)
    files = [path for part in parts for path in part.output if "results/" not in path]
    return of_all(files, "tweets")(wildcards)


def given_words():
    """The texts that the workflow and the study bring with them; what they say may be shown."""
    own = [*Path("workflow").rglob("*.*"), *Path("resources").rglob("*.*")]
    own += [Path(f"notebooks/{name}.ipynb") for name in COURSE]
    found = {path.as_posix() for path in own if path.suffix in TEXT_FILES}
    found |= {STUDY.topics_file, STUDY.claims}
    for campaign in STUDY.campaigns.values():
        found |= set(campaign.local_files("events", "attention"))
        found |= set(
            filter(None, (campaign.counts, campaign.accounts, campaign.hashtags))
        )
    return sorted(found)


def stop_where_it_cannot_run():
    """Say that a folder cannot be written to, or which other run is at work in this one.

    Snakemake would advise to unlock the folder, and so spoil the other run.
    """
    if LOCKLESS & {*sys.argv}:
        return
    of_study = product(["results", "logs", "benchmarks", ".ledger"], [STUDY.name])
    written = [
        ".snakemake",
        ".cache",
        "data/raw",
        "data/clean",
        *map("/".join, of_study),
    ]
    try:
        check_writable(map(Path, written))
    except InputError as problem:
        sys.exit(str(problem))
    if reason := held():
        sys.exit(reason)


def date_what_is_stale():
    """Date what is no longer as its step made it, of the files that are there now, and say so.

    While another run is at work in this folder, nothing is: its steps would find their files dated.
    """
    if any(LOCKS.glob("*.lock")):
        return
    last = rules.write_manifest.output
    files = [
        *results_of_study(None),
        *files_between(None),
        *rules.guard_privacy.output,
        *last,
    ]
    here = Location.of_study()
    review = Review(STUDY.name, {here.plain(str(path)) for path in files}, here)
    for words in review.words():
        print(words, file=sys.stderr)
    archives = [
        path for one in STUDY.campaigns.values() for path in one.tweets + one.users
    ]
    review.date(last.manifest, [*given_words(), *archives, LOCK])
