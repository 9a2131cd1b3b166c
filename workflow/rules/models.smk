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
        calibration=STUDY.calibration,
        code=code("fit_event_study.py"),
    output:
        path="<results>/{campaign}/models/event_study.csv",
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
        calibration=STUDY.calibration,
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
        calibration=STUDY.calibration,
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
        calibration=STUDY.calibration,
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
        calibration=STUDY.calibration,
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
        variants=rules.count_variants.output.variants,
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


rule measure_rhythm:
    input:
        tweets=rules.clean_archive.output.tweets,
        daily=rules.count_posts.output.daily,
        code=code("measure_rhythm.py"),
    output:
        rhythm="<results>/{campaign}/models/rhythm.csv",
        notes="<results>/{campaign}/models/rhythm_notes.csv",
    log:
        "<logs>/models/{campaign}_rhythm.log",
    benchmark:
        "<benchmarks>/models/{campaign}_rhythm.tsv"
    wildcard_constraints:
        campaign=only_with("tweets"),
    conda:
        "../../environment.yml"
    params:
        bootstrap=STUDY.models["bootstrap"],
        seed=STUDY.models["seed"],
    message:
        "models {wildcards.campaign}: rhythm and the operator's clock"
    script:
        "../scripts/measure_rhythm.py"


rule measure_rhythm_of_counts:
    input:
        counts=of("counts"),
        daily=rules.count_posts.output.daily,
        code=code("measure_rhythm_of_counts.py"),
    output:
        rhythm=rules.measure_rhythm.output.rhythm,
        notes=rules.measure_rhythm.output.notes,
    log:
        "<logs>/models/{campaign}_rhythm_of_counts.log",
    benchmark:
        "<benchmarks>/models/{campaign}_rhythm_of_counts.tsv"
    wildcard_constraints:
        campaign=only_with("counts"),
    conda:
        "../../environment.yml"
    params:
        timezone=of("timezone"),
        bootstrap=STUDY.models["bootstrap"],
        seed=STUDY.models["seed"],
    message:
        "models {wildcards.campaign}: rhythm and the operator's clock, from counts"
    script:
        "../scripts/measure_rhythm_of_counts.py"


rule measure_accounts:
    input:
        tweets=rules.clean_archive.output.tweets,
        accounts=rules.clean_archive.output.accounts,
        code=code("measure_accounts.py"),
    output:
        accounts="<results>/{campaign}/models/accounts.csv",
        bursts="<results>/{campaign}/models/creation_bursts.csv",
        lorenz="<results>/{campaign}/models/lorenz.csv",
        notes="<results>/{campaign}/models/accounts_notes.csv",
    log:
        "<logs>/models/{campaign}_accounts.log",
    benchmark:
        "<benchmarks>/models/{campaign}_accounts.tsv"
    wildcard_constraints:
        campaign=only_with("tweets"),
    conda:
        "../../environment.yml"
    params:
        min_accounts=STUDY.min_accounts,
        bootstrap=STUDY.models["bootstrap"],
        seed=STUDY.models["seed"],
    message:
        "models {wildcards.campaign}: accounts, their creation and activity"
    script:
        "../scripts/measure_accounts.py"


rule measure_account_table:
    input:
        accounts=of("accounts"),
        code=code("measure_account_table.py"),
    output:
        accounts=rules.measure_accounts.output.accounts,
        bursts=rules.measure_accounts.output.bursts,
        lorenz=rules.measure_accounts.output.lorenz,
        notes=rules.measure_accounts.output.notes,
    log:
        "<logs>/models/{campaign}_account_table.log",
    benchmark:
        "<benchmarks>/models/{campaign}_account_table.tsv"
    wildcard_constraints:
        campaign=only_with("accounts"),
    conda:
        "../../environment.yml"
    params:
        min_accounts=STUDY.min_accounts,
        bootstrap=STUDY.models["bootstrap"],
        seed=STUDY.models["seed"],
    message:
        "models {wildcards.campaign}: creation of accounts, from their table"
    script:
        "../scripts/measure_account_table.py"


rule write_findings:
    input:
        daily=rules.count_posts.output.daily,
        events=rules.place_news.output.events,
        calibration=STUDY.calibration,
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
