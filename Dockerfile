# The workflow with exactly what requirements.lock names, on a Python of the kind it is tested with.
# Build and run: docs/how-to/run_in_a_container.md.
FROM python:3.11-slim-bookworm

# The version of make decides no result.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends make \
    && rm -rf /var/lib/apt/lists/*

WORKDIR /takedown
COPY . .
# Whoever runs it may write the results, and nothing is installed later.
RUN make setup \
    && rm -rf .cache \
    && mkdir -p data results logs benchmarks .cache .snakemake \
    && chmod -R a+rwX /takedown

ENTRYPOINT ["make"]
CMD ["run"]
