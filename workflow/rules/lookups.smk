# The look-ups that rules share: campaigns, files, code, and the registries of models and figures.

from itertools import product

from snakemake.io import flag, get_flag_value
from takedown.figures.registry import CALIBRATION, FIGURES
from takedown.models.registry import MODELS, SETTINGS as NAMES

# What an estimate depends on, by which its calibration is recognised.
SETTINGS = {name: STUDY.models[name] for name in NAMES}


def campaigns_with(*parts):
    """Names of the campaigns that have all ``parts``, but those that are left out.

    Parts are tweets, counts, accounts, hashtags, countable and attention.
    """
    return [name for name in all_campaigns_with(*parts) if name not in LEFT_OUT]


def all_campaigns_with(*parts):
    """Names of the campaigns that have all ``parts``, whether or not they can be had."""
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

    Snakemake takes a list given as such apart anew for each file in it: minutes for 48 campaigns.
    """
    files = each(outputs, campaign=campaigns_with(*parts))
    return lambda wildcards: files


def each(outputs, **wildcards):
    """``expand`` for outputs of rules, which may lie in a bucket; a text is one value, as there."""
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
    """A file of another rule, by its path; Snakemake forgets of a mere path that it is in a bucket."""
    bucket = get_flag_value(file, "storage_object")
    return flag(str(file), "storage_object", bucket) if bucket else str(file)


def topics_of(campaign):
    """The topics that a campaign's posts are labelled with."""
    chosen = STUDY.campaigns[campaign].topics
    return sorted(read_topic_names(STUDY.topics_file) if chosen is None else chosen)


def only_with(part):
    """The same as a wildcard constraint; one that never matches where there is none."""
    return "|".join(all_campaigns_with(part)) or "(?!)"


def of(key):
    """A campaign's setting ``key``, as a rule's params ask for it."""
    return lambda wildcards: getattr(STUDY.campaigns[wildcards.campaign], key)


def open_addresses(key):
    """The paths and addresses under ``key``, these without what may be secret in them."""
    return lambda wildcards: without_secrets(
        getattr(STUDY.campaigns[wildcards.campaign], key)
    )


def as_is(value):
    """``value`` as params of a rule; in a mere text Snakemake takes braces for wildcards."""
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
    """Files given by the user as inputs: on this machine, or objects in a bucket."""
    return [storage.s3(path) if in_bucket(path) else local(path) for path in paths]


def time_to_clean(wildcards, input, attempt):
    """Minutes to clean an archive: a profile cannot know the size of what was downloaded."""
    return minutes_to_clean(Path(input.receipt), attempt)


def archives_of(names):
    """The archives of campaigns, as far as they are not downloaded."""
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
    """The tables of the study that a notebook reads, and the files given with the repository."""
    tables, given = files_read(Path(f"notebooks/{wildcards.notebook}.ipynb"))
    return [f"results/{STUDY.name}/{table}" for table in tables] + local(given)


def foreign_calendars(wildcards):
    """The news calendars of the repository that are not the campaign's own."""
    own = {Path(path).name for path in STUDY.campaigns[wildcards.campaign].events}
    calendars = Path("resources/news").glob("events_*.csv")
    return local(sorted(path.as_posix() for path in calendars if path.name not in own))


#: Files of words, beside the data and pictures.
TEXT_FILES = set(".py .ipynb .smk .yaml .csv .md .rst .j2 .css .js .typ .bib".split())


def on_campaigns(outputs):
    """The files of ``outputs``, which maps parts to what is made of campaigns that have them."""
    files = [
        file
        for parts, patterns in outputs.items()
        for file in each(patterns, campaign=campaigns_with(*parts))
    ]
    return list(dict.fromkeys(files))


def reads(results, *kinds):
    """Of ``results`` what is read: of a figure the files of these ``kinds`` only. For an input."""
    files = [
        path for path in results if "/figures/" not in path or path.endswith(kinds)
    ]
    return lambda wildcards: files


def results_of_study(wildcards):
    """All results: page, article, claims, and what they rest on."""
    made = [*rules.write_page.output, *rules.write_paper.output]
    made += [*rules.check_claims.output, *ON_CAMPAIGNS, *ON_ALL]
    made += each(rules.run_notebook.output, notebook=COURSE)
    return sorted(set(made))


def files_between(wildcards):
    """What is made on the way to the results, and no result."""
    parts = [rules.fetch_archive, rules.clean_archive]
    if len(campaigns_with("tweets")) > 1:
        parts.append(rules.sketch_behaviour)
    files = [path for part in parts for path in part.output if "results/" not in path]
    return of_all(files, "tweets")(wildcards)


def given_words():
    """The texts that the workflow and the study bring with them; what they say may be shown."""
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
    """What a model reads beside series and events."""
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
    """The files of a figure, as its rule's output; Snakemake's own report shows the svg."""
    stem = f"{folder}/figures/{name}"
    files = {kind: f"{stem}.{kind}" for kind in ("pdf", "svg", "png", "csv", "json")}
    caption = f"{workflow.basedir}/workflow/report/figure.rst"
    labels = {"figure": name}
    svg = report(files["svg"], caption=caption, category=category, labels=labels)
    return files | {"svg": svg}


def made(table):
    """The output of the rule that makes a table, by the table's name in the interface."""
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
    """The tables that a figure is drawn from, by the argument of ``draw``.

    Of a figure across campaigns, a campaign's table stands for those of all of them.
    """
    names = compared(figure) if figure.across else []
    return {
        argument: (
            each(made(table), campaign=names)
            if figure.across and not table.startswith("atlas/")
            else made(table)
        )
        for argument, table in figure.tables.items()
    }


def settings_of(figure):
    """The other arguments of a figure's ``draw``, as params of its rule; as for the tables."""
    names = compared(figure)
    of_study = {
        "min_accounts": STUDY.min_accounts,
        "topic_labels": TOPIC_LABELS,
        "in_study": len(campaigns_with()),
        "in_comparison": names,
    }

    def one(campaign):
        own = {"campaign": campaign} | vars(STUDY.campaigns[campaign]) | of_study
        return {key: own[key] for key in figure.settings}

    def of_all(wildcards):
        known = [one(name) for name in names]
        return {
            key: (
                of_study[key]
                if key in of_study
                else dict(zip(names, (each[key] for each in known)))
            )
            for key in figure.settings
        }

    return of_all if figure.across else lambda wildcards: one(wildcards.campaign)


def code_of(figure):
    """The modules that a figure depends on."""
    return code("draw_figure.py", f"takedown.figures.{figure.drawn_by}")


def figures_of_campaigns():
    """The files of the figures of all campaigns, each of those that it applies to."""
    return [
        file
        for one in FIGURES
        if not one.across
        for file in each(
            getattr(rules, f"draw_{one.name}").output, campaign=compared(one)
        )
    ]


def on_all_campaigns():
    """The results on all campaigns together; none where the study has one only."""
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
