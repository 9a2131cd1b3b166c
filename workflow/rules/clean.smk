# clean: typed rows from the archive, every row accounted for, and the checks they must pass.


rule clean_archive:
    input:
        receipt=rules.fetch_archive.output.receipt,
        local=local_files("tweets", "users"),
        topics=local(STUDY.topics_file),
        formats=local("resources/formats.yaml"),
        code=code("clean_archive.py"),
    output:
        tweets="<data>/clean/{campaign}/tweets.parquet",
        accounts="<data>/clean/{campaign}/accounts.parquet",
        quarantine="<data>/clean/{campaign}/quarantine.csv",
        accounting="<results>/{campaign}/clean/accounting.csv",
    log:
        "<logs>/clean/{campaign}.log",
    benchmark:
        "<benchmarks>/clean/{campaign}.tsv"
    wildcard_constraints:
        campaign=only_with("tweets"),
    conda:
        "../../environment.yml"
    resources:
        runtime=time_to_clean,
    params:
        timezone=of("timezone"),
        topics=of("topics"),
    message:
        "clean {wildcards.campaign}: typed rows, every row accounted for"
    script:
        "../scripts/clean_archive.py"


rule check_archive:
    input:
        tweets=rules.clean_archive.output.tweets,
        accounts=rules.clean_archive.output.accounts,
        code=code("check_archive.py"),
    output:
        checks="<results>/{campaign}/clean/checks.csv",
    log:
        "<logs>/clean/{campaign}_checks.log",
    benchmark:
        "<benchmarks>/clean/{campaign}_checks.tsv"
    wildcard_constraints:
        campaign=only_with("tweets"),
    conda:
        "../../environment.yml"
    params:
        window=of("window"),
        published=of("published"),
    message:
        "clean {wildcards.campaign}: checks of the rows, the accounts and the window"
    script:
        "../scripts/check_archive.py"
