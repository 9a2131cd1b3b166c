# notebooks: execute each course notebook on the study's tables, and render it as a page.


rule run_notebook:
    input:
        notebook=local("notebooks/{notebook}.ipynb"),
        tables=tables_of_notebook,
        code=code("run_notebook.py"),
        own_code=code_of_notebook,
        template=local(multiext("workflow/templates/", "notebook.html.j2", "page.css")),
    output:
        notebook="<results>/notebooks/{notebook}.ipynb",
        page=report(
            "<results>/notebooks/{notebook}.html",
            caption="../report/notebook.rst",
            category="Course",
            labels={"notebook": "{notebook}"},
        ),
    log:
        "<logs>/notebooks/{notebook}.log",
    benchmark:
        "<benchmarks>/notebooks/{notebook}.tsv"
    wildcard_constraints:
        notebook="|".join(COURSE) or "(?!)",
    conda:
        "../../environment.yml"
    params:
        others=COURSE,
    message:
        "notebooks: {wildcards.notebook}"
    script:
        "../scripts/run_notebook.py"
