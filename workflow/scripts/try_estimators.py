"""Stage calibrate: the estimators' answers to simulated series like one campaign's."""

from takedown.calibration.campaigns import Campaign
from takedown.calibration.trials import Settings, try_all
from takedown.job import generator, job
from takedown.series import read_model_inputs
from takedown.tables import write_table

with job(snakemake):
    series, events = read_model_inputs(
        snakemake.input.daily, snakemake.input.events, snakemake.params.model_window
    )
    use = Settings.of(snakemake.params)
    campaign, ratio, part = (snakemake.wildcards[name] for name in ("campaign", "ratio", "part"))
    trials = try_all(
        Campaign.like(series["all"], use.trend_days),
        events,
        use,
        ratio=float(ratio),
        simulations=snakemake.params.simulations,
        rng=generator(snakemake.params.seed, campaign, f"calibrate {ratio} {part}"),
    )
    write_table(trials, snakemake.output.trials)
