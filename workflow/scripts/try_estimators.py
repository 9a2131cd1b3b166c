"""Stage calibrate: the estimators' answers to simulated series like one campaign's."""

from takedown.calibration.campaigns import Campaign, News
from takedown.calibration.trials import Settings, setting, try_all
from takedown.job import generator, job
from takedown.series import read_model_inputs
from takedown.tables import read_table, write_table

with job(snakemake):
    series, events = read_model_inputs(
        snakemake.input.daily, snakemake.input.events, snakemake.params.model_window
    )
    use, posts = Settings.of(snakemake.params), series["all"]
    campaign, ratio, part = (snakemake.wildcards[name] for name in ("campaign", "ratio", "part"))
    trials = try_all(
        Campaign.like(posts, use.trend_days),
        events,
        use,
        ratio=float(ratio),
        simulations=snakemake.params.simulations,
        rng=generator(snakemake.params.seed, campaign, f"calibrate {ratio} {part}"),
        news=News.of(read_table(snakemake.input.attention), posts.index),
    )
    where = setting(campaign, posts.index, events, use)
    trials["draw"] += int(part) * snakemake.params.simulations
    write_table(trials.assign(setting=where, ratio=float(ratio)), snakemake.output.trials)
