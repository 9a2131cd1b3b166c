# fetch: get a campaign's files, prove what they are, and write a receipt.


rule fetch_archive:
    message:
        "fetch {wildcards.campaign}: files checked, sha256 in the receipt"
    wildcard_constraints:
        campaign=only_with("tweets"),
    input:
        local=local_files("tweets", "users"),
        code=code("fetch_archive.py"),
    output:
        receipt="<data>/raw/{campaign}/receipt.csv",
    params:
        tweets=of("tweets"),
        users=of("users"),
    log:
        "<logs>/fetch/{campaign}.log",
    benchmark:
        "<benchmarks>/fetch/{campaign}.tsv"
    script:
        "../scripts/fetch_archive.py"
