"""int8 files: calibrated on pictures of all cameras, and kept within the tolerance."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from mmengine.logging import print_log

from mmreid.apis.export.compared_pictures import (
    ComparedPictures,
    read_picture,
    turn,
)
from mmreid.apis.export.judging import Bench, Titled
from mmreid.apis.export.options import ExportOptions
from mmreid.deploy.gate import WorstScore
from mmreid.deploy.gate.limits import LIMITS
from mmreid.deploy.precision import QUANTIZERS, PrecisionReport, choose_calibration
from mmreid.registry import DATASETS


def reduce_to_int8(
    source: Path,
    target: Path,
    bench: Bench,
    options: ExportOptions,
    progress: Titled | None = None,
) -> PrecisionReport:
    """Make an int8 file of a float one.

    The gate asks that the whole interval of the difference in mAP lies within the
    tolerance. So what the libraries are told of an attempt is not its mAP but the
    network's less the far end of that interval: a layer is left in float where the gate
    would refuse the file, and not only where the mAP itself falls by so much.

    Args:
        source (Path): The float file, of the kind of ``options.to``.
        target (Path): The file to write.
        bench (Bench): The network and its pictures.
        options (ExportOptions): Kind, channels, tolerance and number of pictures.
        progress (Callable, optional): As of ``export_model``. Defaults to None.

    Returns:
        PrecisionReport: What the library did, and which layers it left in float.

    Raises:
        ImportError: The library is not installed.
        PrecisionError: The interval is outside, whatever is left in float.
    """
    calibration = _Calibration(
        bench.pictures, options.num_calibration, options.channels
    )
    print_log(calibration.explain(), 'current')
    worst = WorstScore(bench.exact, bench.pictures.labels, bench.rules)

    def validate(embed: Callable[[np.ndarray], np.ndarray]) -> float:
        """Score a file by the function that computes its vectors."""
        return worst(
            bench.pictures.compute(lambda batch: embed(turn(batch, options.channels)))
        )

    return QUANTIZERS[options.to](
        source,
        target,
        calibration,
        validate=validate,
        max_drop=options.tolerance or LIMITS['int8'].tolerance,
        progress=progress and progress('calibration'),
    )


class _Calibration:
    """Pictures one by one, drawn over cameras; of training pictures where there are.

    Args:
        pictures (ComparedPictures): Of the test set.
        num (int): How many are drawn.
        channels (str): The order that the file takes.
    """

    def __init__(self, pictures: ComparedPictures, num: int, channels: str) -> None:
        self.channels, self._inputs = channels, pictures.inputs
        self.dataset: Any = None
        self._reason = ''
        try:
            self.dataset = DATASETS.build({**pictures.dataset, 'split': 'train'})
        except (FileNotFoundError, ValueError) as error:
            # A folder with test pictures alone is enough.
            self._reason = f' No training pictures were found: {error}'
        if self.dataset is not None:
            records = [self.dataset.get_data_info(i) for i in range(len(self.dataset))]
            cameras = np.array([record['cam_id'] for record in records])
            persons = np.array([record['person_id'] for record in records])
            places = np.arange(len(records))
        else:
            places = np.flatnonzero(~pictures.labels.is_query)
            cameras = pictures.labels.cam_id[places]
            persons = pictures.labels.person_id[places]
        self.num_cameras = len(np.unique(cameras))
        self.chosen = places[choose_calibration(cameras, num, persons=persons)]

    def explain(self) -> str:
        """Say which pictures these are."""
        kind = 'the gallery' if self.dataset is None else 'the training set'
        return (
            f'Calibration: {len(self.chosen)} pictures of {kind}, drawn over '
            f'{self.num_cameras} cameras.{self._reason}'
        )

    def __iter__(self) -> Iterator[np.ndarray]:
        for index in self.chosen.tolist():
            if self.dataset is None:
                picture = self._inputs[index]
            else:
                picture = read_picture(self.dataset, index)
            yield turn(picture[None], self.channels)
