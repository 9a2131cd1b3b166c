"""Stage models: fit one model of the registry with its module's function."""

from functools import partial
from importlib import import_module
from types import SimpleNamespace

from takedown.engine.job import generator, job
from takedown.estimation.data import read_data
from takedown.estimation.flags import Calibration
from takedown.estimation.settings import Settings
from takedown.io.tables import write_table

with job(snakemake):
    params, campaign = snakemake.params, snakemake.wildcards.campaign
    model, use = import_module(params.module), SimpleNamespace(**params.settings)
    data = read_data(dict(snakemake.input.items()))
    streams = partial(generator, params.seed, campaign)
    result = model.fit(data, use, streams, **params.options)
    tables = result._asdict()
    if params.calibrated:
        trust = Calibration.read(
            snakemake.input.calibration, campaign, data.series["all"], data.events, Settings.of(use)
        )
        for name in params.calibrated:
            names = model.estimators(tables[name])
            tables[name] = trust.flag(tables[name], names, model.ESTIMATORS)
    for name, path in snakemake.output.items():
        write_table(tables[name], path)
