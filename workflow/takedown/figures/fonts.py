"""The fonts of figures and article."""

from __future__ import annotations

from pathlib import Path

import fontpkg_noto_sans
import fontpkg_noto_sans_thai
import pylopdf_fonts_zh_cn


def font_files() -> list[Path]:
    """The fonts of the locked packages: Noto Sans, Noto Sans Thai, Noto Sans SC."""
    packages = fontpkg_noto_sans.__file__, fontpkg_noto_sans_thai.__file__
    found = [path for one in packages for path in sorted(Path(one).parent.glob("files/*.ttf"))]
    return [*found, Path(pylopdf_fonts_zh_cn.sans_path())]
