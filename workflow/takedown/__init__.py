"""The science and the I/O of the takedown workflow: typed, tested, importable.

A package for each stage, named as the stage is named everywhere else: ``fetch``, ``clean``,
``describe``, ``series``, ``models``, ``figures``, ``report``, ``atlas``, ``claims``, ``course``,
``provenance``; ``archives`` is what is known of the released archives, ``simulate`` and
``calibration`` make known truth. Functions take and return frames or dataclasses; files are touched
only in the functions that the scripts in ``workflow/scripts`` call.
"""

import os
import sys

# Read by polars' allocator as it is loaded: memory of one block serves the next before it goes back
# to the system and has to be asked for anew, which costs a twentieth of the time of reading.
os.environ.setdefault("_RJEM_MALLOC_CONF", "dirty_decay_ms:3000,muzzy_decay_ms:3000")

# jsonschema, and altair through it, would load a grammar of internationalised addresses that no
# schema here asks for: seconds at each start of Snakemake.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
