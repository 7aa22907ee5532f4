"""What may be asked of an export, checked before anything is computed."""

import os
from dataclasses import dataclass

from mmreid.apis.export.compared_pictures import MOST_PICTURES
from mmreid.arguments import check_choice, check_count, check_number
from mmreid.deploy.export import FORMATS
from mmreid.deploy.facts import CHANNELS, PRECISIONS

# Tools for less than float32 are those of ONNX Runtime and OpenVINO.
_PRECISIONS = dict(onnx=PRECISIONS, openvino=PRECISIONS, torch=('float32',))

_NUM_CALIBRATION = 300


@dataclass(frozen=True, kw_only=True)
class ExportOptions:
    """How a model is exported.

    Attributes:
        to: ``'onnx'``, ``'openvino'`` or ``'torch'``.
        out: The file, or a folder for it. Defaults to None: the model's name, here.
        precision: ``'float32'``, ``'bfloat16'`` or ``'int8'``.
        channels: ``'bgr'``, as OpenCV reads, or ``'rgb'``: the order that the file
            takes.
        data: Pictures to compare rankings on: a folder, a table, or
            ``'synthreid-mini'``. Defaults to None: the config's test set where it is
            there, otherwise SynthReID-mini.
        tolerance: Points of mAP that the interval of the difference must lie within.
            Defaults to None: 0.1, of bfloat16 0.5, of int8 1.0.
        most_pictures: Of a larger test set whole persons are drawn up to about this
            many pictures.
        num_calibration: Of int8 alone, how many pictures tell the ranges of maps.
        results: File of ``mmreid test --out`` that travels with the file. Defaults to
            None: what the weights were published with.
        threshold: File of ``mmreid threshold --out``, likewise. Defaults to None.
        triton: Folder of a model repository for Triton to write, too. Defaults to
            None.
        overwrite: Whether files that are there are replaced.

    Raises:
        ValueError: A value is none that an export has.
    """

    to: str = 'onnx'
    out: str | os.PathLike | None = None
    precision: str = 'float32'
    channels: str = 'bgr'
    data: str | os.PathLike | None = None
    tolerance: float | None = None
    most_pictures: int = MOST_PICTURES
    num_calibration: int = _NUM_CALIBRATION
    results: str | os.PathLike | None = None
    threshold: str | os.PathLike | None = None
    triton: str | os.PathLike | None = None
    overwrite: bool = False

    def __post_init__(self) -> None:
        check_choice('to', self.to, FORMATS)
        check_choice('channels', self.channels, CHANNELS)
        check_choice('precision', self.precision, PRECISIONS)
        if self.precision not in _PRECISIONS[self.to]:
            raise ValueError(
                f'precision must be one of {[*_PRECISIONS[self.to]]} for {self.to}, '
                f'got {self.precision!r}; export it to onnx or openvino.'
            )
        if self.tolerance is not None:
            check_number('tolerance', self.tolerance, above=0)
        for name in ('most_pictures', 'num_calibration'):
            check_count(name, getattr(self, name))
        if self.num_calibration != _NUM_CALIBRATION and self.precision != 'int8':
            raise ValueError(
                f'num_calibration must be left out for {self.precision}, in which '
                f'nothing is calibrated, got {self.num_calibration}; export in int8.'
            )
        if self.triton is not None and self.to == 'torch':
            raise ValueError(
                "triton must be None for 'torch', whose files its server does not "
                f'open, got {os.fspath(self.triton)!r}; export it to onnx or openvino.'
            )
