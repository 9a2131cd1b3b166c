# clean: typed rows from the archive, every row accounted for.


rule clean_archive:
    input:
        receipt=rules.fetch_archive.output.receipt,
        local=local_files("tweets", "users"),
        topics="resources/topics.yaml",
        code=code("clean_archive.py"),
    output:
        tweets="<data>/clean/{campaign}/tweets.parquet",
        accounts="<data>/clean/{campaign}/accounts.parquet",
        quarantine="<data>/clean/{campaign}/quarantine.csv",
        accounting="<results>/{campaign}/clean/accounting.csv",
        checks="<results>/{campaign}/clean/checks.csv",
    log:
        "<logs>/clean/{campaign}.log",
    benchmark:
        "<benchmarks>/clean/{campaign}.tsv"
    wildcard_constraints:
        campaign=only_with("tweets"),
    params:
        timezone=of("timezone"),
        window=of("window"),
        published=of("published"),
        topics=of("topics"),
    message:
        "clean {wildcards.campaign}: typed rows, every row accounted for"
    conda:
        "../../environment.yml"
    script:
        "../scripts/clean_archive.py"
