# provenance: check that results identify nobody, and record where every result comes from.


rule guard_privacy:
    input:
        results=results_of_study,
        receipts=of_all(rules.fetch_archive.output.receipt, "tweets"),
        tweets=of_all(rules.clean_archive.output.tweets, "tweets"),
        archives=archives_of(campaigns_with("tweets")),
        between=files_between,
        given=local([*given_words(), LOCK]),
        reduced=local("resources/embedded/reduced.csv"),
        code=code("guard_privacy.py"),
    output:
        table="<results>/privacy.csv",
    log:
        "<logs>/privacy.log",
    benchmark:
        "<benchmarks>/privacy.tsv"
    conda:
        "../../environment.yml"
    params:
        campaigns=campaigns_with("tweets"),
        min_accounts=STUDY.min_accounts,
        refused={
            name: [
                *STUDY.campaigns[name].local_files("tweets", "users"),
                f"{DATA}/raw/{name}",
            ]
            for name in all_campaigns_with("tweets")
            if name in LEFT_OUT
        },
        words=as_is(
            [STUDY.name, STUDY.title, *STUDY.campaigns]
            + [campaign.source for campaign in STUDY.campaigns.values()]
        ),
    message:
        "privacy: no text, name or identifier in any result"
    script:
        "../scripts/guard_privacy.py"


rule write_manifest:
    input:
        results=results_of_study,
        privacy=rules.guard_privacy.output.table,
        between=files_between,
        archives=archives_of(campaigns_with("tweets")),
        rules=local(sorted(Path("workflow/rules").glob("*.smk"))),
        citation=local("CITATION.cff"),
        workflow=local("Snakefile"),
        code=code("write_manifest.py"),
    output:
        manifest="<results>/manifest.json",
        crate="<results>/ro-crate-metadata.json",
        workflow="<results>/Snakefile",
        record="<logs>/run_record.json",
    log:
        "<logs>/manifest.log",
    benchmark:
        "<benchmarks>/manifest.tsv"
    conda:
        "../../environment.yml"
    params:
        settings=dates_as_text(config),
        resolved=hide_secrets(asdict(STUDY)),
        title=as_is(STUDY.title),
    message:
        "provenance: the manifest of all results, and an RO-Crate"
    script:
        "../scripts/write_manifest.py"
