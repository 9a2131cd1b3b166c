"""How Sphinx builds the documentation: `make docs`, to docs/_build, without a network."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "workflow"))

project = "Takedown workflow"
author = "The takedown workflow authors"
extensions = ["myst_parser", "sphinx.ext.autodoc"]
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = project
html_show_sphinx = False
html_show_copyright = False
html_copy_source = False
html_show_sourcelink = False
html_use_index = False
html_domain_indices = False
html_static_path = ["style"]
html_css_files = ["own.css"]
html_theme_options = {"navigation_with_keys": True}
#: Links to headings, as GitHub names them.
myst_heading_anchors = 4
#: Names in docstrings are not links: the reference is of what a notebook needs, not of all.
nitpicky = False
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
