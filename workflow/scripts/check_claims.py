"""Stage claims: recompute and judge published values about the study's campaigns."""

from pathlib import Path

from takedown.archives.columns import CUT
from takedown.archives.receipt import is_reduced, read_receipt
from takedown.claims.page import render_claims
from takedown.claims.question import Data
from takedown.claims.table import claims_on, read_claims
from takedown.claims.verdicts import bars_table, claims_table, judge
from takedown.describe.aggregates import read_counts
from takedown.engine.job import job
from takedown.io.files import whole
from takedown.io.tables import write_table

with job(snakemake):
    given, params = snakemake.input, snakemake.params
    data: dict[str, Data | str] = dict.fromkeys(params.campaigns, "its posts are not in the study")
    for name, receipt, posts, accounts in zip(
        params.tweets, given.receipts, given.tweets, given.accounts, strict=True
    ):
        files = read_receipt(Path(receipt))
        cut = CUT if is_reduced(files, Path(given.reduced)) else ()
        data[name] = Data.of_archive(posts, accounts, files, cut, params.topics[name])
    for name, counts in zip(params.counts, given.counts, strict=True):
        data[name] = Data.of_counts(read_counts(counts, "UTC"))
    claims = read_claims(given.claims)
    findings = judge(claims_on(claims, params.campaigns), data)
    write_table(claims_table(findings), snakemake.output.claims)
    write_table(bars_table(findings), snakemake.output.charts)
    with whole(snakemake.output.page) as part:
        page = render_claims(params.title, findings, Path(given.template[0]))
        part.write_text(page, encoding="utf-8")
