# claims: recompute what others have published about the study's campaigns, and judge each claim.


rule check_claims:
    input:
        claims=local(STUDY.claims),
        charts=local([claim.chart for claim in CLAIMS if claim.bars]),
        receipts=each(rules.fetch_archive.output.receipt, campaign=claimed("tweets")),
        tweets=each(rules.clean_archive.output.tweets, campaign=claimed("tweets")),
        accounts=each(rules.clean_archive.output.accounts, campaign=claimed("tweets")),
        archives=archives_of(claimed("tweets")),
        counts=local([STUDY.campaigns[name].counts for name in claimed("counts")]),
        reduced=local("resources/embedded/reduced.csv"),
        template=local(multiext("workflow/templates/", "claims.html.j2", "page.css")),
        code=code("check_claims.py"),
    output:
        claims="<results>/claims.csv",
        charts="<results>/claims_charts.csv",
        page=report(
            "<results>/claims.html", caption="../report/claims.rst", category="Page"
        ),
    log:
        "<logs>/claims.log",
    benchmark:
        "<benchmarks>/claims.tsv"
    conda:
        "../../environment.yml"
    params:
        title=as_is(STUDY.title),
        campaigns=claimed(),
        tweets=claimed("tweets"),
        counts=claimed("counts"),
        topics={name: topics_of(name) for name in claimed("tweets")},
    message:
        "claims: published values computed again"
    script:
        "../scripts/check_claims.py"
