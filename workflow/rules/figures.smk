# figures: each is a function of tables, drawn as pdf, svg and png, with the csv of what is drawn
# and a json of its title, caption and alternative text.


rule draw_volume:
    input:
        daily=rules.count_posts.output.daily,
        events=rules.place_news.output.events,
        attention=rules.place_news.output.attention,
        change_points=rules.find_change_points.output.change_points,
        topics=local(STUDY.topics_file),
        code=code("draw_volume.py"),
    output:
        **figure("volume"),
    log:
        "<logs>/figures/{campaign}_volume.log",
    benchmark:
        "<benchmarks>/figures/{campaign}_volume.tsv"
    conda:
        "../../environment.yml"
    params:
        timezone=of("timezone"),
        model_window=of("model_window"),
        source=of("source"),
    message:
        "figures {wildcards.campaign}: daily volume against the news"
    script:
        "../scripts/draw_volume.py"


rule draw_event_study:
    input:
        path=rules.fit_event_study.output.path,
        bands=rules.fit_event_study.output.bands,
        effects=rules.fit_event_study.output.effects,
        notes=rules.fit_event_study.output.notes,
        events=rules.place_news.output.events,
        code=code("draw_event_study.py"),
    output:
        **figure("event_study"),
    log:
        "<logs>/figures/{campaign}_event_study.log",
    benchmark:
        "<benchmarks>/figures/{campaign}_event_study.tsv"
    conda:
        "../../environment.yml"
    params:
        source=of("source"),
    message:
        "figures {wildcards.campaign}: posting around events"
    script:
        "../scripts/draw_event_study.py"


rule draw_interrupted:
    input:
        terms=rules.fit_interrupted.output.terms,
        paths=rules.fit_interrupted.output.paths,
        notes=rules.fit_interrupted.output.notes,
        events=rules.place_news.output.events,
        code=code("draw_interrupted.py"),
    output:
        **figure("interrupted"),
    log:
        "<logs>/figures/{campaign}_interrupted.log",
    benchmark:
        "<benchmarks>/figures/{campaign}_interrupted.tsv"
    conda:
        "../../environment.yml"
    params:
        source=of("source"),
    message:
        "figures {wildcards.campaign}: before and after each event"
    script:
        "../scripts/draw_interrupted.py"


rule draw_rhythm:
    input:
        hour_weekday=rules.describe_posts.output.hour_weekday,
        clock=rules.measure_rhythm.output.clock,
        rhythm=rules.measure_rhythm.output.rhythm,
        code=code("draw_rhythm.py"),
    output:
        **figure("rhythm"),
    log:
        "<logs>/figures/{campaign}_rhythm.log",
    benchmark:
        "<benchmarks>/figures/{campaign}_rhythm.tsv"
    conda:
        "../../environment.yml"
    params:
        timezone=of("timezone"),
        source=of("source"),
    message:
        "figures {wildcards.campaign}: posts by hour and weekday"
    script:
        "../scripts/draw_rhythm.py"


rule draw_accounts:
    input:
        account_months=rules.describe_posts.output.account_months,
        bursts=rules.measure_accounts.output.bursts,
        dormancy=rules.measure_accounts.output.dormancy,
        lorenz=rules.measure_accounts.output.lorenz,
        accounts=rules.measure_accounts.output.accounts,
        code=code("draw_accounts.py"),
    output:
        **figure("accounts"),
    log:
        "<logs>/figures/{campaign}_accounts.log",
    benchmark:
        "<benchmarks>/figures/{campaign}_accounts.tsv"
    conda:
        "../../environment.yml"
    params:
        source=of("source"),
    message:
        "figures {wildcards.campaign}: creation of accounts"
    script:
        "../scripts/draw_accounts.py"


