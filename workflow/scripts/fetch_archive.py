"""Stage fetch: the files of one campaign, and their receipt."""

from pathlib import Path

from takedown.archives.members import Limits
from takedown.engine.job import job
from takedown.fetch.archive import Place, fetch_archive, noted, read_checksums
from takedown.fetch.download import Patience
from takedown.io.addresses import asked_for
from takedown.study.config import fetch_settings

# Downloads stay on this machine even if all results go to a bucket.
folder = Path(snakemake.params.folder)
leaves_out = snakemake.config.get("unavailable") == "leave_out"
with job(snakemake), noted(folder, leaves_out=leaves_out):
    # How files are downloaded affects no result, so it is not a param: changing it re-runs nothing.
    settings = fetch_settings(snakemake.config)
    del settings["connections"]  # enforced by the scheduler
    mirrors = settings.pop("mirrors")
    limits = Limits(ratio=settings.pop("max_ratio"), gigabytes=settings.pop("max_gigabytes"))
    fetch_archive(
        sources={role: [*map(asked_for, snakemake.params[role])] for role in ("tweets", "users")},
        place=Place(
            campaign=snakemake.wildcards.campaign,
            folder=folder,
            pins=Path(snakemake.params.pins),
            mirrors=(*snakemake.params.mirrors, *map(asked_for, mirrors)),
            members=dict(snakemake.params.members),
            patience=Patience(**settings),
            limits=limits,
        ),
        receipt=Path(snakemake.output.receipt),
        known=read_checksums(Path(snakemake.input.checksums)),
    )
