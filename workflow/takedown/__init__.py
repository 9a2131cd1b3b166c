"""The science and the I/O of the takedown workflow: typed, tested, importable.

There is one package per stage, named after it, and five supporting entries, which come first. Each
imports only from those above it in this list (a test checks this):

========================  =========================================================================
``redaction, errors``     redaction of private data, and errors about the user's input
``io``                    files, tables with their contracts, CSV and YAML that users write
``archives``              what is known of the released archives: addresses, columns, formats
``engine``                jobs, locks, logs, and which results must be made again
``study``                 the study file: campaigns, settings, topics
``fetch``                 get an archive and verify that it is the one that was released
``clean``                 an archive's rows: typed, checked, without duplicates
``describe``              what a campaign consists of
``series``                posts per day and hour, event calendars, attention series
``estimation``            what all models share: designs, effects, inference, permutations
``models``                one module for each table of estimates, none of which imports another
``simulate``              simulated archives and campaigns whose true values are known
``calibration``           every estimator tested on them
``atlas``                 campaigns compared
``figures``               one module for each figure
``claims``                published findings of others, recomputed
``notebooks``             the exercises of the course
``report``                the page, the article, the last lines in the terminal
``provenance``            manifest, crate, privacy check, comparison with the reference
========================  =========================================================================

Functions take and return frames or dataclasses; only the functions that the scripts in
``workflow/scripts`` call touch files.
"""

import os
import sys

# Read by polars' allocator when it loads: memory freed by one block is kept for the next instead of
# being returned to the system and requested again, which costs 5% of the reading time.
os.environ.setdefault("_RJEM_MALLOC_CONF", "dirty_decay_ms:3000,muzzy_decay_ms:3000")

# Keeps jsonschema, and altair through it, from loading a grammar of internationalised addresses
# that no schema here uses; it would cost seconds at each start of Snakemake.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