rule draw_hashtags:
    input:
        table=rules.describe_posts.output.hashtags,
        code=code("draw_names.py"),
    output:
        **figure("hashtags"),
    log:
        "<logs>/figures/{campaign}_hashtags.log",
    benchmark:
        "<benchmarks>/figures/{campaign}_hashtags.tsv"
    conda:
        "../../environment.yml"
    params:
        what="hashtag",
        unit=lambda wildcards: "posts" if of("tweets")(wildcards) else "uses",
        min_accounts=STUDY.min_accounts,
        source=of("source"),
    message:
        "figures {wildcards.campaign}: most frequent hashtags"
    script:
        "../scripts/draw_names.py"


rule draw_clients:
    input:
        table=rules.describe_posts.output.clients,
        code=code("draw_names.py"),
    output:
        **figure("clients"),
    log:
        "<logs>/figures/{campaign}_clients.log",
    benchmark:
        "<benchmarks>/figures/{campaign}_clients.tsv"
    conda:
        "../../environment.yml"
    params:
        what="client",
        unit="posts",
        min_accounts=STUDY.min_accounts,
        source=of("source"),
    message:
        "figures {wildcards.campaign}: most frequent clients"
    script:
        "../scripts/draw_names.py"


rule draw_specification:
    input:
        curve=rules.fit_specification_curve.output.curve,
        test=rules.fit_specification_curve.output.test,
        code=code("draw_specification.py"),
    output:
        **figure("specification"),
    log:
        "<logs>/figures/{campaign}_specification.log",
    benchmark:
        "<benchmarks>/figures/{campaign}_specification.tsv"
    conda:
        "../../environment.yml"
    params:
        source=of("source"),
    message:
        "figures {wildcards.campaign}: the effect under every choice"
    script:
        "../scripts/draw_specification.py"


rule draw_negative_controls:
    input:
        controls=rules.try_negative_controls.output.controls,
        code=code("draw_negative_controls.py"),
    output:
        **figure("negative_controls"),
    log:
        "<logs>/figures/{campaign}_negative_controls.log",
    benchmark:
        "<benchmarks>/figures/{campaign}_negative_controls.tsv"
    conda:
        "../../environment.yml"
    params:
        source=of("source"),
    message:
        "figures {wildcards.campaign}: calendars that should move nothing"
    script:
        "../scripts/draw_negative_controls.py"


rule draw_event_paths:
    input:
        path=rules.fit_event_study.output.path,
        bands=rules.fit_event_study.output.bands,
        events=rules.place_news.output.events,
        code=code("draw_event_paths.py"),
    output:
        **figure("event_paths"),
    log:
        "<logs>/figures/{campaign}_event_paths.log",
    benchmark:
        "<benchmarks>/figures/{campaign}_event_paths.tsv"
    conda:
        "../../environment.yml"
    params:
        source=of("source"),
    message:
        "figures {wildcards.campaign}: posting around each event"
    script:
        "../scripts/draw_event_paths.py"


rule draw_lead_lag:
    input:
        lead_lag=rules.fit_lead_lag.output.lead_lag,
        paths=rules.fit_lead_lag.output.paths,
        code=code("draw_lead_lag.py"),
    output:
        **figure("lead_lag"),
    log:
        "<logs>/figures/{campaign}_lead_lag.log",
    benchmark:
        "<benchmarks>/figures/{campaign}_lead_lag.tsv"
    conda:
        "../../environment.yml"
    params:
        source=of("source"),
    message:
        "figures {wildcards.campaign}: posting and the news, which came first"
    script:
        "../scripts/draw_lead_lag.py"


rule draw_campaigns:
    input:
        daily=of_all(rules.count_posts.output.daily, "countable"),
        code=code("draw_campaigns.py"),
    output:
        **figure("campaigns", "<results>", "All campaigns"),
    log:
        "<logs>/figures/campaigns.log",
    benchmark:
        "<benchmarks>/figures/campaigns.tsv"
    conda:
        "../../environment.yml"
    params:
        windows={
            name: STUDY.campaigns[name].model_window
            for name in campaigns_with("countable")
        },
        campaigns=len(campaigns_with()),
    message:
        "figures: all campaigns side by side"
    script:
        "../scripts/draw_campaigns.py"
