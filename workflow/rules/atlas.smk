# atlas: compare the campaigns of a study, and find what they have in common. Each campaign
# contributes its own tables and a sketch of its posts, so adding a campaign leaves those of the
# others unchanged.


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
        summary=of_all(rules.describe_posts.output.summary, "countable"),
        rhythm=of_all(rules.measure_rhythm.output.rhythm, "countable"),
        effects=of_all(rules.fit_event_study.output.effects, "countable"),
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
        with_posts=campaigns_with("tweets"),
        with_accounts=campaigns_with("countable", "accounts"),
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
