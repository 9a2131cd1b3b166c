"""Run whenever Python starts in the tests' environment: notes Snakemake processes and their jobs.

``TAKEDOWN_STARTED`` is the path of the file of notes. A job that is a script notes at its end how
many modules it loaded.
"""

import atexit
import os
import sys


def note(*words: object) -> None:
    with open(os.environ["TAKEDOWN_STARTED"], "a", encoding="utf-8") as notes:  # noqa: PTH123
        notes.write(" ".join(map(str, words)) + "\n")


def note_snakemake(event: str, arguments: tuple) -> None:
    """An audit hook that notes when Snakemake is loaded, and when it starts a job."""
    if event == "import" and arguments[0] == "snakemake.api" and "pytest" not in sys.modules:
        note("snakemake")
    elif event == "subprocess.Popen" and "set -euo pipefail" in str(arguments[1]):
        note("job")  # scripts and shell commands alike


scripts = [word for word in sys.orig_argv if "/.snakemake/scripts/" in f"/{word}"]
if os.environ.get("TAKEDOWN_NOTED") == str(os.getpid()):
    pass  # already noted: two paths lead to the environment
elif scripts:
    main = sys.modules["__main__"]
    atexit.register(lambda: note("modules", vars(main)["snakemake"].rule, len(sys.modules)))
else:
    sys.addaudithook(note_snakemake)
os.environ["TAKEDOWN_NOTED"] = str(os.getpid())
