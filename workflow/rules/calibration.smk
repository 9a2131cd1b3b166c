# calibration: how often each estimator errs on simulated series with known effects and with each
# campaign's own length, sparsity, spread and calendar. Run it with `make calibrate`; `make` does
# not need it.

TRIALS_PER_JOB = 50
# Simulated rate ratios, each with the divisor of its number of jobs. The verdict uses the first
# three; the others serve only the power curve, for which a quarter of the series are enough.
RATIOS = {"1.0": 1, "1.5": 1, "2.0": 1, "3.0": 4, "6.0": 4}
JOBS = -(-STUDY.models["simulations"] // TRIALS_PER_JOB)
PARTS = {ratio: range(-(-JOBS // share)) for ratio, share in RATIOS.items()}


rule try_estimators:
    input:
        daily=rules.count_posts.output.daily,
        events=rules.place_news.output.events,
        window=rules.place_news.output.window,
        attention=rules.place_news.output.attention,
        code=code("try_estimators.py", *(one.module for one in MODELS if one.planted)),
    output:
        trials="<calibration>/trials/{campaign}_{ratio}_{part}.csv",
    log:
        "<logs>/calibration/{campaign}_{ratio}_{part}.log",
    benchmark:
        "<benchmarks>/calibration/{campaign}_{ratio}_{part}.tsv"
    wildcard_constraints:
        ratio="|".join(RATIOS),
        part="[0-9]+",
    conda:
        "../../environment.yml"
    params:
        **SETTINGS,
        seed=STUDY.models["seed"],
        simulations=TRIALS_PER_JOB,
    message:
        "calibration {wildcards.campaign}: rate ratio {wildcards.ratio}, part {wildcards.part}"
    script:
        "../scripts/try_estimators.py"


rule judge_estimators:
    input:
        trials=[
            trials
            for ratio, parts in PARTS.items()
            for trials in each(
                rules.try_estimators.output.trials,
                campaign=campaigns_with("countable", "events"),
                ratio=ratio,
                part=parts,
            )
        ],
        code=code("judge_estimators.py"),
    output:
        estimators="<calibration>/estimators.csv",
        power="<calibration>/power.csv",
        recovery="<calibration>/recovery.csv",
    log:
        "<logs>/calibration/estimators.log",
    benchmark:
        "<benchmarks>/calibration/estimators.tsv"
    conda:
        "../../environment.yml"
    message:
        "calibration: how often each estimator erred"
    script:
        "../scripts/judge_estimators.py"


rule draw_calibration:
    input:
        estimators=rules.judge_estimators.output.estimators,
        power=rules.judge_estimators.output.power,
        recovery=rules.judge_estimators.output.recovery,
        code=code_of(CALIBRATION),
    output:
        pdf="<calibration>/calibration.pdf",
        svg="<calibration>/calibration.svg",
        png="<calibration>/calibration.png",
        csv="<calibration>/calibration.csv",
        json="<calibration>/calibration.json",
    log:
        "<logs>/calibration/figure.log",
    benchmark:
        "<benchmarks>/calibration/figure.tsv"
    conda:
        "../../environment.yml"
    params:
        module=CALIBRATION.drawn_by,
        title=CALIBRATION.title,
        caption=as_is(CALIBRATION.caption),
        settings={},
    message:
        "calibration: how often each estimator errs, in a figure"
    script:
        "../scripts/draw_figure.py"
