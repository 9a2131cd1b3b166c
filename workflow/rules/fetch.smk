# fetch: get a campaign's files, verify them, and write a receipt.


rule fetch_archive:
    input:
        local=local_files("tweets", "users"),
        checksums=local("resources/embedded/reduced.csv"),
        formats=local("resources/formats.yaml"),
        code=code("fetch_archive.py"),
    output:
        receipt="<data>/raw/{campaign}/receipt.csv",
    log:
        "<logs>/fetch/{campaign}.log",
    benchmark:
        "<benchmarks>/fetch/{campaign}.tsv"
    wildcard_constraints:
        campaign=only_with("tweets"),
    conda:
        "../../environment.yml"
    resources:
        connections=of("downloads"),
    params:
        tweets=open_addresses("tweets"),
        users=open_addresses("users"),
        mirrors=of("mirrors"),
        members=of("members"),
        pins=PINS,
        notice=of("notice"),
        folder=f"{DATA}/raw/{{campaign}}",
    message:
        "fetch {wildcards.campaign}: {params.notice}"
    script:
        "../scripts/fetch_archive.py"
