# describe: summarise each campaign in small tables that identify no one.


rule describe_posts:
    input:
        tweets=rules.clean_archive.output.tweets,
        accounts=rules.clean_archive.output.accounts,
        topics=local(STUDY.topics_file),
        code=code("describe_posts.py"),
    output:
        summary="<results>/{campaign}/describe/summary.csv",
        languages="<results>/{campaign}/describe/languages.csv",
        clients="<results>/{campaign}/describe/clients.csv",
        hashtags="<results>/{campaign}/describe/hashtags.csv",
        topics="<results>/{campaign}/describe/topics.csv",
        account_months="<results>/{campaign}/describe/account_creation_monthly.csv",
        hour_weekday="<results>/{campaign}/describe/hour_weekday.csv",
    log:
        "<logs>/describe/{campaign}.log",
    benchmark:
        "<benchmarks>/describe/{campaign}.tsv"
    wildcard_constraints:
        campaign=only_with("tweets"),
    conda:
        "../../environment.yml"
    params:
        timezone=of("timezone"),
        topics=of("topics"),
        min_accounts=STUDY.min_accounts,
    message:
        "describe {wildcards.campaign}: languages, clients, hashtags, accounts, rhythm"
    script:
        "../scripts/describe_posts.py"


rule describe_counts:
    input:
        counts=local_file("counts"),
        code=code("describe_counts.py"),
    output:
        summary=same(rules.describe_posts.output.summary),
        languages=same(rules.describe_posts.output.languages),
        hour_weekday=same(rules.describe_posts.output.hour_weekday),
    log:
        "<logs>/describe/{campaign}_counts.log",
    benchmark:
        "<benchmarks>/describe/{campaign}_counts.tsv"
    wildcard_constraints:
        campaign=only_with("counts"),
    conda:
        "../../environment.yml"
    params:
        timezone=of("timezone"),
    message:
        "describe {wildcards.campaign}: languages and rhythm, from counts"
    script:
        "../scripts/describe_counts.py"


rule describe_account_table:
    input:
        accounts=local_file("accounts"),
        code=code("describe_account_table.py"),
    output:
        account_months=same(rules.describe_posts.output.account_months),
    log:
        "<logs>/describe/{campaign}_accounts.log",
    benchmark:
        "<benchmarks>/describe/{campaign}_accounts.tsv"
    wildcard_constraints:
        campaign=only_with("accounts"),
    conda:
        "../../environment.yml"
    params:
        timezone=of("timezone"),
        min_accounts=STUDY.min_accounts,
    message:
        "describe {wildcards.campaign}: account creation, from an account table"
    script:
        "../scripts/describe_account_table.py"


rule describe_hashtag_totals:
    input:
        totals=local_file("hashtags"),
        code=code("describe_hashtag_totals.py"),
    output:
        hashtags=same(rules.describe_posts.output.hashtags),
    log:
        "<logs>/describe/{campaign}_hashtags.log",
    benchmark:
        "<benchmarks>/describe/{campaign}_hashtags.tsv"
    wildcard_constraints:
        campaign=only_with("hashtags"),
    conda:
        "../../environment.yml"
    params:
        min_uses=STUDY.min_accounts,
    message:
        "describe {wildcards.campaign}: hashtags, from their totals"
    script:
        "../scripts/describe_hashtag_totals.py"
