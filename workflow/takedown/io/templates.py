"""Pages of HTML from templates: undefined names are errors, values are escaped and printable."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from takedown.io.printable import printable


def fill(template: Path, filters: Mapping[str, Callable[..., Any]], **values: Any) -> str:
    """Render the template with ``values``, and with the style sheet beside it as ``css``."""
    environment = jinja2.Environment(
        autoescape=True,
        finalize=lambda value: printable(value) if type(value) is str else value,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(filters)
    css = Markup(template.with_name("page.css").read_text(encoding="utf-8"))
    return environment.from_string(template.read_text(encoding="utf-8")).render(css=css, **values)
