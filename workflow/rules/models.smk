# models: does posting volume move with the news? Each estimate with its interval, and notes on
# what could not be estimated and why. The column `calibrated` says which estimates to trust.

for one in MODELS:

    rule:
        name:
            f"fit_{one.name}"
        input:
            **also_read(one),
            daily=rules.count_posts.output.daily,
            events=rules.place_news.output.events,
            window=rules.place_news.output.window,
            code=code("fit_model.py", one.module),
        output:
            **{
                key: f"<results>/{{campaign}}/{name}"
                for key, name in one.tables.items()
            },
        log:
            f"<logs>/models/{{campaign}}_{one.name}.log",
        benchmark:
            f"<benchmarks>/models/{{campaign}}_{one.name}.tsv"
        conda:
            "../../environment.yml"
        params:
            module=one.module,
            calibrated=one.calibrated,
            settings={name: SETTINGS[name] for name in one.settings},
            options={name: STUDY.models[name] for name in one.options},
            seed=STUDY.models["seed"] if one.random else None,
        message:
            f"models {{wildcards.campaign}}: {one.about}"
        script:
            "../scripts/fit_model.py"


rule write_findings:
    input:
        daily=rules.count_posts.output.daily,
        events=rules.place_news.output.events,
        window=rules.place_news.output.window,
        calibration=local(STUDY.calibration),
        models=[
            table
            for one in MODELS
            for table in getattr(rules, f"fit_{one.name}").output
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
        tables=[name for one in MODELS for name in one.tables.values()],
    message:
        "models {wildcards.campaign}: findings in sentences"
    script:
        "../scripts/write_findings.py"


# Who posts and when: from the posts if they are available, otherwise from counts or accounts.


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
