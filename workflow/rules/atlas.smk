# atlas: the campaigns of a study side by side, and what they have in common. Each campaign enters by
# its own tables and a sketch of its posts, so that one more campaign leaves the others as they are.


rule sketch_behaviour:
    input:
        tweets=rules.clean_archive.output.tweets,
        code=code("sketch_behaviour.py"),
    output:
        sketch="<data>/clean/{campaign}/sketch.csv",
    log:
        "<logs>/atlas/{campaign}_sketch.log",
    benchmark:
        "<benchmarks>/atlas/{campaign}_sketch.tsv"
    wildcard_constraints:
        campaign=only_with("tweets"),
    conda:
        "../../environment.yml"
    params:
        min_accounts=STUDY.min_accounts,
    message:
        "atlas {wildcards.campaign}: a sketch of hashtags, retweets and links"
    script:
        "../scripts/sketch_behaviour.py"


rule compare_behaviour:
    input:
        sketches=of_all(rules.sketch_behaviour.output.sketch, "tweets"),
        code=code("compare_behaviour.py"),
    output:
        similarity="<results>/atlas/similarity.csv",
    log:
        "<logs>/atlas/similarity.log",
    benchmark:
        "<benchmarks>/atlas/similarity.tsv"
    conda:
        "../../environment.yml"
    params:
        campaigns=campaigns_with("tweets"),
    message:
        "atlas: what campaigns have in common"
    script:
        "../scripts/compare_behaviour.py"


rule profile_campaigns:
    input:
        tables=of_all(
            [
                rules.describe_posts.output.summary,
                rules.measure_rhythm.output.rhythm,
                rules.fit_event_study.output.effects,
            ],
            "countable",
        ),
        accounts=of_all(rules.measure_accounts.output.accounts, "tweets"),
        account_tables=of_all(
            rules.measure_account_table.output.accounts, "countable", "accounts"
        ),
        code=code("profile_campaigns.py"),
    output:
        profiles="<results>/atlas/campaigns.csv",
    log:
        "<logs>/atlas/profiles.log",
    benchmark:
        "<benchmarks>/atlas/profiles.tsv"
    conda:
        "../../environment.yml"
    params:
        campaigns=campaigns_with("countable"),
    message:
        "atlas: the campaigns in the same quantities"
    script:
        "../scripts/profile_campaigns.py"


rule combine_responses:
    input:
        effects=of_all(rules.fit_event_study.output.effects, "countable"),
        code=code("combine_responses.py"),
    output:
        responses="<results>/atlas/responses.csv",
        combined="<results>/atlas/meta_analysis.csv",
    log:
        "<logs>/atlas/responses.log",
    benchmark:
        "<benchmarks>/atlas/responses.tsv"
    conda:
        "../../environment.yml"
    params:
        calendars={
            name: ", ".join(Path(path).name for path in STUDY.campaigns[name].events)
            for name in campaigns_with("countable")
        },
        seed=STUDY.models["seed"],
    message:
        "atlas: meta-analysis of the response to the news"
    script:
        "../scripts/combine_responses.py"


rule draw_profiles:
    input:
        profiles=rules.profile_campaigns.output.profiles,
        code=code("draw_profiles.py"),
    output:
        **figure("profiles", "<results>", "All campaigns"),
    log:
        "<logs>/figures/profiles.log",
    benchmark:
        "<benchmarks>/figures/profiles.tsv"
    conda:
        "../../environment.yml"
    message:
        "figures: the campaigns in the same quantities"
    script:
        "../scripts/draw_profiles.py"


rule draw_clocks:
    input:
        hours=of_all(rules.describe_posts.output.hour_weekday, "countable"),
        code=code("draw_clocks.py"),
    output:
        **figure("clocks", "<results>", "All campaigns"),
    log:
        "<logs>/figures/clocks.log",
    benchmark:
        "<benchmarks>/figures/clocks.tsv"
    conda:
        "../../environment.yml"
    params:
        zones={
            name: STUDY.campaigns[name].timezone
            for name in campaigns_with("countable")
        },
    message:
        "figures: the hours of posting of all campaigns"
    script:
        "../scripts/draw_clocks.py"


rule draw_responses:
    input:
        responses=rules.combine_responses.output.responses,
        combined=rules.combine_responses.output.combined,
        code=code("draw_responses.py"),
    output:
        **figure("responses", "<results>", "All campaigns"),
    log:
        "<logs>/figures/responses.log",
    benchmark:
        "<benchmarks>/figures/responses.tsv"
    conda:
        "../../environment.yml"
    params:
        campaigns=campaigns_with("countable"),
    message:
        "figures: the response to the news, campaign by campaign"
    script:
        "../scripts/draw_responses.py"


rule draw_similarity:
    input:
        similarity=rules.compare_behaviour.output.similarity,
        code=code("draw_similarity.py"),
    output:
        **figure("similarity", "<results>", "All campaigns"),
    log:
        "<logs>/figures/similarity.log",
    benchmark:
        "<benchmarks>/figures/similarity.tsv"
    conda:
        "../../environment.yml"
    params:
        campaigns=campaigns_with("tweets"),
    message:
        "figures: what campaigns have in common"
    script:
        "../scripts/draw_similarity.py"


rule draw_timeline:
    input:
        daily=of_all(rules.count_posts.output.daily, "countable"),
        events=of_all(rules.place_news.output.events, "countable"),
        code=code("draw_timeline.py"),
    output:
        **figure("timeline", "<results>", "All campaigns"),
    log:
        "<logs>/figures/timeline.log",
    benchmark:
        "<benchmarks>/figures/timeline.tsv"
    conda:
        "../../environment.yml"
    params:
        disclosed={
            name: STUDY.campaigns[name].disclosed
            for name in campaigns_with("countable")
        },
    message:
        "figures: operations and events on one time axis"
    script:
        "../scripts/draw_timeline.py"
