"""The ways to run a network, in the order in which they are shown."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from mmreid.apis.cost.runtimes.eager import (
    Embed,
    Shown,
    in_batches,
    run_by_torchreid,
    run_eagerly,
)
from mmreid.apis.cost.runtimes.exported_files import ExportedFiles
from mmreid.apis.file_models import config_of_file
from mmreid.apis.inference.network import has_bfloat16
from mmreid.apis.inferencer import ReIDInferencer
from mmreid.apis.model import init_model
from mmreid.deploy import open_exported
from mmreid.deploy.runtimes import open_once


class NotPossibleError(Exception):
    """This machine cannot run a network in a way."""


@dataclass(frozen=True)
class Job:
    """What is measured.

    Attributes:
        network: Of :func:`mmreid.apis.init_model`.
        pictures: Of a turn: arrays, or files that are read and resized by each way as
            its users have it.
        files: The network's files for other runtimes.
        batch: Pictures at once.
        threads: How many compute.
    """

    network: Any
    pictures: Shown
    files: ExportedFiles
    batch: int
    threads: int


@dataclass(frozen=True)
class Opened:
    """A way that is ready.

    Attributes:
        embed: From pictures to vectors.
        precision: What it computes in.
    """

    embed: Embed
    precision: str


@dataclass(frozen=True)
class Way:
    """A way to run a network.

    Attributes:
        title: What it is called in tables.
        open: Makes it ready; what is done before is in ``prepare``.
        file: Kind and precision of the file that it opens; None without one.
    """

    title: str
    open: Callable[[Job], Opened]
    file: tuple[str, str] | None = None

    def prepare(self, job: Job) -> Path | None:
        """Make the file that it opens, which is no part of what is measured.

        Args:
            job (Job): What is measured.

        Returns:
            Path | None: The file.

        Raises:
            NotPossibleError: This processor has no bfloat16.
            ImportError: A package is not installed.
        """
        if self.file is None:
            return None
        if self.file[1] == 'bfloat16' and not has_bfloat16():
            raise NotPossibleError('this processor does not multiply in bfloat16')
        return job.files.find(*self.file)


def _plain(run: Callable[[Any, int], Embed], job: Job) -> Opened:
    return Opened(run(job.network, job.batch), 'float32')


def _inferencer(precision: str, compile: bool, job: Job) -> Opened:
    return _infer(job.network, job, precision, compile)


def _infer(network: Any, job: Job, precision: str, compile: bool = False) -> Opened:
    """Have ``ReIDInferencer`` run a network, or what stands in its place."""
    inferencer = ReIDInferencer(
        network,
        device='cpu',
        batch_size=job.batch,
        precision=precision,
        compile=compile,
        # One more thread than the computing one would be one more processor.
        num_workers=0 if job.threads == 1 else job.threads,
    )
    return Opened(lambda shown: inferencer(shown).vectors, inferencer.precision)


def _exported(to: str, precision: str, job: Job) -> Opened:
    path = job.files.find(to, precision)
    if not isinstance(job.pictures, np.ndarray):
        cfg = config_of_file(open_once(path, job.threads))
        cfg.model.threads = job.threads
        return _infer(init_model(cfg), job, 'auto')
    model = open_exported(path, threads=job.threads)
    return Opened(in_batches(model, job.batch), precision)


def _file_way(title: str, to: str, precision: str) -> Way:
    return Way(title, partial(_exported, to, precision), (to, precision))


#: Word -> way. The first of those that are measured is what the others are compared to.
WAYS = {
    'eager': Way('torch, as written', partial(_plain, run_eagerly)),
    'torchreid': Way("torchreid's FeatureExtractor", partial(_plain, run_by_torchreid)),
    'inferencer-float32': Way('ReIDInferencer', partial(_inferencer, 'float32', False)),
    'inferencer': Way('ReIDInferencer, auto', partial(_inferencer, 'auto', False)),
    'compiled': Way('ReIDInferencer, compiled', partial(_inferencer, 'auto', True)),
    'torch': _file_way('torch.export file', 'torch', 'float32'),
    'onnx': _file_way('ONNX Runtime', 'onnx', 'float32'),
    'onnx-int8': _file_way('ONNX Runtime', 'onnx', 'int8'),
    'openvino': _file_way('OpenVINO', 'openvino', 'float32'),
    'openvino-bfloat16': _file_way('OpenVINO', 'openvino', 'bfloat16'),
    'openvino-int8': _file_way('OpenVINO', 'openvino', 'int8'),
}
