"""The progress display of a run: step k of n, what it does, and why it failed.

Snakemake finds this module by its name when `workflow/` is on the Python path and
`--logger takedown` is given. It hides known chatter (CHATTER) and shows all other messages, so that
an unforeseen error is never lost. Snakemake's full log is not affected.
"""

import re
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from itertools import takewhile
from logging import LogRecord
from pathlib import Path
from textwrap import shorten
from types import TracebackType
from typing import Any

from snakemake.logging import DefaultFilter, DefaultFormatter
from snakemake_interface_logger_plugins.base import LogHandlerBase
from snakemake_interface_logger_plugins.common import LogEvent

from takedown.engine.endings import UNEXPECTED
from takedown.io.addresses import copy_here

TARGET = "all"  # only requests files and does nothing itself, so it is not a step
LOG_LINES = 20
UP_TO_DATE = "Nothing to do: every result is up to date."
STOPPED = "Stopped. Finished steps are kept; run the same command again to go on."

CHATTER = re.compile(
    r"Assuming unrestricted shared filesystem usage|Building DAG of jobs|Using shell: "
    r"|Select jobs to execute|Shutting down, this might|Group jobs: inactive"
    r"|Conda environments: ignored|Singularity containers: ignored|Touching output file"
    r"|Updating checkpoint dependencies|DAG of jobs will be updated|Reasons:\n"
    r"|Removing temporary output|Removing output files of failed job"
    r"|Config file .* by additional config|Some jobs were triggered by provenance"
    r"|Rules with provenance triggered jobs|Elapsed time: "
    r"|Exiting because a job execution failed|This was a dry-run"
    # Messages about clusters, and about files in a bucket.
    r"|Storing in storage|Finished upload|Retrieving .*from storage|Finished retrieval"
    r"|Removing local copy of storage|Job \d+ has been submitted|Group job .* has been submitted"
    r"|Cleaning up SLURM log|SLURM run ID|Logfile for job|MinJobAge"
)
#: Not on the command line, where a single value would replace all those in the profile.
MORE = "Give it more: below set-resources in the profile's config.yaml, "
TOGETHER = "The steps were one job, given what they ask for together; these are the first one's: "
#: What a log says if a cluster or a disk ended a job -> what to do about it; with the fields
#: `{rule}`, `{memory}`, `{runtime}`.
REMEDIES = {
    re.compile(r"exceeded (job )?memory limit|oom[-_ ]kill|OUT_OF_MEMORY", re.IGNORECASE): (
        "It needed more memory than its {memory} MB. " + MORE + "{rule}: {{mem_mb: {more_memory}}}"
    ),
    re.compile(r"DUE TO TIME LIMIT"): (
        "It needed longer than its {runtime} min. " + MORE + "{rule}: {{runtime: {more_runtime}}}"
    ),
    re.compile(r"(python|snakemake)[\w.]*'?: (command )?not found|python[\w.]*'?: No such file"): (
        "The node does not see this folder's Python. The project folder must lie on a disk that "
        "all nodes share, at the same path."
    ),
    re.compile(r"No space left on device|quota exceeded|File too large", re.IGNORECASE): (
        "The disk is full, or takes no file so large. Free some space and run the same command "
        "again: what is finished is kept."
    ),
}
NOTHING = "(nothing in its log; what it printed is above)"
#: The folder of Slurm's logs, and what it means if Slurm wrote none.
CLUSTERS_LOGS = "slurm_logs"
NO_LOG = (
    "Slurm wrote no log of it: it was cancelled before it began, or its node does not see this "
    "folder, which must lie on a disk that all nodes share, at the same path."
)
SILENT_EVENTS = {
    LogEvent.WORKFLOW_STARTED,
    LogEvent.RESOURCES_INFO,
    LogEvent.JOB_STARTED,
    LogEvent.RULEGRAPH,
}


def count(number: int, noun: str = "step") -> str:
    """
    >>> count(1), count(23)
    ('1 step', '23 steps')
    """
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def duration(seconds: float) -> str:
    """
    >>> duration(7.6), duration(75)
    ('8 s', '1 min 15 s')
    """
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def lines_of(log: Path) -> list[str]:
    """The lines of a text log; empty for a notebook or a missing file."""
    if log.suffix == ".ipynb" or not log.is_file():
        return []
    return log.read_text(encoding="utf-8", errors="replace").rstrip().split("\n")


