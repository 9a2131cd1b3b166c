# From a released takedown archive to figures of campaign volume against news events.
# Every stage has one file in workflow/rules, one package in workflow/takedown, and one folder in
# results/<study>/<campaign>/. Run it with `make`, or with `snakemake` from this folder.

from snakemake.utils import min_version

min_version("9.14")

if not config and not workflow.configfiles:

    configfile: "config/config.yaml"


include: "workflow/rules/common.smk"
include: "workflow/rules/lookups.smk"


report: "workflow/report/workflow.rst"


pathvars:
    results=f"results/{STUDY.name}",
    logs=f"logs/{STUDY.name}",
    benchmarks=f"benchmarks/{STUDY.name}",
    calibration=f"results/calibration/{STUDY.name}",
    data=DATA,


wildcard_constraints:
    campaign="|".join(STUDY.campaigns),


include: "workflow/rules/fetch.smk"
include: "workflow/rules/clean.smk"
include: "workflow/rules/describe.smk"
include: "workflow/rules/series.smk"
include: "workflow/rules/models.smk"
include: "workflow/rules/atlas.smk"
include: "workflow/rules/figures.smk"
include: "workflow/rules/calibration.smk"
include: "workflow/rules/claims.smk"
include: "workflow/rules/notebooks.smk"
include: "workflow/rules/report.smk"
include: "workflow/rules/provenance.smk"


rule all:
    default_target: True
    input:
        rules.write_page.output,
        rules.write_paper.output,
        rules.write_manifest.output,


# What `make run` asks for first where some archives may not be had, or a cluster does the rest.
rule fetch_archives:
    input:
        each(rules.fetch_archive.output.receipt, campaign=all_campaigns_with("tweets")),


# Results that were edited, lost, or made of other files than are there now are made again. The
# downloads of `make run`, which the steps follow, leave that to these.
if workflow.is_main_process:
    stop_where_it_cannot_run()
    if not {"fetch_archives", "--lint"} & {*sys.argv}:
        date_what_is_stale()
