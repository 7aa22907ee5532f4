"""Anything that shows persons to vectors: the class that most programs need."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from mmengine.device import get_device

from mmreid.apis.file_models import FileNetwork
from mmreid.apis.inference.crops import pair_boxes
from mmreid.apis.inference.model_key import model_key
from mmreid.apis.inference.network import Network
from mmreid.apis.inference.preparing import Preparer, regroup
from mmreid.apis.inference.records import Embeddings
from mmreid.apis.inference.sources import count_items, list_items
from mmreid.apis.model import check_model, init_model
from mmreid.apis.model_names.index import is_name
from mmreid.apis.model_names.of_network import name_network
from mmreid.apis.test_pipeline import TestPipeline
from mmreid.arguments import check_choice
from mmreid.deploy.exported_network import ExportedNetwork
from mmreid.engine.hooks import describe_training

#: Numbers that a network can compute with; ``'int8'`` is for exported files.
PRECISIONS = ('auto', 'float32', 'bfloat16', 'float16', 'int8')

Progress = Callable[[int, int], Any]


class ReIDInferencer:
    """Turns pictures of persons into vectors that are near for one person.

    One bad picture never ends the rest: what gave no vector is listed in ``failures``,
    with the reason. Pictures are read beside the computing, a bounded number ahead, so
    that a video of any length is taken as it comes.

    Args:
        model (Any): What :func:`mmreid.apis.init_model` takes: a model's name (with its
            published weights), a config, a checkpoint that tells its config, or a file
            of ``mmreid export``; or a network of that function.
        checkpoint (str | Path, optional): Weights for a config. Defaults to None.
        device (str | torch.device): Where to compute. Defaults to ``'auto'``: an
            accelerator where there is one, else the CPU, which is where exported files
            are run.
        batch_size (int): Pictures that the network sees at once. Defaults to 64.
        precision (str): ``'float32'`` computes what ``tools/test.py`` does, bit by bit
            in batches of the same pictures (among others the last bits differ). All
            others compute with batch norm folded into convolutions: ``'bfloat16'``,
            ``'float16'``, or ``'auto'``, the fastest that the device has, if the model
            bears it: vectors of a few pictures must have a cosine of 0.9999 to the
            exact ones, or a log line says what is computed in instead. Of an exported
            file it is the file's: ``'auto'``, or that. Defaults to ``'auto'``.
        compile (bool): Have ``torch.compile`` make the network faster, which takes a
            minute at first; no exported file. Defaults to False.
        num_workers (int, optional): Threads that read pictures, 0 for none. Defaults to
            None: as many as there are processors, 8 at most.

    Attributes:
        dim: Width of the vectors.
        model_key: 64 hexadecimal digits that tell the model; ``tools/test.py`` writes
            them as ``features_key['model']``.
        name: What the model is called: its config file, its published name or what an
            exported file tells.
        precision: What it computes in: ``'float32'``, ``'bfloat16'``, ``'float16'`` or
            ``'int8'``.
        operating_point: The threshold that the weights were published with, or None.
        trained_on: What the weights were trained on, a line; None where nothing tells.

    Raises:
        ValueError: An argument is out of range, or the model cannot be had.
    """

    def __init__(
        self,
        model: Any,
        checkpoint: str | Path | None = None,
        device: str | torch.device = 'auto',
        *,
        batch_size: int = 64,
        precision: str = 'auto',
        compile: bool = False,
        num_workers: int | None = None,
    ) -> None:
        if batch_size < 1:
            raise ValueError(f'batch_size must be at least 1, got {batch_size}.')
        if num_workers is not None and num_workers < 0:
            raise ValueError(f'num_workers must be at least 0, got {num_workers}.')
        check_choice('precision', precision, PRECISIONS)
        self.batch_size = batch_size
        network, self.name = _load(model, checkpoint)
        self.model_key = model_key(network)
        self.operating_point = getattr(network, 'operating_point', None)
        self.trained_on = describe_training(getattr(network, 'trained_on', None))
        pipeline = TestPipeline(network.cfg)
        self._preparer = Preparer(pipeline, num_workers)
        self._network: Any
        if isinstance(network, ExportedNetwork):
            self._network = FileNetwork(network, device, precision, compile)
        else:
            place = torch.device(get_device() if device == 'auto' else device)
            self._network = Network(
                network.to(place), place, precision, compile, batch_size, pipeline
            )
        self.dim, self.precision = self._network.dim, self._network.precision

    def __call__(
        self, pictures: Any, boxes: Any = None, *, progress: Progress | None = None
    ) -> Embeddings:
        """Compute the vectors of pictures.

        Args:
            pictures (Any): A path; a folder, whose pictures and those in folders below
                are taken in the order of their names; a pattern (``'cam1/*.jpg'``,
                ``'**/*.png'``); an array ``(H, W, 3)`` of uint8, blue-green-red; a
                tensor ``(3, H, W)`` likewise; several of either, ``(N, ...)``; a PIL
                picture; or a list or an iterator of any of these. A pair of a number
                and a picture is a frame with its number.
            boxes (Any): One array ``(n, 4)`` for each picture: x1, y1, x2, y2 in
                pixels, clipped to the picture. Defaults to None: whole pictures.
            progress (Callable, optional): Called with the pictures done, and with all;
                of an iterator, with those taken so far. Defaults to None.

        Returns:
            Embeddings: A row for each picture, or each box, that gave one.

        Raises:
            FileNotFoundError: A single path, folder or pattern leads to no picture.
            ValueError: There are not as many arrays of boxes as pictures.
            TypeError: ``pictures`` is nothing that can hold any.
        """
        parts = self.stream(pictures, boxes, progress=progress)
        return Embeddings.join(parts, self.dim, self.model_key, self.name)

    def stream(
        self, pictures: Any, boxes: Any = None, *, progress: Progress | None = None
    ) -> Iterator[Embeddings]:
        """Compute vectors batch by batch, for what is too long to be held.

        Args:
            pictures (Any): As of the call.
            boxes (Any): As of the call, or an iterator of such. Defaults to None.
            progress (Callable, optional): As of the call. Defaults to None.

        Yields:
            Embeddings: Of a batch.
        """
        items = list_items(pictures)
        total = count_items(items)
        done = 0
        chunks = self._preparer(pair_boxes(items, boxes), self.batch_size)
        for inputs, sources, failures, count in regroup(chunks, self.batch_size):
            vectors = np.zeros((0, self.dim), np.float32)
            if inputs:
                vectors = self._network(inputs)
            done += count
            if progress is not None:
                progress(done, done if total is None else total)
            yield Embeddings(
                vectors, tuple(sources), tuple(failures), self.model_key, self.name
            )


def _load(model: Any, checkpoint: str | Path | None) -> tuple[Any, str]:
    """Make a network of what names it, and find what to call it."""
    if isinstance(model, torch.nn.Module):
        if checkpoint is not None:
            raise ValueError(
                'checkpoint must be None beside a network, which has weights, got '
                f'{str(checkpoint)!r}.'
            )
        _check_network(model)
        return model, name_network(model, type(model).__name__)
    is_published = checkpoint is None and isinstance(model, str) and is_name(model)
    network = init_model(model, checkpoint, pretrained=is_published)
    if is_published:
        return network, model
    return network, name_network(network, Path(str(model or checkpoint)).stem)


def _check_network(model: Any) -> None:
    """Refuse a network whose vectors would be none of a test's."""
    check_model(model)
    kinds = {p.dtype for p in model.parameters()} - {torch.float32}
    if kinds:
        raise ValueError(
            f'model must be in float32, got {kinds.pop()}; precision says what it '
            'computes in.'
        )
