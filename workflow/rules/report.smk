# report: one page with every figure, its caption, sources and limits, and an article.


# The results on each campaign, keyed by the parts that it must have; then those on all campaigns.
ON_CAMPAIGNS = on_campaigns(
    {
        ("countable",): [
            rules.describe_posts.output.summary,
            rules.describe_posts.output.languages,
            rules.describe_posts.output.hour_weekday,
            *rules.count_posts.output,
            *rules.place_news.output,
            *rules.write_findings.input.models,
            *rules.measure_rhythm.output,
            *rules.write_findings.output,
        ],
        ("tweets",): [
            rules.clean_archive.output.accounting,
            rules.check_archive.output.checks,
            *rules.describe_posts.output,
            *rules.measure_accounts.output,
        ],
        ("accounts",): [
            *rules.describe_account_table.output,
            *rules.measure_account_table.output,
        ],
        ("hashtags",): [
            *rules.describe_hashtag_totals.output,
        ],
    }
)
ON_CAMPAIGNS += figures_of_campaigns()
ON_ALL = on_all_campaigns()


rule write_page:
    input:
        shown=reads(ON_CAMPAIGNS, ".json", ".png"),
        overview=reads(ON_ALL, ".json", ".png"),
        claims=rules.check_claims.output.claims,
        template=local(
            multiext("workflow/templates/", "index.html.j2", "page.css", "page.js")
        ),
        topics=local(STUDY.topics_file),
        code=code("write_page.py"),
    output:
        page=report(
            "<results>/index.html", caption="../report/page.rst", category="Page"
        ),
        summary="<results>/summary.txt",
    log:
        "<logs>/report.log",
    benchmark:
        "<benchmarks>/report.tsv"
    conda:
        "../../environment.yml"
    params:
        title=as_is(STUDY.title),
        course=f"notebooks/{COURSE[0]}.html" if COURSE else "",
        campaigns={
            name: dict(
                source=campaign.source,
                timezone=campaign.timezone,
            )
            for name, campaign in STUDY.campaigns.items()
            if name not in LEFT_OUT
        },
        left_out=LEFT_OUT,
    message:
        "report: the page with all figures"
    script:
        "../scripts/write_page.py"


rule write_paper:
    input:
        shown=reads(ON_CAMPAIGNS, ".json", ".png", ".svg"),
        overview=reads(ON_ALL, ".json", ".png", ".svg"),
        claims=rules.check_claims.output.claims,
        calibration=local(STUDY.calibration),
        template=local("workflow/templates/paper.typ"),
        references=local("resources/references.bib"),
        code=code("write_paper.py"),
    output:
        paper=report(
            "<results>/paper.pdf", caption="../report/paper.rst", category="Article"
        ),
    log:
        "<logs>/paper.log",
    benchmark:
        "<benchmarks>/paper.tsv"
    conda:
        "../../environment.yml"
    params:
        **SETTINGS,
        draws=STUDY.models["draws"],
        min_accounts=STUDY.min_accounts,
        title=as_is(STUDY.title),
        campaigns=rules.write_page.params.campaigns,
    message:
        "report: the article"
    script:
        "../scripts/write_paper.py"
