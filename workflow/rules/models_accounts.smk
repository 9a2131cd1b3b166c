# models, of who posts and when: the rhythm of posting and the operator's clock, the accounts'
# creation and activity. From the posts where they are known, else from what is (counts, accounts).


rule measure_rhythm:
    input:
        tweets=rules.clean_archive.output.tweets,
        daily=rules.count_posts.output.daily,
        code=code("measure_rhythm.py"),
    output:
        rhythm="<results>/{campaign}/models/rhythm.csv",
        clock="<results>/{campaign}/models/operators_clock.csv",
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
        counts=local_file("counts"),
        daily=rules.count_posts.output.daily,
        code=code("measure_rhythm_of_counts.py"),
    output:
        rhythm=same(rules.measure_rhythm.output.rhythm),
        clock=same(rules.measure_rhythm.output.clock),
        notes=same(rules.measure_rhythm.output.notes),
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
        dormancy="<results>/{campaign}/models/dormancy.csv",
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
        accounts=local_file("accounts"),
        code=code("measure_account_table.py"),
    output:
        accounts=same(rules.measure_accounts.output.accounts),
        bursts=same(rules.measure_accounts.output.bursts),
        lorenz=same(rules.measure_accounts.output.lorenz),
        dormancy=same(rules.measure_accounts.output.dormancy),
        notes=same(rules.measure_accounts.output.notes),
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
