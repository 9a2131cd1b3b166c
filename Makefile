## make                        set up, then run the default study and say what came out
## make run CONFIG=study.yaml  run any study (ARGS="-n" and the like go to Snakemake)
## make run PROFILE=slurm CONFIG=study.yaml
##                             the same on a cluster (or PROFILE=s3, with files in a bucket)
## make test                   run all tests (ARGS="-k series" and the like go to pytest)
## make test-fast              run those that start no process: what to run after every edit
## make test-slurm             run the default study through a real Slurm, with faults
## make test-s3                the same with all files in a bucket of a real S3 server
## make notebooks              open JupyterLab at the course's first notebook, as your own copy
## make docs                   render the reference pages, and build docs/_build/index.html
## make assessment STUDENT=4711 SECRET=word
##                             write a simulated archive to assess a student by
## make mark STUDENT=4711 SECRET=word ANSWERS=answers.csv
##                             mark the student's answers
## make verify                 compute the default study again, compare with results/reference
## make verify-bundle BUNDLE=path
##                             check somebody else's results, without running their code
## make why FILE=results/default/thailand_092020/series/daily.csv
##                             where a result comes from: rows, rules, code, inputs, hashes
## make deposit                code, results and crate in one archive for a repository
## make reference              show what differs, then make the results of `make` the reference
## make fetch-help CAMPAIGN=china_052020
##                             where an archive is, how large it is, and where to put it
## make bench                  measure time and memory (ARGS="--rows 37000000": another size)
## make scale                  measure how every stage grows with the posts (takes an hour)
## make scale-atlas            measure the atlas of all archives at their full size, simulated
##                             (55 GB of disk, hours; ARGS="--scale 0.01": a part)
## make calibrate              try every estimator on simulated series of known truth
## make lint                   check style, types and the workflow
## make setup                  only set up: .venv with exactly what requirements.lock names
## make lock                   choose the newest versions that fit and write the locks
## make clean                  remove the results of every study, the cleaned rows and the run
##                             records; keep results/reference, results/calibration and data/raw
## make help                   print this list
##
## PYTHON=/path/to/python3.12 names the Python to set up with.

CONFIG = config/config.yaml
ARGS =
PYTHON =
PROFILE =
extra =

python = $(venv)/bin/python
# What is no part of a study: benchmarks, and the reference pages of the documentation.
tool = PYTHONPATH="$(CURDIR)/workflow:$(CURDIR)/tools" $(python) -m
snakemake = XDG_CONFIG_HOME="$(cache)/config" $(python) -m snakemake --logger takedown
# One thread for each of the processes that test side by side.
pytest = OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 POLARS_MAX_THREADS=1 $(python) -m pytest
leaves_out = $(python) -m takedown.study.study_file "$(CONFIG)" --leaves-out
# A whole run on this machine, after which nothing need be planned while nothing changes.
whole = $(if $(ARGS)$(PROFILE),false,true)
unchanged = $(python) -m takedown.provenance.unchanged
# Downloads come first, and on this machine: a cluster's nodes often have no network, and what cannot
# be had is known before the others start; 1 means just that some could not.
downloads = { test -z "$(PROFILE)" && ! $(leaves_out); } || \
    $(snakemake) --executor local --configfile "$(CONFIG)" --keep-going $(ARGS) -- fetch_archives || \
    { test $$? -eq 1 && $(leaves_out); }
# One archive that is gone, or that nobody can read, ends no other campaign's steps then.
steps = $(snakemake) --configfile "$(CONFIG)" $$($(leaves_out) && echo --keep-going) $(ARGS)
ifneq ($(PROFILE),)
extra = cluster
snakemake += --workflow-profile profiles/$(PROFILE)
endif
venv = .venv$(addprefix -,$(filter cluster,$(extra)))

