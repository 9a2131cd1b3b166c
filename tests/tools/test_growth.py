"""What is done with all rows of an archive takes time in proportion to them."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from takedown.clean.accounts import PROFILE, posting_record
from takedown.clean.duplicates import duplicates
from takedown.clean.parquet import without_rows

FEW, MANY = 50_000, 400_000


def every_post_twice(posts: int) -> pl.DataFrame:
    ids = np.repeat(np.arange(posts // 2, dtype=np.uint64) << np.uint64(40), 2)
    return pl.DataFrame({"tweetid": pl.Series(ids).cast(pl.String)})


def drop_duplicates(path: Path, posts: int) -> None:
    repeated = np.arange(posts // 2, dtype=np.uint64) << np.uint64(40)
    drop = duplicates(path, repeated, ["tweetid"])["position"].to_numpy()
    assert sum(map(len, without_rows(path, drop))) == posts // 2


def an_account_for_each_post(posts: int) -> pl.DataFrame:
    users = pl.Series("userid", np.arange(posts)).cast(pl.String).to_frame()
    time = pl.lit(dt.datetime(2020, 1, 1)).alias("tweet_time")
    return users.with_columns(*(pl.lit("x").alias(name) for name in PROFILE), time)


def record_accounts(path: Path, posts: int) -> None:
    record = posting_record(path)
    assert record["userid"].to_list() == [str(user) for user in range(posts)]
    assert set(record["posts"]) == {1}


@pytest.mark.usefixtures("may_take_long")
@pytest.mark.parametrize(
    ("make", "work"),
    [(every_post_twice, drop_duplicates), (an_account_for_each_post, record_accounts)],
    ids=["duplicates", "accounts"],
)
def test_eight_times_the_rows_take_some_eight_times_as_long(
    tmp_path: Path,
    make: Callable[[int], pl.DataFrame],
    work: Callable[[Path, int], None],
) -> None:
    def seconds(posts: int) -> float:
        path = tmp_path / f"{posts}.parquet"
        make(posts).write_parquet(path, row_group_size=1000)
        start = time.process_time()
        work(path, posts)
        return time.process_time() - start

    seconds(1000)  # what comes once
    assert seconds(MANY) < 2 * MANY / FEW * seconds(FEW)  # 64 times, were it their square
