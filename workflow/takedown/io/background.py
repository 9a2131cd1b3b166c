"""Run an iterator in a background thread."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from typing import Any, TypeVar

Item = TypeVar("Item")
END = object()


def in_thread(items: Iterator[Item], ahead: int = 2) -> Iterator[Item]:
    """Yield ``items``, produced in a thread that queues at most ``ahead`` of them.

    An error in the producer is raised in the consumer; the producer stops when the consumer does.
    """
    ready: queue.Queue[Any] = queue.Queue(maxsize=ahead)
    stop = threading.Event()

    def put(item: Any) -> None:
        while not stop.is_set():
            try:
                return ready.put(item, timeout=0.1)
            except queue.Full:
                continue

    def produce() -> None:
        try:
            for item in items:
                put(item)
                if stop.is_set():
                    return
            put(END)
        except BaseException as error:  # handed over to the consumer, which raises it
            put(error)

    threading.Thread(target=produce, daemon=True).start()
    try:
        while (item := ready.get()) is not END:
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        stop.set()
