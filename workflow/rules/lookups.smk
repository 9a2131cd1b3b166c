# Helpers that rules share, to look up campaigns, files, code, models and figures.

from itertools import product

from snakemake.io import flag, get_flag_value
from takedown.figures.registry import CALIBRATION, FIGURES
from takedown.models.registry import MODELS, SETTINGS as NAMES

# The settings that estimates depend on; a calibration applies only if its settings are the same.
SETTINGS = {name: STUDY.models[name] for name in NAMES}


def campaigns_with(*parts):
    """Names of the campaigns that have all ``parts``, except those left out of the study.

    Parts are tweets, counts, accounts, hashtags, countable and attention.
    """
    return [name for name in all_campaigns_with(*parts) if name not in LEFT_OUT]


def all_campaigns_with(*parts):
    """Names of the campaigns that have all ``parts``, including those left out of the study."""
    return [
        name
        for name, campaign in STUDY.campaigns.items()
        if all(getattr(campaign, part) for part in parts)
    ]


def claimed(*parts):
    """Names of the campaigns with all ``parts`` that a published claim is about."""
    about = {name for claim in CLAIMS for name in claim.campaigns}
    return [name for name in campaigns_with(*parts) if name in about]


def of_all(outputs, *parts):
    """The files ``outputs`` of all campaigns with ``parts``, as an input function.

    If given the list itself, Snakemake would process it again for each file in it, which takes
    minutes with 48 campaigns.
    """
    files = each(outputs, campaign=campaigns_with(*parts))
    return lambda wildcards: files


def each(outputs, **wildcards):
    """Like ``expand``, but for outputs of rules, which may be in a bucket.

    As in ``expand``, a string is a single value.
    """
    patterns = [outputs] if isinstance(outputs, str) else outputs
    choices = [
        [values] if isinstance(values, str) else values for values in wildcards.values()
    ]
    files = [
        pattern.apply_wildcards(dict(zip(wildcards, values)))
        for values in product(*choices)
        for pattern in patterns
    ]
    return [same(file) for file in files]


def same(file):
    """A file of another rule as a path flagged with its bucket, which a plain string would lose."""
    bucket = get_flag_value(file, "storage_object")
    return flag(str(file), "storage_object", bucket) if bucket else str(file)


def topics_of(campaign):
    """The topics that a campaign's posts are labelled with."""
    chosen = STUDY.campaigns[campaign].topics
    return sorted(read_topic_names(STUDY.topics_file) if chosen is None else chosen)


def only_with(part):
    """A wildcard constraint for the campaigns that have ``part``; if none has, it never matches."""
    return "|".join(all_campaigns_with(part)) or "(?!)"


def of(key):
    """A function for a rule's params that gives a campaign's setting ``key``."""
    return lambda wildcards: getattr(STUDY.campaigns[wildcards.campaign], key)


def open_addresses(key):
    """The paths and addresses under ``key``, with secrets removed from the addresses."""
    return lambda wildcards: without_secrets(
        getattr(STUDY.campaigns[wildcards.campaign], key)
    )


def as_is(value):
    """``value`` for a rule's params; in a plain string Snakemake takes braces for wildcards."""
    return lambda wildcards: value


def local_file(key):
    """The one file named under ``key``."""
    return lambda wildcards: local(getattr(STUDY.campaigns[wildcards.campaign], key))


def local_files(*keys):
    """The files named under ``keys`` that are not downloaded."""
    return lambda wildcards: brought(
        STUDY.campaigns[wildcards.campaign].local_files(*keys)
    )


def brought(paths):
    """The user's own files as inputs of a rule, whether local or in a bucket."""
    return [storage.s3(path) if in_bucket(path) else local(path) for path in paths]


def time_to_clean(wildcards, input, attempt):
    """Minutes to request for cleaning an archive; a profile cannot know the size of a download."""
    return minutes_to_clean(Path(input.receipt), attempt)


def archives_of(names):
    """The archive files of campaigns, except those that are downloaded."""
    return brought(
        path
        for name in names
        for path in STUDY.campaigns[name].local_files("tweets", "users")
    )


def code(script, *modules):
    """The modules that a script's results depend on, so that an edit re-runs what it affects.

    ``modules`` are those that it loads by name.
    """
    return local(import_closure(WORKFLOW / "scripts" / script, WORKFLOW, modules))


def code_of_notebook(wildcards):
    """The modules that a notebook imports, its own exercises among them."""
    notebook = Path(f"notebooks/{wildcards.notebook}.ipynb")
    return local(notebook_closure(notebook, WORKFLOW))


def tables_of_notebook(wildcards):
    """The study's tables that a notebook reads, and the files it reads from the repository."""
    tables, given = files_read(Path(f"notebooks/{wildcards.notebook}.ipynb"))
    return [f"results/{STUDY.name}/{table}" for table in tables] + local(given)


def foreign_calendars(wildcards):
    """The news calendars of the repository that are not the campaign's own."""
    own = {Path(path).name for path in STUDY.campaigns[wildcards.campaign].events}
    calendars = Path("resources/news").glob("events_*.csv")
    return local(sorted(path.as_posix() for path in calendars if path.name not in own))


#: Suffixes of text files, as opposed to data and pictures.
TEXT_FILES = set(".py .ipynb .smk .yaml .csv .md .rst .j2 .css .js .typ .bib".split())


