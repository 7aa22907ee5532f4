"""A file beside the network that it was made of: both rank one test set."""

import logging
import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from mmengine.logging import print_log

from mmreid.apis.export.carried_facts import rules_of
from mmreid.apis.export.compared_pictures import (
    MOST_PICTURES,
    ComparedPictures,
    load_pictures,
    turn,
)
from mmreid.apis.export.source import load_source
from mmreid.arguments import check_number
from mmreid.deploy import open_exported
from mmreid.deploy.gate import Judgement, find_cause, judge
from mmreid.evaluation.rules import CLOTHES_OF_PROTOCOLS, RankingRules

# So many tell the cause of a refusal.
_SUSPECT_PICTURES = 24

Progress = Callable[[int, int], Any]
#: Called with the name of a piece of work, gives what is called with its work done.
Titled = Callable[[str], Progress]


class Bench:
    """A network, and the pictures on which its files are compared with it.

    Args:
        network (Any): Of :func:`mmreid.apis.init_model`, on the processor.
        data (str | PathLike | None): As of :func:`load_pictures`.
        most (int): Likewise.
        progress (Callable, optional): Called with the name of a piece of work, gives
            what is called with its work done, and in all. Defaults to None.

    Attributes:
        network: The network.
        pictures: The pictures.
        exact: Its vectors of them, ``(N, D)``, in float32.
        rules: How its config ranks.

    Raises:
        ValueError: The test set cannot be ranked.
        OSError: It cannot be read.
    """

    def __init__(
        self,
        network: Any,
        data: str | os.PathLike | None = None,
        most: int = MOST_PICTURES,
        progress: Titled | None = None,
    ) -> None:
        self._progress = progress or (lambda title: lambda done, total: None)
        self.network = network
        self.pictures: ComparedPictures = load_pictures(
            network.cfg, data, most, self._progress('reading pictures')
        )
        self.rules = _fitting(rules_of(network.cfg), self.pictures)
        self.exact = self.pictures.compute(
            lambda batch: vectors_of(network, batch), self._progress('network')
        )

    def run(self, path: str | os.PathLike) -> np.ndarray:
        """Compute what a file computes of the pictures, by its own runtime.

        Args:
            path (str | PathLike): The exported file.

        Returns:
            np.ndarray: ``(N, D)``.
        """
        exported = open_exported(path)
        return self.pictures.compute(
            lambda batch: exported(turn(batch, exported.facts.channels)),
            self._progress(exported.runtime),
        )

    def judge(
        self, given: np.ndarray, precision: str, tolerance: float | None = None
    ) -> Judgement:
        """Judge a file by its vectors, and find the cause of a refusal.

        Args:
            given (np.ndarray): ``(N, D)`` of :meth:`run`.
            precision (str): What the file computes in.
            tolerance (float, optional): Points of mAP. Defaults to None: as of
                :func:`mmreid.deploy.gate.judge`.

        Returns:
            Judgement: Whether it ranks as the network does.
        """
        found = judge(
            self.exact,
            given,
            self.pictures.labels,
            precision=precision,
            tolerance=tolerance,
            rules=self.rules,
            data=self.pictures.name,
            dataset_meta=self.pictures.meta,
        )
        # In float32 a file near enough to pass makes no mistake; of the other
        # precisions a flip left out, say, may cost less than the tolerance.
        if found.passed and precision == 'float32':
            return found
        step = -(-len(given) // _SUSPECT_PICTURES)
        shown = self.pictures.inputs[::step]
        experiment = find_cause(self.network, shown, given[::step], precision=precision)
        return found.blame(experiment)


def vectors_of(network: Any, batch: np.ndarray) -> np.ndarray:
    """Compute what a network computes of pictures, in float32.

    Args:
        network (Any): Of :func:`mmreid.apis.init_model`, on the processor.
        batch (np.ndarray): ``(n, H, W, 3)`` uint8, blue-green-red.

    Returns:
        np.ndarray: ``(n, D)``.
    """
    inputs = torch.from_numpy(batch).permute(0, 3, 1, 2).contiguous()
    with torch.no_grad():
        samples = network.test_step(dict(inputs=inputs))
    return torch.stack([sample.embedding for sample in samples]).cpu().numpy()


def _fitting(rules: RankingRules, pictures: ComparedPictures) -> RankingRules:
    """Rank pictures whose clothes nobody knows as those of other data sets."""
    clothes = CLOTHES_OF_PROTOCOLS[rules.protocol]
    if clothes is None or pictures.labels.clothes_id is not None:
        return rules
    print_log(
        f'The clothes in {pictures.name} are not known, which the protocol '
        f'{rules.protocol!r} of the config compares: rankings are compared by the '
        "protocol 'market'.",
        'current',
        logging.WARNING,
    )
    return replace(rules, protocol='market')


def judge_file(
    path: str | os.PathLike,
    model: Any,
    *,
    checkpoint: str | Path | None = None,
    weights_file: str | Path | None = None,
    accept_licence: bool = False,
    cfg_options: Sequence[str] = (),
    data: str | os.PathLike | None = None,
    tolerance: float | None = None,
    most_pictures: int = MOST_PICTURES,
    progress: Titled | None = None,
) -> Judgement:
    """Judge an exported file that is there: on another machine, or of another runtime.

    Args:
        path (str | PathLike): The file.
        model (Any): The model that it should be, as of
            :func:`mmreid.apis.export_model`.
        checkpoint (str | Path, optional): Its weights. Defaults to None.
        weights_file (str | Path, optional): As of ``init_model``. Defaults to None.
        accept_licence (bool): As of ``init_model``. Defaults to False.
        cfg_options (Sequence[str]): ``KEY=VALUE`` that change a config. Defaults to ().
        data (str | PathLike, optional): As of ``ExportOptions``. Defaults to None.
        tolerance (float, optional): Likewise. Defaults to None.
        most_pictures (int): Likewise. Defaults to 3000.
        progress (Callable, optional): As of ``export_model``. Defaults to None.

    Returns:
        Judgement: Whether it ranks as the model does, here and now.

    Raises:
        ValueError: The file cannot be run, takes pictures of another size than the
            model, or the model cannot be had.
        OSError: A file cannot be read.
    """
    if tolerance is not None:  # before minutes of work
        check_number('tolerance', tolerance, above=0)
    facts = open_exported(path).facts
    source = load_source(model, checkpoint, weights_file, accept_licence, cfg_options)
    bench = Bench(source.network, data, most_pictures, progress)
    size = bench.pictures.inputs.shape[1:3]
    if size != (facts.height, facts.width):
        raise ValueError(
            f'path must be a file for pictures of {size[0]} x {size[1]}, as the model '
            f'takes them, got {os.fspath(path)} for {facts.height} x {facts.width}.'
        )
    return bench.judge(bench.run(path), facts.precision, tolerance)
