# The workflow with exactly what requirements.lock names, on a Python of the kind it is tested with.
# Build and run: docs/how-to/run_in_a_container.md.
FROM python:3.11-slim-bookworm@sha256:a36c24f9cbdf4fd0f52d67f0823eeac19c2028c637cecc392d97f980d4fec56b

# The version of make decides no result.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends make \
    && rm -rf /var/lib/apt/lists/*

WORKDIR /takedown
COPY . .
# The code is root's, and nobody else may write it. Whoever runs it may write what a run writes;
# nothing is installed later.
RUN make setup \
    && .venv/bin/python -m compileall -q workflow \
    && rm -rf .cache \
    && mkdir -p .cache .ledger .snakemake benchmarks data logs results \
    && chmod -R u=rwX,go=rX . \
    && chmod a+rwx .cache .ledger .snakemake benchmarks data logs results

# Also for a user whom the container does not know (docker run --user "$(id -u)").
ENV USER=takedown HOME=/tmp
USER 1000
ENTRYPOINT ["make"]
CMD ["run"]
