"""How fast a file in fewer bits is, beside the same in float32."""

import time
from pathlib import Path
from statistics import median

from mmreid.apis.export.compared_pictures import ComparedPictures, turn
from mmreid.deploy import open_exported

# Pictures at once, and turns of which the median counts.
_BATCH, _TURNS = 16, 7


def measure_speed(whole: Path, reduced: Path, pictures: ComparedPictures) -> float:
    """Measure both files in turns, by the same runtime with its own threads.

    Args:
        whole (Path): In float32.
        reduced (Path): In fewer bits.
        pictures (ComparedPictures): What they compute vectors of.

    Returns:
        float: How many times as many pictures a second the second file takes: the
        median over turns, the first of which is not counted.
    """
    files = [open_exported(path) for path in (whole, reduced)]
    batch = turn(next(pictures.batches(_BATCH)), files[0].facts.channels)
    ratios = []
    for _ in range(1 + _TURNS):
        seconds = []
        for file in files:
            start = time.perf_counter()
            file(batch)
            seconds.append(time.perf_counter() - start)
        ratios.append(seconds[0] / seconds[1])
    return median(ratios[1:])
