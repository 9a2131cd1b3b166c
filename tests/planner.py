"""Snakemake's answers to several cases, each in a fork of one process: cases in, answers out.

Run it in the folder of a workflow. A case has ``words`` for Snakemake and ``edits`` (file -> its
text), which are undone before the next case. Reads JSON, writes JSON.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path

# What each case would otherwise import anew; no project modules, since a case may edit them.
import jsonschema  # noqa: F401
import pandas  # noqa: F401
import polars  # noqa: F401
from snakemake.cli import main


def answer(words: list[str]) -> tuple[int, str, str]:
    """Exit code of Snakemake, what it printed, and what it printed as errors."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as errors:
        child = os.fork()
        if not child:
            os.dup2(out.fileno(), 1)
            os.dup2(errors.fileno(), 2)
            code = 1
            try:
                sys.argv = ["snakemake", *words]
                main()
            except SystemExit as ended:
                code = int(ended.code or 0) if isinstance(ended.code, int | None) else 1
                if isinstance(ended.code, str):
                    print(ended.code, file=sys.stderr)
            finally:
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(code)
        _, status = os.waitpid(child, 0)
        printed = []
        for stream in (out, errors):
            stream.seek(0)
            printed.append(stream.read().decode("utf-8", "replace"))
        return os.waitstatus_to_exitcode(status), *printed


def planned(case: dict) -> tuple[int, str, str]:
    """The answer to one case; its edits are undone afterwards."""
    before = {name: Path(name).read_bytes() if Path(name).exists() else None
              for name in case.get("edits", {})}  # fmt: skip
    try:
        for name, text in case.get("edits", {}).items():
            Path(name).write_text(text, encoding="utf-8")
        return answer(case["words"])
    finally:
        for name, content in before.items():
            if content is None:
                Path(name).unlink()
            else:
                Path(name).write_bytes(content)


if __name__ == "__main__":
    json.dump([planned(case) for case in json.load(sys.stdin)], sys.stdout)
