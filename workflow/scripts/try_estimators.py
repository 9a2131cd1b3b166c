"""Stage calibration: run the estimators on simulated series that resemble one campaign's."""

from takedown.calibration.trials import try_all
from takedown.engine.job import generator, job
from takedown.errors import InputError
from takedown.estimation.data import read_data
from takedown.estimation.design import TooLittleError
from takedown.estimation.settings import Settings, setting
from takedown.io.tables import write_table
from takedown.simulate.campaigns import CampaignSimulator, News

with job(snakemake):
    data = read_data(dict(snakemake.input.items()))
    if data.events.empty:
        raise InputError(
            f"{snakemake.wildcards.campaign}: no event lies in its model days, so that nothing can "
            "be tried. Calibrate with a study file that leaves it out, or give it `events`."
        )
    use, posts = Settings.of(snakemake.params), data.series["all"]
    campaign, ratio, part = (snakemake.wildcards[name] for name in ("campaign", "ratio", "part"))
    try:
        like = CampaignSimulator.like(posts, use.trend_days)
    except TooLittleError as why:
        raise InputError(
            f"{campaign}: {why}, so that no campaign like it can be simulated. Calibrate with a "
            "study file that leaves it out."
        ) from why
    trials = try_all(
        like,
        data.events,
        use,
        ratio=float(ratio),
        simulations=snakemake.params.simulations,
        rng=generator(snakemake.params.seed, campaign, f"calibrate {ratio} {part}"),
        news=News.of(data.attention, posts.index),
    )
    where = setting(campaign, posts.index, data.events, use)
    trials["draw"] += int(part) * snakemake.params.simulations
    write_table(trials.assign(setting=where, ratio=float(ratio)), snakemake.output.trials)
