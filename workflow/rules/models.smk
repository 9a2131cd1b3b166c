# models: does posting volume move with the news? Each estimate with its interval, and notes on
# what could not be estimated and why.


rule fit_event_study:
    input:
        daily=rules.count_posts.output.daily,
        events=rules.place_news.output.events,
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
        model_window=of("model_window"),
        lead_days=STUDY.models["lead_days"],
        lag_days=STUDY.models["lag_days"],
        trend_days=STUDY.models["trend_days"],
        hac_days=STUDY.models["hac_days"],
    message:
        "models {wildcards.campaign}: event study"
    script:
        "../scripts/fit_event_study.py"


rule draw_placebo_calendars:
    input:
        daily=rules.count_posts.output.daily,
        events=rules.place_news.output.events,
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
        model_window=of("model_window"),
        draws=STUDY.models["draws"],
        trend_days=STUDY.models["trend_days"],
        seed=STUDY.models["seed"],
    message:
        "models {wildcards.campaign}: placebo calendars"
    script:
        "../scripts/draw_placebo_calendars.py"


rule fit_interrupted:
    input:
        daily=rules.count_posts.output.daily,
        events=rules.place_news.output.events,
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
        model_window=of("model_window"),
        side_days=STUDY.models["interrupted_days"],
        hac_days=STUDY.models["hac_days"],
    message:
        "models {wildcards.campaign}: interrupted time series"
    script:
        "../scripts/fit_interrupted.py"


rule find_change_points:
    input:
        daily=rules.count_posts.output.daily,
        events=rules.place_news.output.events,
        code=code("find_change_points.py"),
    output:
        change_points="<results>/{campaign}/models/change_points.csv",
        notes="<results>/{campaign}/models/change_points_notes.csv",
    log:
        "<logs>/models/{campaign}_change_points.log",
    benchmark:
        "<benchmarks>/models/{campaign}_change_points.tsv"
    conda:
        "../../environment.yml"
    params:
        model_window=of("model_window"),
        bootstrap=STUDY.models["bootstrap"],
        seed=STUDY.models["seed"],
    message:
        "models {wildcards.campaign}: change points"
    script:
        "../scripts/find_change_points.py"