# Nothing is read from or written to the user's own folders.
cache := $(CURDIR)/.cache
path := $(PATH)
export PYTHON
export PATH = $(CURDIR)/$(venv)/bin:$(path)
export PYTHONPATH := $(CURDIR)/workflow
export PYTHONNOUSERSITE := 1
export PYTHONUTF8 := 1
# Compiled modules are kept beside their source, so that no step compiles them anew.
unexport PYTHONDONTWRITEBYTECODE
export XDG_CACHE_HOME := $(cache)
export XDG_DATA_HOME := $(cache)/share
export UV_CACHE_DIR := $(cache)/uv
export UV_PYTHON_DOWNLOADS := never
export PIP_CACHE_DIR := $(cache)/pip
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_NO_INPUT := 1
export PIP_USER := 0
export MPLCONFIGDIR := $(cache)/matplotlib
export IPYTHONDIR := $(cache)/ipython
export JUPYTER_CONFIG_DIR := $(cache)/jupyter/config
export JUPYTER_DATA_DIR := $(cache)/jupyter/data
export JUPYTER_RUNTIME_DIR := $(cache)/jupyter/runtime
export MYPY_CACHE_DIR := $(cache)/mypy
export RUFF_CACHE_DIR := $(cache)/ruff
unexport PYTHONHOME PYTHONOPTIMIZE PYTHONWARNINGS PYTHONINSPECT PYTHONDEVMODE PYTHONSAFEPATH
unexport PIP_TARGET PIP_PREFIX PIP_ROOT
unexport SNAKEMAKE_PROFILE MPLBACKEND

# A study file without CONFIG= would be a goal, and the default study would run in its place.
mistaken := $(filter %.yaml %.yml,$(MAKECMDGOALS))
ifneq ($(mistaken),)
$(error Did you mean: make run CONFIG=$(firstword $(mistaken)))
endif

.PHONY: all setup run test test-fast test-slurm test-s3 docs notebooks assessment mark verify verify-bundle why deposit reference fetch-help bench scale scale-atlas calibrate lint lock clean help
.SILENT:

all: run

setup:
	sh workflow/setup.sh $(extra)

run: setup
	test -f "$(CONFIG)" || { echo "There is no study file $(CONFIG); name one: make run CONFIG=path.yaml" >&2; exit 2; }
	$(python) -m takedown.study.study_file "$(CONFIG)"
	{ $(whole) && $(unchanged) "$(CONFIG)"; } || { \
	    { $(downloads); } && $(steps) && { ! $(whole) || $(unchanged) --remember "$(CONFIG)"; }; }
	case " $(ARGS) $(PROFILE) " in *" -n "*|*" --dry-run "*) ;; \
	    *" s3 ") echo "The results are in your bucket.";; \
	    *) $(python) -m takedown.report.summary "$(CONFIG)";; esac

test test-fast docs lint bench: extra = dev

# One more than there are cores test side by side: some wait for a browser or a server.
test: setup
	PYTEST_XDIST_AUTO_NUM_WORKERS=$$(($$(getconf _NPROCESSORS_ONLN) + 1)) \
	    $(pytest) -n auto --dist loadfile $(ARGS)

test-fast: setup
	$(pytest) -n auto --dist loadfile -m fast $(ARGS)

# Not part of `make test`: what they need is not on every machine.
test-slurm test-s3: extra = dev cluster
test-slurm: setup
	$(pytest) tests/slurm $(ARGS)

test-s3: setup
	$(pytest) tests/s3 $(ARGS)

# What a learner changes is a copy: the course itself stays as the study executes it.
notebooks: setup
	mkdir -p notebooks/mine
	for file in notebooks/*.ipynb notebooks/start.py; do \
	    test -e "notebooks/mine/$${file##*/}" || cp "$$file" notebooks/mine/ || exit 1; done
	$(python) -m jupyterlab --ServerApp.root_dir=. \
	    --LabApp.default_url=/lab/tree/notebooks/mine/01_what_an_archive_is.ipynb $(ARGS)

