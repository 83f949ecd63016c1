"""Sharing independent pieces of work among threads, with results that do not depend on how many there are."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed

# (first, end) of the pieces to evaluate; the function writes its results by index.
EvaluateBlock = Callable[[int, int], None]
ReportDone = Callable[[int], None]

# Small enough that threads finish together and progress moves, large enough that starting a block costs nothing.
BLOCKS_PER_WORKER = 40


def default_worker_count() -> int:
    """Return V1_OPTIMIZER_THREADS if it is a positive number, else the number of cores."""
    configured = os.environ.get("V1_OPTIMIZER_THREADS", "")
    if configured.isdigit() and int(configured) > 0:
        return int(configured)
    return os.cpu_count() or 1


def run_blocks(evaluate: EvaluateBlock, total: int, workers: int, report_done: ReportDone = lambda _: None) -> None:
    """Evaluate pieces 0 to total - 1 in blocks.

    `evaluate` must release the GIL and write each result at its own index. `report_done` is called in this thread with
    the number of pieces of each finished block. The first error of a block is raised when the running ones are over.
    """
    size = max(1, -(-total // (workers * BLOCKS_PER_WORKER)))
    blocks = [(first, min(first + size, total)) for first in range(0, total, size)]
    if workers == 1 or len(blocks) <= 1:
        for first, end in blocks:
            evaluate(first, end)
            report_done(end - first)
        return
    with ThreadPoolExecutor(min(workers, len(blocks))) as pool:
        pending = {pool.submit(evaluate, first, end): end - first for first, end in blocks}
        try:
            for future in as_completed(pending):
                future.result()
                report_done(pending[future])
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
