"""The science and the I/O of the takedown workflow: typed, tested, importable.

A package for each stage, named as the stage is named everywhere else, and five beneath them. Each
imports only from those above it in this list (tested):

========================  =========================================================================
``redaction, errors``     what may not be shown, and how an input error is reported
``io``                    files, tables with their contracts, CSV and YAML that users write
``archives``              what is known of the released archives: addresses, columns, formats
``engine``                jobs, locks, logs, and which results must be made again
``study``                 the study file: campaigns, settings, topics
``fetch``                 get an archive and prove that it is the one that was released
``clean``                 its rows, typed, checked, without duplicates
``describe``              what a campaign consists of
``series``                posts per day and hour, event calendars, attention series
``estimation``            what all models share: designs, effects, inference, permutations
``models``                one module for each table of estimates, none of which imports another
``simulate``              archives and campaigns of known truth
``calibration``           every estimator tested on them
``atlas``                 campaigns compared
``figures``               one module for each figure
``claims``                what others published, recomputed
``notebooks``             the exercises of the course
``report``                the page, the article, the last lines in the terminal
``provenance``            manifest, crate, privacy check, comparison with the reference
========================  =========================================================================

Functions take and return frames or dataclasses; files are touched only in the functions that the
scripts in ``workflow/scripts`` call.
"""

import os
import sys

# Read by polars' allocator as it is loaded: memory of one block serves the next before it goes back
# to the system and has to be asked for anew, which costs a twentieth of the time of reading.
os.environ.setdefault("_RJEM_MALLOC_CONF", "dirty_decay_ms:3000,muzzy_decay_ms:3000")

# jsonschema, and altair through it, would load a grammar of internationalised addresses that no
# schema here asks for: seconds at each start of Snakemake.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
