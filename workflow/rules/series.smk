# series: posts per local day, with the news events and attention of the same days.


rule count_posts:
    input:
        tweets=rules.clean_archive.output.tweets,
        checks=rules.check_archive.output.checks,
        languages=rules.describe_posts.output.languages,
        topics=local(STUDY.topics_file),
        code=code("count_posts.py"),
    output:
        daily="<results>/{campaign}/series/daily.csv",
        variants="<results>/{campaign}/series/variants.csv",
    log:
        "<logs>/series/{campaign}.log",
    benchmark:
        "<benchmarks>/series/{campaign}.tsv"
    wildcard_constraints:
        campaign=only_with("tweets"),
    conda:
        "../../environment.yml"
    params:
        window=of("window"),
        topics=of("topics"),
    message:
        "series {wildcards.campaign}: posts per local day"
    script:
        "../scripts/count_posts.py"


rule count_minutes:
    input:
        counts=local_file("counts"),
        code=code("count_minutes.py"),
    output:
        daily=same(rules.count_posts.output.daily),
        variants=same(rules.count_posts.output.variants),
    log:
        "<logs>/series/{campaign}_counts.log",
    benchmark:
        "<benchmarks>/series/{campaign}_counts.tsv"
    wildcard_constraints:
        campaign=only_with("counts"),
    conda:
        "../../environment.yml"
    params:
        timezone=of("timezone"),
        window=of("window"),
    message:
        "series {wildcards.campaign}: posts per local day, from counts"
    script:
        "../scripts/count_minutes.py"


rule place_news:
    input:
        daily=rules.count_posts.output.daily,
        events=local_files("events"),
        attention=local_files("attention"),
        code=code("place_news.py"),
    output:
        events="<results>/{campaign}/series/events.csv",
        attention="<results>/{campaign}/series/attention.csv",
        window="<results>/{campaign}/series/estimation_window.csv",
    log:
        "<logs>/series/{campaign}_news.log",
    benchmark:
        "<benchmarks>/series/{campaign}_news.tsv"
    conda:
        "../../environment.yml"
    params:
        event_topics=of("event_topics"),
        model_window=of("model_window"),
    message:
        "series {wildcards.campaign}: news events and attention beside the posts"
    script:
        "../scripts/place_news.py"
