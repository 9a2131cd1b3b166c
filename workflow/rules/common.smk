# The study: what it names, and what must hold before any of it runs.

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

from takedown.redaction import without_secrets
from takedown.errors import InputError
from takedown.io.addresses import SCHEME, hide_secrets, in_bucket, pass_secrets_on
from takedown.io.files import check_writable
from takedown.archives.formats import check_formats
from takedown.archives.receipt import minutes_to_clean
from takedown.engine.closure import files_read, import_closure, notebook_closure
from takedown.engine.endings import logged
from takedown.engine.ledger import LOCK
from takedown.engine.location import STORE, Location
from takedown.engine.locking import LOCKS, held
from takedown.engine.stale import Review
from takedown.study.config import (
    dates_as_text,
    fetch_settings,
    read_study,
    read_topic_names,
)
from takedown.study.study_file import check_study_file
from takedown.study.topics import topic_labels
from takedown.fetch.archive import not_fetched
from takedown.fetch.trust import PINS
from takedown.series.calendars import attention_in, events_in
from takedown.claims.table import read_claims

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
    TOPIC_LABELS = topic_labels(Path(STUDY.topics_file))
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
