"""The same inputs give the same bytes; a campaign more changes no other; no file is half there."""

from __future__ import annotations

import json
import threading
from collections import defaultdict
from pathlib import Path

import pytest
from builders import campaign, write_archive
from conftest import TINY, Project, copy_project, prepare_tiny


class Watch(threading.Thread):
    """Notes every size that a file under ``folder`` is seen to have."""

    def __init__(self, folder: Path) -> None:
        super().__init__(daemon=True)
        self.folder = folder
        self.sizes: dict[str, set[int]] = defaultdict(set)
        self.over = threading.Event()

    def run(self) -> None:
        while not self.over.wait(0.005):
            try:
                for path in self.folder.rglob("*.*"):
                    name = path.relative_to(self.folder).as_posix()
                    self.sizes[name].add(path.stat().st_size)
            except FileNotFoundError:  # a file or a folder was renamed meanwhile
                continue

    def half_written(self) -> list[str]:
        """Files that were seen, under their final name, with another size than they have now."""
        return sorted(
            name
            for name, sizes in self.sizes.items()
            if (path := self.folder / name).is_file()
            if sizes - {path.stat().st_size}
        )


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, Watch]:
    """The tiny study with a second campaign that names nothing but its posts."""
    project = copy_project(tmp_path_factory.mktemp("both") / "in ein andrer Ordner, ก")
    prepare_tiny(project)
    write_archive(project.root / "ทวีต é.zip", campaign(days=60, seed=2))
    study = project.study("both", TINY | {"sim_ü": {"tweets": "ทวีต é.zip"}})
    watch = Watch(project.root / "results")
    watch.start()
    project.complete(study)
    watch.over.set()
    watch.join()
    return project, watch


def test_a_campaign_more_in_another_folder_changes_no_byte(
    both: tuple[Project, Watch], tiny: Project
) -> None:
    found, expected = (
        both[0].files("results/both/simulated_a"),
        tiny.files("results/tiny/simulated_a"),
    )
    assert found.keys() == expected.keys()
    assert {Path(name).suffix for name in found} == {".csv", ".json", ".pdf", ".png", ".svg"}
    assert [name for name in found if found[name] != expected[name]] == []
    typed = both[0].files("data/clean/simulated_a")
    assert typed.pop("sketch.csv"), "what campaigns are compared by"
    assert typed == tiny.files("data/clean/simulated_a")


def test_another_archive_of_the_family_needs_nothing_but_its_posts(
    both: tuple[Project, Watch],
) -> None:
    files = both[0].files("results/both")
    own = {name.removeprefix("sim_ü/") for name in files if name.startswith("sim_ü/")}
    assert own == {
        name.removeprefix("simulated_a/") for name in files if name.startswith("simulated_a/")
    }
    page = files["index.html"].decode("utf-8")
    assert 'id="sim_ü"' in page
    assert "ทวีต é.zip" in page
    assert b"no event" in files["sim_ü/models/placebo_notes.csv"]


def test_bug_no_file_is_ever_half_written_under_its_final_name(
    both: tuple[Project, Watch],
) -> None:
    _, watch = both
    assert len(watch.sizes) > 80
    assert not [
        name
        for name in watch.sizes
        if (watch.folder / name).suffix == ".part" and (watch.folder / name).exists()
    ]
    assert watch.half_written() == []


def test_every_result_of_a_simulated_campaign_says_so(tiny: Project) -> None:
    results = tiny.files("results/tiny")
    for path, content in results.items():
        if path.split(".")[0] not in ("claims", "claims_charts", "Snakefile") and not (
            path.startswith("simulated_a/")  # they say it in their path, and no claim is made
        ):
            assert b"simulated" in content.lower(), path
        if "/figures/" in path and path.endswith(".json"):
            words = json.loads(content)
            assert "SIMULATED" in words["caption"], path
            assert "SIMULATED" in words["title"], path
    assert b"SIMULATED, no real campaign" in results["index.html"]
    assert len([path for path in results if path.endswith(".png")]) == 10
