"""``python -m takedown.fetch.help CAMPAIGN``: an archive's addresses, its size, where to put it."""

from __future__ import annotations

import sys
from pathlib import Path
from textwrap import fill

from takedown.archives.catalogue import addresses, names, read_catalogue, size_words
from takedown.engine.endings import run
from takedown.errors import InputError, did_you_mean
from takedown.fetch.archive import TERMS
from takedown.fetch.trust import PINS, read_pins


def fetch_help(campaign: str) -> str:
    """The help text for one archive in the catalogue; raises :class:`InputError` if unknown."""
    catalogue = read_catalogue()
    if campaign not in catalogue:
        known = fill(", ".join(catalogue), 100, break_long_words=False)
        asked = f"CAMPAIGN={campaign}: not in the catalogue." if campaign else "Name an archive."
        raise InputError(
            f"{asked}{did_you_mean(campaign, catalogue)} As in: make fetch-help "
            f"CAMPAIGN=china_052020. The catalogue has:\n{known}"
        )
    row = catalogue[campaign]
    pins = read_pins(Path(PINS.format(campaign=campaign)))
    posts, accounts = (
        f"{int(row[key]):,}" if row[key] else "not known"
        for key in ("n_tweets_published", "n_accounts_published")
    )
    lines = [
        f"{campaign}: {row['attributed_to']}, disclosed {row['release_date']}",
        f"posts {posts}, accounts {accounts}, as published; {size_words(row)}",
        f"announced in {row['disclosure_url']}",
        "",
        f"A run of a study that names {campaign} downloads both files into data/raw/{campaign}/.",
        "To do it yourself, get each from any of its addresses and put it there, under any of its",
        "names; or leave it where it is and name it in the study file (`tweets:`, `users:`).",
    ]
    if row["embedded_tweets"]:
        lines[4:] = [
            f"A study that names {campaign} uses the reduced form that comes with the repository.",
            "For the original, get both files, and name them under `tweets:` and `users:` there.",
        ]
    for role in ("tweets", "users"):
        address = row[f"{role}_url"]
        lines += ["", f"{role}: {' or '.join(names(address))}"]
        lines += [f"  {one}" for one in addresses(address, row["mirrors"].split())]
        if pin := pins.get(names(address)[0]):
            lines.append(f"  it must have {pin.bytes:,} bytes, sha256 {pin.sha256}")
    if row["other_copies"]:
        lines += ["", f"Another copy: {row['other_copies']}"]
    if row["disagreements"]:
        lines += ["", f"Known: {row['disagreements']}."]
    return "\n".join([*lines, "", TERMS.rstrip()])


if __name__ == "__main__":
    run(lambda: print(fetch_help(sys.argv[1] if len(sys.argv) > 1 else "")))