def last_words(lines: Sequence[str]) -> Sequence[str]:
    """The part of a log worth showing: its last lines, or the sentence after a traceback.

    >>> last_words(["Traceback (most recent call last):", "KeyError: 'a'", "Unexpected error ..."])
    ['Unexpected error ...']
    """
    starts = [number for number, line in enumerate(lines) if line.startswith(UNEXPECTED)]
    return lines[starts[-1] :] if starts else lines[-LOG_LINES:]


def log_here(log: str) -> Path:
    """A log's path on this machine, even if logs are stored in a bucket.

    >>> log_here("s3://b/logs/a.log (send to storage)").as_posix()
    '.snakemake/storage/s3/b/logs/a.log'
    """
    return Path(copy_here(log.removesuffix(" (send to storage)")))


def ended_by(error: str) -> str:
    """The signal that ended a command; a shell reports one as 128 + its number.

    >>> ended_by("died with <Signals.SIGINT: 2>."), ended_by("exit status 137."), ended_by("x")
    ('SIGINT', 'SIGKILL', '')
    """
    if named := re.search(r"died with <Signals\.(\w+)", error):
        return named[1]
    status = re.search(r"exit status (\d+)", error)
    number = int(status[1]) - 128 if status else 0
    return signal.Signals(number).name if number in set(signal.Signals) else ""


#: Errors raised by the client of a bucket, and what to do about them.
BUCKET_FAULTS = {
    r"\((401|403)\) when calling|SignatureDoesNotMatch|InvalidAccessKeyId|Unable to locate cred": (
        "The bucket's server refuses the keys. Set SNAKEMAKE_STORAGE_S3_ACCESS_KEY and "
        "SNAKEMAKE_STORAGE_S3_SECRET_KEY to keys that may read and write the bucket. If they are, "
        "compare the clocks: more than 15 minutes apart, it refuses any."
    ),
    r"EndpointConnectionError|Could not connect to the endpoint": (
        "The bucket's server cannot be reached. Check the network and --storage-s3-endpoint-url; "
        "then run the same command again."
    ),
}


def bucket_fault(error: str) -> str:
    """What is wrong with a bucket, in a sentence, from its client's traceback; empty if unknown.

    >>> bucket_fault("botocore ... EndpointConnectionError: ...")[:41]
    "The bucket's server cannot be reached. Ch"
    """
    if "botocore" not in error and "EndpointConnection" not in error:
        return ""
    found = (words for pattern, words in BUCKET_FAULTS.items() if re.search(pattern, error))
    return next(found, "")


def remedy(lines: Sequence[str], rule: str, resources: Mapping[str, Any]) -> str:
    """What to do about a job that a cluster or a disk ended, from its logs; empty if unknown.

    >>> remedy(["error: Exceeded job memory limit"], "clean", {"mem_mb": 900})[:43]
    'It needed more memory than its 900 MB. Give'
    """
    memory, runtime = resources.get("mem_mb", 0), resources.get("runtime", 0)
    for pattern, words in REMEDIES.items():
        if any(map(pattern.search, lines)):
            return words.format(
                rule=rule,
                memory=memory,
                runtime=runtime,
                more_memory=2 * memory,
                more_runtime=2 * runtime,
            )
    return ""


def study_files(arguments: Sequence[str]) -> str:
    """The files after ``--configfile``: Snakemake does not say which of them it cannot read."""
    after = arguments[arguments.index("--configfile") + 1 :] if "--configfile" in arguments else []
    return " ".join(takewhile(lambda word: not word.startswith("-"), after))


def sentence_first(error: str) -> str:
    """Format a WorkflowError for people: its message, then where it was raised, without the stack.

    >>> sentence_first('WorkflowError in file "Snakefile", line 2:\\nNo x.\\n  File "a", line 1')
    'No x.\\n(in file "Snakefile", line 2)'
    """
    head = re.match(r"WorkflowError(?: (in [^\n]*))?:\n", error)
    if not head:
        return error
    lines = [line for line in error[head.end() :].split("\n") if not line.startswith('  File "')]
    return "\n".join([*lines, f"({head[1]})"] if head[1] else lines)


