"""The default study with all its files in a bucket gives the local run's bytes, faults or not."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from conftest import DEFAULT, FOLDER, Project, copy_project, snakemake
from processes import wait_for
from s3.server import BUCKET, Bucket, bucket, half_of

pytestmark = pytest.mark.usefixtures("may_take_long")

PROFILE = ["--workflow-profile", "profiles/s3", "--default-storage-prefix", f"s3://{BUCKET}/a/b"]
CLEAN = "data/clean/thailand_092020/tweets.parquet"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Bucket]:
    with bucket(tmp_path / "store") as running:
        yield running


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return copy_project(tmp_path / FOLDER)


def start(
    project: Project, store: Bucket, *options: str, study: str = DEFAULT, **env: str
) -> subprocess.Popen[str]:
    """Start a study with its files in the bucket; its output goes to ``run.log``."""
    return subprocess.Popen(
        [str(project.root / ".venv/bin/python"), *snakemake(study, *PROFILE, *options)],
        cwd=project.root,
        env=os.environ | store.env | {"PYTHONPATH": str(project.root / "workflow")} | env,
        stdout=(project.root / "run.log").open("w"),
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def said(project: Project) -> str:
    return (project.root / "run.log").read_text(encoding="utf-8")


def kept(store: Bucket, folder: str) -> dict[str, bytes]:
    """What the bucket holds below ``folder``."""
    top = store.folder / "a/b" / folder
    return {
        path.relative_to(top).as_posix(): path.read_bytes()
        for path in sorted(top.rglob("*"))
        if path.is_file()
    }


def client(store: Bucket) -> Any:
    """Amazon's own client, for this server."""
    keys = {
        "aws_access_key_id": store.access_key,
        "aws_secret_access_key": store.secret_key,
        "region_name": "us-east-1",
    }
    return boto3.client("s3", endpoint_url=store.endpoint, **keys)


def whole_seconds(store: Bucket) -> None:
    """Set times as Amazon gives them; rclone lists milliseconds and answers for one in seconds.

    What it lists is the time that it knew of an object until it is asked for that one.
    """
    ask = client(store)
    for path in store.folder.rglob("*"):
        second = int(path.stat().st_mtime)
        os.utime(path, (second, second))
        if path.is_file():
            ask.head_object(Bucket=BUCKET, Key=path.relative_to(store.folder).as_posix())
    listed = ask.get_paginator("list_objects_v2").paginate(Bucket=BUCKET)
    times = [found["LastModified"] for page in listed for found in page["Contents"]]
    assert times and not any(time.microsecond for time in times)


def test_the_bucket_holds_what_a_local_run_makes(
    default_study: Project, project: Project, store: Bucket
) -> None:
    assert start(project, store).wait(timeout=3600) == 0, said(project)
    assert kept(store, "results/default") == default_study.files("results/default")
    assert not (project.root / "results/default").exists()
    whole_seconds(store)
    again = start(project, store)
    assert again.wait(timeout=600) == 0
    assert "Nothing to do: every result is up to date." in said(project)


def test_a_killed_upload_leaves_nothing_under_the_final_name(
    project: Project, store: Bucket
) -> None:
    until = ["--until", "clean_archive"]
    with half_of(store, CLEAN) as (endpoint, reached):
        run = start(project, replace(store, endpoint=endpoint), *until)
        assert reached.wait(300), "no typed rows"
        os.killpg(run.pid, signal.SIGKILL)
        run.wait()
    folder = "data/clean/thailand_092020"
    assert not [name for name in kept(store, folder) if "tweets" in name]

    assert start(project, store, *until).wait(timeout=600) == 0, said(project)
    assert kept(store, folder)["tweets.parquet"][-4:] == b"PAR1"


