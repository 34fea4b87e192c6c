"""What polling is held against: `python -m bench.bare_loop URL FIRST LAST THREADS` asks for the keys' connectors.

A session per thread, which keeps its connection; nothing is done with what comes. Prints keys a second.
"""

import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import requests

from bench.poll_data import key_value

_own = threading.local()


def ask(url: str, number: int) -> None:
    if not hasattr(_own, "session"):
        _own.session = requests.Session()
    answer = _own.session.get(url, headers={"X-API-KEY": key_value(number)}, timeout=20)
    answer.raise_for_status()
    answer.json()


def main(url: str, first: int, last: int, threads: int) -> None:
    began = time.perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(lambda number: ask(f"{url}/contents/v1/connectors", number), range(first, last)))
    print((last - first) / (time.perf_counter() - began))


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
