# Read the study, and check what must hold before any of its steps run.

import atexit
import gc
import os
import sys
from dataclasses import asdict
from itertools import product

WORKFLOW = Path(workflow.basedir) / "workflow"
sys.path.insert(0, str(WORKFLOW))
# Scripts run in separate Python processes. They find the package through PYTHONPATH, and polars
# streams large archives in pieces, so that memory does not grow with the number of posts.
os.environ.update(PYTHONPATH=str(WORKFLOW), POLARS_ENGINE_AFFINITY="streaming")
# Figures are only saved to files; the console of an IDE may name a backend that is not installed.
os.environ.pop("MPLBACKEND", None)
# Snakemake creates and keeps hundreds of thousands of objects. Searching them for cycles took a
# tenth of the time needed to plan many campaigns, and at exit no search is needed at all.
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
# Steps name files as if the study were on this machine, wherever the files are.
PREFIX = workflow.storage_settings.default_storage_prefix or ""
os.environ[STORE] = f"{PREFIX.removeprefix(SCHEME).rstrip('/')}/" if PREFIX else ""
#: Campaigns left out of the study, each with the reason; `fetch_archives` tries them again.
LEFT_OUT = dict(STUDY.left_out)
if STUDY.leaves_out:
    origins = {name: one.tweets + one.users for name, one in STUDY.campaigns.items()}
    LEFT_OUT |= not_fetched(Path(DATA, "raw"), origins)

#: The names of the course notebooks; empty if the study does not ask for them.
COURSE = sorted(path.stem for path in Path("notebooks").glob("[0-9]*_*.ipynb"))
COURSE = COURSE if STUDY.notebooks else []


#: Options with which Snakemake needs no lock.
LOCKLESS = {"-n", "--dry-run", "--dryrun", "--lint", "--nolock", "--unlock"}

# The most downloads at a time, over all campaigns; `--resources connections=1` overrides it.
if "connections" not in workflow.global_resources:
    workflow.register_resource("connections", fetch_settings(config)["connections"])


def stop_where_it_cannot_run():
    """Exit with a message if a folder is not writable or another run is using this one.

    Snakemake itself would advise unlocking the folder, which would ruin the other run.
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
    """Give stale results an old date, so that Snakemake remakes them, and say which they are.

    Does nothing while another run is using this folder, as it would change the dates of its files.
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
