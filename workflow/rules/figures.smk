# figures: each is a function of tables, drawn as pdf, svg and png, with the csv of what is drawn
# and a json of its title, caption and alternative text.


rule draw_volume:
    input:
        daily=rules.count_posts.output.daily,
        events=rules.place_news.output.events,
        attention=rules.place_news.output.attention,
        change_points=rules.find_change_points.output.change_points,
        topics=STUDY.topics_file,
        code=code("draw_volume.py"),
    output:
        pdf="<results>/{campaign}/figures/volume.pdf",
        svg=report(
            "<results>/{campaign}/figures/volume.svg",
            caption="../report/figure.rst",
            category="{campaign}",
            labels=dict(figure="volume"),
        ),
        png="<results>/{campaign}/figures/volume.png",
        csv="<results>/{campaign}/figures/volume.csv",
        json="<results>/{campaign}/figures/volume.json",
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
        pdf="<results>/{campaign}/figures/event_study.pdf",
        svg=report(
            "<results>/{campaign}/figures/event_study.svg",
            caption="../report/figure.rst",
            category="{campaign}",
            labels=dict(figure="event_study"),
        ),
        png="<results>/{campaign}/figures/event_study.png",
        csv="<results>/{campaign}/figures/event_study.csv",
        json="<results>/{campaign}/figures/event_study.json",
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
        pdf="<results>/{campaign}/figures/interrupted.pdf",
        svg=report(
            "<results>/{campaign}/figures/interrupted.svg",
            caption="../report/figure.rst",
            category="{campaign}",
            labels=dict(figure="interrupted"),
        ),
        png="<results>/{campaign}/figures/interrupted.png",
        csv="<results>/{campaign}/figures/interrupted.csv",
        json="<results>/{campaign}/figures/interrupted.json",
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
        pdf="<results>/{campaign}/figures/rhythm.pdf",
        svg=report(
            "<results>/{campaign}/figures/rhythm.svg",
            caption="../report/figure.rst",
            category="{campaign}",
            labels=dict(figure="rhythm"),
        ),
        png="<results>/{campaign}/figures/rhythm.png",
        csv="<results>/{campaign}/figures/rhythm.csv",
        json="<results>/{campaign}/figures/rhythm.json",
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
        pdf="<results>/{campaign}/figures/accounts.pdf",
        svg=report(
            "<results>/{campaign}/figures/accounts.svg",
            caption="../report/figure.rst",
            category="{campaign}",
            labels=dict(figure="accounts"),
        ),
        png="<results>/{campaign}/figures/accounts.png",
        csv="<results>/{campaign}/figures/accounts.csv",
        json="<results>/{campaign}/figures/accounts.json",
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
        pdf="<results>/{campaign}/figures/hashtags.pdf",
        svg=report(
            "<results>/{campaign}/figures/hashtags.svg",
            caption="../report/figure.rst",
            category="{campaign}",
            labels=dict(figure="hashtags"),
        ),
        png="<results>/{campaign}/figures/hashtags.png",
        csv="<results>/{campaign}/figures/hashtags.csv",
        json="<results>/{campaign}/figures/hashtags.json",
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
        pdf="<results>/{campaign}/figures/clients.pdf",
        svg=report(
            "<results>/{campaign}/figures/clients.svg",
            caption="../report/figure.rst",
            category="{campaign}",
            labels=dict(figure="clients"),
        ),
        png="<results>/{campaign}/figures/clients.png",
        csv="<results>/{campaign}/figures/clients.csv",
        json="<results>/{campaign}/figures/clients.json",
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
        pdf="<results>/{campaign}/figures/specification.pdf",
        svg=report(
            "<results>/{campaign}/figures/specification.svg",
            caption="../report/figure.rst",
            category="{campaign}",
            labels=dict(figure="specification"),
        ),
        png="<results>/{campaign}/figures/specification.png",
        csv="<results>/{campaign}/figures/specification.csv",
        json="<results>/{campaign}/figures/specification.json",
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
        pdf="<results>/{campaign}/figures/negative_controls.pdf",
        svg=report(
            "<results>/{campaign}/figures/negative_controls.svg",
            caption="../report/figure.rst",
            category="{campaign}",
            labels=dict(figure="negative_controls"),
        ),
        png="<results>/{campaign}/figures/negative_controls.png",
        csv="<results>/{campaign}/figures/negative_controls.csv",
        json="<results>/{campaign}/figures/negative_controls.json",
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
        pdf="<results>/{campaign}/figures/event_paths.pdf",
        svg=report(
            "<results>/{campaign}/figures/event_paths.svg",
            caption="../report/figure.rst",
            category="{campaign}",
            labels=dict(figure="event_paths"),
        ),
        png="<results>/{campaign}/figures/event_paths.png",
        csv="<results>/{campaign}/figures/event_paths.csv",
        json="<results>/{campaign}/figures/event_paths.json",
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
        pdf="<results>/{campaign}/figures/lead_lag.pdf",
        svg=report(
            "<results>/{campaign}/figures/lead_lag.svg",
            caption="../report/figure.rst",
            category="{campaign}",
            labels=dict(figure="lead_lag"),
        ),
        png="<results>/{campaign}/figures/lead_lag.png",
        csv="<results>/{campaign}/figures/lead_lag.csv",
        json="<results>/{campaign}/figures/lead_lag.json",
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
        daily=expand(
            rules.count_posts.output.daily, campaign=campaigns_with("countable")
        ),
        code=code("draw_campaigns.py"),
    output:
        pdf="<results>/figures/campaigns.pdf",
        svg=report(
            "<results>/figures/campaigns.svg",
            caption="../report/figure.rst",
            category="All campaigns",
            labels=dict(figure="campaigns"),
        ),
        png="<results>/figures/campaigns.png",
        csv="<results>/figures/campaigns.csv",
        json="<results>/figures/campaigns.json",
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
        campaigns=len(STUDY.campaigns),
    message:
        "figures: all campaigns side by side"
    script:
        "../scripts/draw_campaigns.py"