docs: setup
	$(tool) pages
	$(python) -m sphinx -W --keep-going -q -b html docs docs/_build
	echo "Open docs/_build/index.html"

assessment: setup
	$(python) -m takedown.notebooks.assessment make --student "$(STUDENT)" --secret "$(SECRET)" $(ARGS)

mark: setup
	$(python) -m takedown.notebooks.assessment mark --student "$(STUDENT)" --secret "$(SECRET)" --answers "$(ANSWERS)"

# The study runs in a folder of its own, which sees this project's code and resources.
# In a folder of its own, so that two may run at a time; where results differ, it stays.
verify: setup
	mkdir -p .cache && folder=$$(mktemp -d .cache/verify-XXXXXX) && mkdir $$folder/results && \
	ln -s "$(CURDIR)/workflow" "$(CURDIR)/resources" "$(CURDIR)/notebooks" "$(CURDIR)/Snakefile" \
	    "$(CURDIR)/CITATION.cff" "$(CURDIR)/requirements.lock" $$folder/ && \
	ln -s "$(CURDIR)/results/reference" $$folder/results/ && \
	$(snakemake) --directory $$folder --configfile config/config.yaml $(ARGS) && \
	$(python) -m takedown.provenance.verify $$folder/results/default results/reference && rm -r $$folder

verify-bundle: setup
	$(python) -m takedown.provenance.bundle "$(BUNDLE)" $(ARGS)

why: setup
	$(python) -m takedown.provenance.why "$(FILE)"

deposit: setup
	$(python) -m takedown.provenance.deposit

# What `make calibrate` found, if it was run, becomes the calibration that estimates are judged by.
reference: setup
	if test -d results/calibration/default; then for file in estimators.csv power.csv recovery.csv calibration.png; do \
	    cp results/calibration/default/$$file results/reference/calibration/ || exit 1; done; fi
	$(python) -m takedown.provenance.verify results/default results/reference --refresh
	cp results/default/thailand_092020/figures/volume.png docs/volume.png

fetch-help: setup
	$(python) -m takedown.fetch.help $(CAMPAIGN)

bench: setup
	$(tool) bench.download
	$(tool) bench.clean $(ARGS)

scale: setup
	$(tool) bench.growth $(ARGS)

scale-atlas: setup
	$(tool) bench.atlas $(ARGS)

calibrate: setup
	$(snakemake) --configfile "$(CONFIG)" $(ARGS) -- draw_calibration

lint: setup
	$(python) -m ruff check .
	$(python) -m ruff format --check .
	$(python) -m snakefmt --check Snakefile workflow/rules
	$(python) -m mypy
	$(python) -m snakemake --lint
	$(python) tools/audit.py
	hadolint Dockerfile

# All groups at once, so that every lock fits the others; then each lock holds its own part. 3.11 is
# the oldest Python supported: without it the locks would fit only this one and newer.
resolve = UV_CUSTOM_COMPILE_COMMAND="make lock" $(python) -m uv pip compile pyproject.toml --quiet \
    --universal --python-version 3.11 --generate-hashes --no-emit-index-url --group installer
beside = $$(sed -n 's/^\([a-z0-9][^=]*\)==.*/--no-emit-package \1/p' requirements.lock | sort -u)
every = .cache/every.lock

lock: setup
	$(resolve) --group dev --group cluster --upgrade -o $(every)
	$(resolve) --constraint $(every) -o requirements.lock
	$(resolve) --constraint $(every) $(beside) --group dev -o requirements-dev.lock
	$(resolve) --constraint $(every) $(beside) --group cluster -o requirements-cluster.lock

clean:
	test ! -d results || find results -mindepth 1 -maxdepth 1 ! -name reference ! -name calibration -exec rm -rf {} +
	rm -rf data/clean logs benchmarks .ledger .snakemake

help:
	sed -n 's/^## \{0,1\}//p' Makefile
