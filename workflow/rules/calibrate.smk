# calibrate: how often each estimator errs on simulated series of known truth, at each campaign's
# own length, sparsity, spread and calendar. Run it with `make calibrate`; `make` does not need it.

RATIOS = ["1.0", "1.5", "2.0"]
TRIALS_PER_JOB = 50
PARTS = range(-(-STUDY.models["simulations"] // TRIALS_PER_JOB))


rule try_estimators:
    input:
        daily=rules.count_posts.output.daily,
        events=rules.place_news.output.events,
        code=code("try_estimators.py"),
    output:
        trials="<results>/{campaign}/trials/{ratio}_{part}.csv",
    log:
        "<logs>/calibrate/{campaign}_{ratio}_{part}.log",
    benchmark:
        "<benchmarks>/calibrate/{campaign}_{ratio}_{part}.tsv"
    wildcard_constraints:
        ratio="|".join(RATIOS),
        part="[0-9]+",
    conda:
        "../../environment.yml"
    params:
        model_window=of("model_window"),
        lead_days=STUDY.models["lead_days"],
        lag_days=STUDY.models["lag_days"],
        trend_days=STUDY.models["trend_days"],
        hac_days=STUDY.models["hac_days"],
        interrupted_days=STUDY.models["interrupted_days"],
        draws=STUDY.models["draws"],
        seed=STUDY.models["seed"],
        simulations=TRIALS_PER_JOB,
    message:
        "calibrate {wildcards.campaign}: rate ratio {wildcards.ratio}, part {wildcards.part}"
    script:
        "../scripts/try_estimators.py"


rule judge_estimators:
    input:
        trials=expand(
            rules.try_estimators.output.trials,
            campaign=campaigns_with("countable"),
            ratio=RATIOS,
            part=PARTS,
        ),
        code=code("judge_estimators.py"),
    output:
        estimators="results/calibration/estimators.csv",
    log:
        "<logs>/calibrate/estimators.log",
    benchmark:
        "<benchmarks>/calibrate/estimators.tsv"
    conda:
        "../../environment.yml"
    message:
        "calibrate: how often each estimator erred"
    script:
        "../scripts/judge_estimators.py"
