# models: does posting volume move with the news? Each estimate with its interval, and notes on
# what could not be estimated and why. The column `calibrated` says which may be believed.

# What an estimate depends on, by which its calibration is recognised.
SETTINGS = dict(
    lead_days=STUDY.models["lead_days"],
    lag_days=STUDY.models["lag_days"],
    trend_days=STUDY.models["trend_days"],
    hac_days=STUDY.models["hac_days"],
    interrupted_days=STUDY.models["interrupted_days"],
)


rule fit_event_study:
    input:
        daily=rules.count_posts.output.daily,
        events=rules.place_news.output.events,
        calibration=local(STUDY.calibration),
        code=code("fit_event_study.py"),
    output:
        path="<results>/{campaign}/models/event_study.csv",
        bands="<results>/{campaign}/models/placebo_bands.csv",
        effects="<results>/{campaign}/models/event_effects.csv",
        notes="<results>/{campaign}/models/event_study_notes.csv",
    log:
        "<logs>/models/{campaign}_event_study.log",
    benchmark:
        "<benchmarks>/models/{campaign}_event_study.tsv"
    conda:
        "../../environment.yml"
    params:
        **SETTINGS,
        model_window=of("model_window"),
    message:
        "models {wildcards.campaign}: event study"
    script:
        "../scripts/fit_event_study.py"


rule draw_placebo_calendars:
    input:
        daily=rules.count_posts.output.daily,
        events=rules.place_news.output.events,
        calibration=local(STUDY.calibration),
        code=code("draw_placebo_calendars.py"),
    output:
        placebo="<results>/{campaign}/models/placebo.csv",
        notes="<results>/{campaign}/models/placebo_notes.csv",
    log:
        "<logs>/models/{campaign}_placebo.log",
    benchmark:
        "<benchmarks>/models/{campaign}_placebo.tsv"
    conda:
        "../../environment.yml"
    params:
        **SETTINGS,
        model_window=of("model_window"),
        draws=STUDY.models["draws"],
        seed=STUDY.models["seed"],
    message:
        "models {wildcards.campaign}: placebo calendars"
    script:
        "../scripts/draw_placebo_calendars.py"


rule fit_interrupted:
    input:
        daily=rules.count_posts.output.daily,
        events=rules.place_news.output.events,
        calibration=local(STUDY.calibration),
        code=code("fit_interrupted.py"),
    output:
        terms="<results>/{campaign}/models/interrupted.csv",
        paths="<results>/{campaign}/models/interrupted_paths.csv",
        notes="<results>/{campaign}/models/interrupted_notes.csv",
    log:
        "<logs>/models/{campaign}_interrupted.log",
    benchmark:
        "<benchmarks>/models/{campaign}_interrupted.tsv"
    conda:
        "../../environment.yml"
    params:
        **SETTINGS,
        model_window=of("model_window"),
    message:
        "models {wildcards.campaign}: interrupted time series"
    script:
        "../scripts/fit_interrupted.py"


rule find_change_points:
    input:
        daily=rules.count_posts.output.daily,
        events=rules.place_news.output.events,
        calibration=local(STUDY.calibration),
        code=code("find_change_points.py"),
    output:
        change_points="<results>/{campaign}/models/change_points.csv",
        matches="<results>/{campaign}/models/change_point_matches.csv",
        notes="<results>/{campaign}/models/change_points_notes.csv",
    log:
        "<logs>/models/{campaign}_change_points.log",
    benchmark:
        "<benchmarks>/models/{campaign}_change_points.tsv"
    conda:
        "../../environment.yml"
    params:
        **SETTINGS,
        model_window=of("model_window"),
        bootstrap=STUDY.models["bootstrap"],
        seed=STUDY.models["seed"],
    message:
        "models {wildcards.campaign}: change points"
    script:
        "../scripts/find_change_points.py"


rule fit_lead_lag:
    input:
        daily=rules.count_posts.output.daily,
        events=rules.place_news.output.events,
        attention=rules.place_news.output.attention,
        calibration=local(STUDY.calibration),
        code=code("fit_lead_lag.py"),
    output:
        lead_lag="<results>/{campaign}/models/lead_lag.csv",
        paths="<results>/{campaign}/models/lead_lag_paths.csv",
        notes="<results>/{campaign}/models/lead_lag_notes.csv",
    log:
        "<logs>/models/{campaign}_lead_lag.log",
    benchmark:
        "<benchmarks>/models/{campaign}_lead_lag.tsv"
    conda:
        "../../environment.yml"
    params:
        **SETTINGS,
        model_window=of("model_window"),
        bootstrap=STUDY.models["bootstrap"],
        seed=STUDY.models["seed"],
    message:
        "models {wildcards.campaign}: lead and lag against the news"
    script:
        "../scripts/fit_lead_lag.py"


rule fit_specification_curve:
    input:
        variants=rules.count_posts.output.variants,
        daily=rules.count_posts.output.daily,
        events=rules.place_news.output.events,
        code=code("fit_specification_curve.py"),
    output:
        curve="<results>/{campaign}/models/specification_curve.csv",
        test="<results>/{campaign}/models/specification_test.csv",
        notes="<results>/{campaign}/models/specification_notes.csv",
    log:
        "<logs>/models/{campaign}_specification.log",
    benchmark:
        "<benchmarks>/models/{campaign}_specification.tsv"
    conda:
        "../../environment.yml"
    params:
        model_window=of("model_window"),
        trend_days=STUDY.models["trend_days"],
    message:
        "models {wildcards.campaign}: specification curve"
    script:
        "../scripts/fit_specification_curve.py"


rule try_negative_controls:
    input:
        daily=rules.count_posts.output.daily,
        events=rules.place_news.output.events,
        foreign=foreign_calendars,
        code=code("try_negative_controls.py"),
    output:
        controls="<results>/{campaign}/models/negative_controls.csv",
        notes="<results>/{campaign}/models/negative_controls_notes.csv",
    log:
        "<logs>/models/{campaign}_negative_controls.log",
    benchmark:
        "<benchmarks>/models/{campaign}_negative_controls.tsv"
    conda:
        "../../environment.yml"
    params:
        model_window=of("model_window"),
        trend_days=STUDY.models["trend_days"],
    message:
        "models {wildcards.campaign}: negative controls"
    script:
        "../scripts/try_negative_controls.py"


rule write_findings:
    input:
        daily=rules.count_posts.output.daily,
        events=rules.place_news.output.events,
        calibration=local(STUDY.calibration),
        models=[
            *rules.fit_event_study.output,
            *rules.draw_placebo_calendars.output,
            *rules.fit_interrupted.output,
            *rules.find_change_points.output,
            *rules.fit_lead_lag.output,
            *rules.fit_specification_curve.output,
            *rules.try_negative_controls.output,
        ],
        code=code("write_findings.py"),
    output:
        findings="<results>/{campaign}/models/findings.csv",
    log:
        "<logs>/models/{campaign}_findings.log",
    benchmark:
        "<benchmarks>/models/{campaign}_findings.tsv"
    conda:
        "../../environment.yml"
    params:
        **SETTINGS,
        model_window=of("model_window"),
    message:
        "models {wildcards.campaign}: findings in sentences"
    script:
        "../scripts/write_findings.py"
