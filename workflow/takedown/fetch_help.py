"""``python -m takedown.fetch_help CAMPAIGN``: where an archive is, how large, where to put it."""

from __future__ import annotations

import sys
from pathlib import Path

from takedown.catalogue import addresses, names, read_catalogue, size_words
from takedown.errors import InputError, did_you_mean
from takedown.fetch import TERMS
from takedown.trust import read_pins


def fetch_help(campaign: str) -> str:
    """The help on one archive of the catalogue; raises :class:`InputError` for an unknown id."""
    catalogue = read_catalogue()
    if campaign not in catalogue:
        raise InputError(
            f"CAMPAIGN={campaign}: not in the catalogue.{did_you_mean(campaign, catalogue)} "
            f"It has: {', '.join(catalogue)}."
        )
    row = catalogue[campaign]
    pins = read_pins(Path(f"resources/trust/{campaign}.csv"))
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
    try:
        print(fetch_help(sys.argv[1] if len(sys.argv) > 1 else ""))
    except InputError as problem:
        sys.exit(str(problem))