class LogHandler(LogHandlerBase):
    """Receives all events of a Snakemake run; one instance per run."""

    writes_to_stream = True
    writes_to_file = False
    has_filter = True
    has_formatter = True
    needs_rulegraph = False

    def __post_init__(self) -> None:
        options = self.common_settings
        self.began = time.monotonic()
        self.total: int | None = None  # known once Snakemake has announced its plan
        self.targets = 0
        self.titles: dict[int, str] = {}
        self.resources: dict[int, dict[str, Any]] = {}
        self.done: set[int] = set()
        self.failed: set[int] = set()
        self.full_log = ""
        self.incomplete = self.stopped = self.interrupted = self.closed = self.unheard = False
        self.quiet = bool({choice.name for choice in options.quiet or ()} - {"HOST", "REASON"})
        # Users who ask for Snakemake's internals get Snakemake's own messages.
        self.raw = options.verbose or options.debug_dag
        self.raw_filter = DefaultFilter(
            options.quiet, options.debug_dag, options.verbose, options.dryrun, True
        )
        # Before its first step Snakemake does not catch Ctrl-C.
        sys.excepthook = self.uncaught
        # Treat a closed terminal as Ctrl-C, or jobs on a cluster would go on unseen. Windows has no
        # such signal, and under nohup it must be ignored.
        hangup = getattr(signal, "SIGHUP", None)
        if hangup and signal.getsignal(hangup) is signal.SIG_DFL:
            signal.signal(hangup, signal.default_int_handler)

    def uncaught(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        if issubclass(kind, KeyboardInterrupt):
            self.say(STOPPED)
        else:
            sys.__excepthook__(kind, error, trace)

    def say(self, text: str) -> None:
        stream = sys.stdout if self.common_settings.stdout else sys.stderr
        if self.unheard:
            return
        try:
            print(text, file=stream, flush=True)
        except OSError:  # the reader has gone, as with `| head`; the run goes on
            self.unheard = True

    def emit(self, record: LogRecord) -> None:
        try:
            self.show(record)
        except Exception:  # otherwise it would end Snakemake's logging thread
            self.handleError(record)

    def show(self, record: Any) -> None:
        if self.raw:
            if self.raw_filter.filter(record):
                self.say(DefaultFormatter().format(record))
            return
        match getattr(record, "event", None):
            case LogEvent.RUN_INFO:
                self.announce(record.stats)
            case LogEvent.JOB_INFO:
                self.start(record)
            case LogEvent.SHELLCMD:
                if self.common_settings.printshellcmds and record.shellcmd:
                    self.say(record.shellcmd)
            case LogEvent.JOB_FINISHED:
                self.done.add(record.job_id)
                self.failed.discard(record.job_id)  # a retry succeeded
            case LogEvent.PROGRESS:
                self.total = record.total - self.targets  # a checkpoint can add steps
            case LogEvent.JOB_ERROR:
                if not record.indent:  # a group's errors are reported with the group
                    self.fail([vars(record)])
            case LogEvent.GROUP_ERROR:
                self.fail(record.job_error_info, record.aux_logs)
            case LogEvent.ERROR:
                self.error(record.getMessage())
            case event if event not in SILENT_EVENTS:
                self.message(record)

    def announce(self, stats: Mapping[str, int]) -> None:
        if self.total is not None:  # a dry run repeats the table at its end
            return
        self.targets = stats.get(TARGET, 0)
        self.total = stats["total"] - self.targets
        if self.total == 0:
            self.say(UP_TO_DATE)
        elif not self.quiet or self.common_settings.dryrun:
            self.say(f"{count(self.total)} to do")

    def start(self, job: Any) -> None:
        if job.rule_name == TARGET:
            return
        self.resources[job.jobid] = dict(job.resources.items()) if job.resources else {}
        title = job.rule_msg or " ".join([job.rule_name, *job.wildcards.values()])
        number = f"{len(self.titles) + 1:>{len(str(self.total))}}"
        # A step that is tried again keeps its number.
        self.titles.setdefault(job.jobid, f"[{number}/{self.total}] {' '.join(title.split())}")
        if not self.quiet:
            self.say(self.titles[job.jobid])
            if self.common_settings.dryrun and job.reason:
                self.say(f"    why: {shorten(str(job.reason), 100, placeholder=' ...')}")

    def fail(self, jobs: Sequence[Mapping[str, Any]], shared: Sequence[str] = ()) -> None:
        """Report a failed step, or the steps of one cluster job, whose logs are ``shared``."""
        if self.interrupted:  # Ctrl-C also ends running steps; they did not fail
            return
        written: dict[Path, list[str]] = {}
        for job in jobs:
            self.failed.add(job["jobid"])
            self.say(f"Failed: {self.titles.get(job['jobid'], job['rule_name'])}")
            written |= self.show_logs(job["log"], silent="" if shared else NOTHING)
        written |= self.show_logs(shared, silent="")
        # Search all lines: the cluster's reason precedes the last lines of Snakemake in that job.
        lines = [line for own in written.values() for line in own]
        first = jobs[0]
        words = remedy(lines, first["rule_name"], self.resources.get(first["jobid"], {}))
        if not words and any(CLUSTERS_LOGS in log.parts and not log.is_file() for log in written):
            words = NO_LOG
        if words:
            self.say(f"  {TOGETHER if MORE in words and len(jobs) > 1 else ''}{words}")

    def show_logs(self, paths: Sequence[str], silent: str) -> dict[Path, list[str]]:
        """Show the last lines of logs and their paths; ``silent`` is shown if there are no lines.

        Returns all lines of each log.
        """
        written = {log: lines_of(log) for log in (log_here(str(path)) for path in paths)}
        last = [line for lines in written.values() for line in last_words(lines)]
        for line in last or filter(None, [silent]):
            self.say(f"    {line}".rstrip())
        for log in written:
            self.say(f"  its log: {log}")
        return written

    def error(self, text: str) -> None:
        if text.startswith("WorkflowError:\nAt least one job did not complete"):
            self.incomplete = True
        elif text.startswith("RuleException:\nCalledProcessError"):
            # The step's log says why a command failed, unless it was killed before it could write.
            match ended_by(text):
                case "SIGINT":
                    self.stopped = self.interrupted = True
                case "SIGKILL" if not self.interrupted:
                    self.say("A step was killed (SIGKILL): most often, memory ran out.")
                case name if name and not self.interrupted:
                    self.say(f"A step was ended by {name}.")
        elif words := bucket_fault(text):
            self.say(words)
        elif "Config file " in text and (files := study_files(sys.argv)):
            self.say(f"{files}: {sentence_first(text)}")
        else:
            self.say(sentence_first(text))

    def message(self, record: LogRecord) -> None:
        text = record.getMessage()
        if text.startswith("Complete log(s): "):
            self.full_log = text.removeprefix("Complete log(s): ")
        elif text.startswith("Nothing to be done"):
            self.say(UP_TO_DATE)
        elif text.startswith("Terminating processes on user request"):
            self.stopped = self.interrupted = True
        elif text.startswith("Will exit after finishing currently running jobs"):
            if not self.stopped:
                self.say("Stopping once the running steps have finished.")
            self.stopped = True
        elif not CHATTER.match(text):
            self.say(sentence_first(text))

    def close(self) -> None:
        """Print the conclusion. Called by Snakemake at the end of a run, and again by Python."""
        if not self.closed and not self.raw:
            self.closed = True
            self.conclude()
        super().close()

    def conclude(self) -> None:
        done = len(self.done & self.titles.keys())
        if self.failed or (self.incomplete and not self.stopped):
            failed = f"{count(len(self.failed))} failed" if self.failed else "Not finished"
            self.say(f"{failed}, {done} of {self.total} done. Full log: {self.full_log}")
        if self.stopped:
            self.say(STOPPED)
        elif self.total and self.common_settings.dryrun:
            self.say("Dry run: nothing was started.")
        elif done and not self.failed and not self.incomplete:
            self.say(f"Done: {count(done)} in {duration(time.monotonic() - self.began)}.")