def test_an_archive_may_lie_in_a_bucket(
    default_study: Project, project: Project, store: Bucket
) -> None:
    given = {}
    for role in ("tweets", "users"):
        (name,) = (project.root / "resources/embedded").glob(f"thailand_092020_{role}*.zip")
        (store.folder / name.name).write_bytes(name.read_bytes())
        given[role] = f"s3://{BUCKET}/{name.name}"
    study = project.study("s3_in", {"thailand_092020": given})
    run = start(project, store, "--until", "describe_posts", study=study)
    assert run.wait(timeout=900) == 0, said(project)
    local = default_study.files("results/default/thailand_092020/describe")
    assert kept(store, "results/s3_in/thailand_092020/describe") == local
    accounting = "results/{}/thailand_092020/clean"
    assert (
        kept(store, accounting.format("s3_in"))["accounting.csv"]
        == (default_study.files(accounting.format("default"))["accounting.csv"])
    )


def test_half_an_upload_is_no_object(store: Bucket) -> None:
    """What the final names rest on: the server shows an object when all of it is there."""
    size = 20_000_000
    put(store, "whole", size, send=size)
    put(store, "half", size, send=size // 2)
    wait_for(
        lambda: [path.name for path in store.folder.iterdir()] == ["whole"],
        "something is left of the half upload",
    )
    assert (store.folder / "whole").stat().st_size == size


def test_an_upload_in_parts_that_nobody_completes_is_no_object(store: Bucket) -> None:
    """Files of more than 8 MB go up in parts, of which a killed run leaves some."""
    ask = client(store)
    to = {"Bucket": BUCKET, "Key": "large"}
    begun = to | {"UploadId": ask.create_multipart_upload(**to)["UploadId"]}
    part = ask.upload_part(**begun, PartNumber=1, Body=bytes(8_000_000))
    assert "Contents" not in ask.list_objects_v2(Bucket=BUCKET)
    parts = [{"PartNumber": 1, "ETag": part["ETag"]}]
    ask.complete_multipart_upload(**begun, MultipartUpload={"Parts": parts})
    [found] = ask.list_objects_v2(Bucket=BUCKET)["Contents"]
    assert (found["Key"], found["Size"]) == ("large", 8_000_000)


def put(store: Bucket, key: str, size: int, send: int) -> None:
    """Begin an upload of ``size`` bytes, send so many of them, and hang up."""
    headers = {"Content-Length": str(size), "X-Amz-Content-Sha256": "UNSIGNED-PAYLOAD"}
    request = AWSRequest("PUT", f"{store.endpoint}/{BUCKET}/{key}", headers=headers)
    keys = Credentials(store.access_key, store.secret_key)
    S3SigV4Auth(keys, "s3", "us-east-1").add_auth(request)
    host, port = store.endpoint.removeprefix("http://").split(":")
    lines = [f"PUT /{BUCKET}/{key} HTTP/1.1", f"Host: {host}:{port}"]
    lines += [f"{name}: {value}" for name, value in request.headers.items()]
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall("\r\n".join([*lines, "", ""]).encode())
        connection.sendall(b"x" * send)
        if send == size:
            assert b" 200 " in connection.recv(100)


def test_wrong_keys_are_named_before_anything_is_computed(project: Project, store: Bucket) -> None:
    run = start(project, store, SNAKEMAKE_STORAGE_S3_SECRET_KEY="wrong")
    assert run.wait(timeout=300) == 1
    assert "s3" in said(project).lower()
    assert "SNAKEMAKE_STORAGE_S3_SECRET_KEY" in said(project)
    assert not kept(store, "")


def test_a_server_whose_clock_is_ahead_makes_nothing_twice(project: Project, store: Bucket) -> None:
    until = ["--until", "count_minutes"]
    assert start(project, store, *until).wait(timeout=600) == 0, said(project)
    ahead = 2_000_000_000  # in 2033
    for path in store.folder.rglob("*"):
        os.utime(path, (ahead, ahead))
    assert start(project, store, *until).wait(timeout=600) == 0
    assert "Nothing to do: every result is up to date." in said(project)
