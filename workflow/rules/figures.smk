# figures: each is an entry of takedown/figures/registry.py, drawn from tables as pdf, svg and png,
# with the csv of what is drawn and a json of its title, caption and alternative text.

for one in FIGURES:
    if not one.across:

        rule:
            name:
                f"draw_{one.name}"
            input:
                **tables_of(one),
                code=code_of(one),
            output:
                **figure(one.name),
            log:
                f"<logs>/figures/{{campaign}}_{one.name}.log",
            benchmark:
                f"<benchmarks>/figures/{{campaign}}_{one.name}.tsv"
            conda:
                "../../environment.yml"
            params:
                module=one.drawn_by,
                title=one.title,
                caption=as_is(one.caption),
                settings=settings_of(one),
            message:
                f"figures {{wildcards.campaign}}: {one.step}"
            script:
                "../scripts/draw_figure.py"


# Drawn once per study, of all campaigns together.
for one in FIGURES:
    if one.across:

        rule:
            name:
                f"draw_{one.name}"
            input:
                **tables_of(one),
                code=code_of(one),
            output:
                **figure(one.name, "<results>", "All campaigns"),
            log:
                f"<logs>/figures/{one.name}.log",
            benchmark:
                f"<benchmarks>/figures/{one.name}.tsv"
            conda:
                "../../environment.yml"
            params:
                module=one.drawn_by,
                title=one.title,
                caption=as_is(one.caption),
                settings=settings_of(one),
                campaigns=compared(one),
            message:
                f"figures: {one.step}"
            script:
                "../scripts/draw_figure.py"