def on_campaigns(outputs):
    """The files of ``outputs``, a mapping from parts to the outputs for campaigns with them."""
    files = [
        file
        for parts, patterns in outputs.items()
        for file in each(patterns, campaign=campaigns_with(*parts))
    ]
    return list(dict.fromkeys(files))


def reads(results, *kinds):
    """An input function for ``results``; of each figure, only the files of these ``kinds``."""
    files = [
        path for path in results if "/figures/" not in path or path.endswith(kinds)
    ]
    return lambda wildcards: files


def results_of_study(wildcards):
    """All results: page, article, claims, notebooks, and what they are based on."""
    made = [*rules.write_page.output, *rules.write_paper.output]
    made += [*rules.check_claims.output, *ON_CAMPAIGNS, *ON_ALL]
    made += each(rules.run_notebook.output, notebook=COURSE)
    return sorted(set(made))


def files_between(wildcards):
    """Intermediate files, which are not results."""
    parts = [rules.fetch_archive, rules.clean_archive]
    if len(campaigns_with("tweets")) > 1:
        parts.append(rules.sketch_behaviour)
    files = [path for part in parts for path in part.output if "results/" not in path]
    return of_all(files, "tweets")(wildcards)


def given_words():
    """Text files supplied by the workflow and the study, whose words may appear in results."""
    own = [*Path("workflow").rglob("*.*"), *Path("resources").rglob("*.*")]
    own += [Path(f"notebooks/{name}.ipynb") for name in COURSE]
    found = {path.as_posix() for path in own if path.suffix in TEXT_FILES}
    found |= {STUDY.topics_file, STUDY.claims}
    for campaign in STUDY.campaigns.values():
        found |= set(campaign.local_files("events", "attention"))
        found |= set(
            filter(None, (campaign.counts, campaign.accounts, campaign.hashtags))
        )
    return sorted(found)


# Models and figures


def also_read(model):
    """What a model reads in addition to the series and events."""
    known = {
        "attention": rules.place_news.output.attention,
        "variants": rules.count_posts.output.variants,
        "foreign": foreign_calendars,
    }
    found = {name: known[name] for name in model.reads}
    return found | (
        {"calibration": local(STUDY.calibration)} if model.calibrated else {}
    )


def figure(name, folder="<results>/{campaign}", category="{campaign}"):
    """The output files of a figure's rule; Snakemake's own report shows the svg."""
    stem = f"{folder}/figures/{name}"
    files = {kind: f"{stem}.{kind}" for kind in ("pdf", "svg", "png", "csv", "json")}
    caption = f"{workflow.basedir}/workflow/report/figure.rst"
    labels = {"figure": name}
    svg = report(files["svg"], caption=caption, category=category, labels=labels)
    return files | {"svg": svg}


def made(table):
    """The rule output for a table, found by the table's name, such as ``series/daily.csv``."""
    return next(
        file
        for rule in workflow.rules
        for file in getattr(rules, rule.name).output
        if Path(file).parts[-2:] == Path(table).parts
    )


def compared(figure):
    """Names of the campaigns that a figure applies to."""
    return [name for name in campaigns_with() if figure.applies(STUDY.campaigns[name])]


def tables_of(figure):
    """The tables that a figure is drawn from, keyed by the argument of ``draw``.

    For a figure across campaigns, a table of single campaigns becomes the list of all of theirs.
    """
    files = {argument: made(table) for argument, table in figure.tables.items()}
    if not figure.across:
        return files
    names = compared(figure)
    return {
        argument: each(file, campaign=names) if "{campaign}" in file else file
        for argument, file in files.items()
    }


def settings_of(figure):
    """The other arguments of a figure's ``draw``, as params of its rule.

    For a figure across campaigns, a campaign's setting becomes a mapping from campaign to value.
    """
    names = compared(figure)
    of_study = {
        "min_accounts": STUDY.min_accounts,
        "topic_labels": TOPIC_LABELS,
        "in_study": len(campaigns_with()),
        "in_comparison": names,
    }

    def value(key, campaign):
        return (
            campaign if key == "campaign" else getattr(STUDY.campaigns[campaign], key)
        )

    def given(wildcards):
        return {
            key: (
                of_study[key]
                if key in of_study
                else (
                    {name: value(key, name) for name in names}
                    if figure.across
                    else value(key, wildcards.campaign)
                )
            )
            for key in figure.settings
        }

    return given


def code_of(figure):
    """The modules that a figure depends on."""
    return code("draw_figure.py", f"takedown.figures.{figure.drawn_by}")


def figures_of_campaigns():
    """The files of all figures of single campaigns, for the campaigns that each applies to."""
    return [
        file
        for one in FIGURES
        if not one.across
        for file in each(
            getattr(rules, f"draw_{one.name}").output, campaign=compared(one)
        )
    ]


def on_all_campaigns():
    """The results on all campaigns together; empty if fewer than two are countable."""
    if len(campaigns_with("countable")) < 2:
        return []
    parts = [rules.profile_campaigns, rules.combine_responses]
    if len(campaigns_with("tweets")) > 1:
        parts.append(rules.compare_behaviour)
    figures = [
        file
        for one in FIGURES
        if one.across and len(compared(one)) > 1
        for file in getattr(rules, f"draw_{one.name}").output
    ]
    return [*figures, *(path for part in parts for path in part.output)]
