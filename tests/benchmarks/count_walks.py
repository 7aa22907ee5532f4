"""Count what a reader of the code walks through from a request to its answer.

    python tests/benchmarks/count_walks.py
    python tests/benchmarks/count_walks.py --walk mAP table --list

Each walk runs once under a tracer (``sys.setprofile``), which counts the files of
``mmreid`` and ``tools`` that are entered, the functions entered in them, and the most
of their frames on the stack at once. Methods, properties, lambdas, generators and
generator expressions are functions, each counted once however often it is called.
Comprehensions of lists, sets and dicts are not: newer Pythons give them no frame. What
a dataclass writes by itself has no file and is passed over, as are the frames of other
packages.

Every walk has run before, with objects of its own, so that nothing is imported while
the tracer looks. Only public names and command lines are used; the script runs on any
version of the package that has them:

    PYTHONPATH=OTHER_TREE python tests/benchmarks/count_walks.py
"""

import argparse
import contextlib
import io
import logging
import runpy
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import cv2
import numpy as np
import torch
from mmengine.config import Config
from mmengine.logging import MMLogger
from mmengine.registry import init_default_scope
from mmpretrain.structures import DataSample

import mmreid
from mmreid.apis import draw_rank_lists
from mmreid.evaluation.functional import Features, save_features
from mmreid.registry import METRICS, MODELS

ROOT = Path(mmreid.__file__).resolve().parents[1]
FOLDERS = (ROOT / 'mmreid', ROOT / 'tools')
TOOL = ROOT / 'tools/analysis_tools/evaluate_features.py'
# The network of the paper with the most bricks of its own.
NETWORK = ROOT / 'configs/sonanet/sonanet_r50_market.py'
PASSED_OVER = ('<listcomp>', '<setcomp>', '<dictcomp>', '<module>')
NUM_IMAGES = 60


class Walk:
    """A tracer that counts the frames of mmreid and its tools.

    Attributes:
        functions (dict[CodeType, str]): What was entered, with its file.
        deepest (list[CodeType]): The most functions on the stack at once, the
            outermost first.
    """

    def __init__(self) -> None:
        self.functions: dict[CodeType, str] = {}
        self.deepest: list[CodeType] = []

    @property
    def files(self) -> list[str]:
        """The files entered, in alphabetical order."""
        return sorted(set(self.functions.values()))

    def run(self, function: Callable[[], Any]) -> None:
        """Call a function and count what it enters.

        Args:
            function (Callable): Takes no argument.
        """
        sys.setprofile(self._trace)
        try:
            function()
        finally:
            sys.setprofile(None)

    def _trace(self, frame: FrameType, event: str, _: Any) -> None:
        if event != 'call' or (file := find_file(frame.f_code)) is None:
            return
        self.functions[frame.f_code] = file
        stack, caller = [], frame
        while caller is not None:
            if find_file(caller.f_code) is not None:
                stack.append(caller.f_code)
            caller = caller.f_back
        if len(stack) > len(self.deepest):
            self.deepest = stack[::-1]


def find_file(code: CodeType) -> str | None:
    """Find the file of a function of mmreid or its tools.

    Args:
        code (CodeType): What a frame runs.

    Returns:
        str | None: The file below the root; None for what is passed over.
    """
    path = Path(code.co_filename)
    if code.co_name in PASSED_OVER or not any(map(path.is_relative_to, FOLDERS)):
        return None
    return str(path.relative_to(ROOT))


def make_features(folder: Path) -> Features:
    """Draw random embeddings, and write a picture for each.

    Args:
        folder (Path): Where to write the pictures.

    Returns:
        Features: A third of them queries.
    """
    rng = np.random.default_rng(0)
    is_query = np.arange(NUM_IMAGES) < NUM_IMAGES // 3
    paths = [str(folder / f'{index:03d}.jpg') for index in range(NUM_IMAGES)]
    for path in paths:
        cv2.imwrite(path, np.full((32, 16, 3), 128, np.uint8))
    return Features(
        embedding=rng.standard_normal((NUM_IMAGES, 8)).astype(np.float32),
        person_id=np.where(is_query, *rng.integers([[1], [-1]], 6, (2, NUM_IMAGES))),
        cam_id=rng.integers(0, 3, NUM_IMAGES),
        is_query=is_query,
        img_path=np.array(paths),
        meta=dict(dataset='Random'),
    )


def walk_network(mode: str) -> Callable[[], Any]:
    """Build a network and prepare a walk from pictures through it.

    Args:
        mode (str): ``'predict'`` or ``'loss'``.

    Returns:
        Callable: Runs the network on a batch.
    """
    init_default_scope('mmreid')
    settings = Config.fromfile(NETWORK).model
    settings.backbone.init_cfg = None
    settings.head.num_classes = 2
    model = MODELS.build(settings).train(mode == 'loss')
    batch = dict(
        inputs=torch.randint(0, 256, (4, 3, 128, 64), dtype=torch.uint8),
        data_samples=[DataSample().set_gt_label(index // 2) for index in range(4)],
    )
    return lambda: model(**model.data_preprocessor(batch, mode == 'loss'), mode=mode)


def walk_metric(features: Features, **options: Any) -> Callable[[], Any]:
    """Build a metric and prepare a walk from samples through it.

    Args:
        features (Features): The test set.
        options (Any): Of ``ReIDMetric``.

    Returns:
        Callable: Gives the metric a batch and evaluates it.
    """
    metric = METRICS.build(dict(type='ReIDMetric', **options))
    metric.dataset_meta = features.meta
    samples = [
        dict(
            embedding=torch.from_numpy(features.embedding[index]),
            sample_idx=index,
            person_id=int(features.person_id[index]),
            cam_id=int(features.cam_id[index]),
            is_query=bool(features.is_query[index]),
            img_path=str(features.img_path[index]),
        )
        for index in range(NUM_IMAGES)
    ]

    def run() -> None:
        metric.process(None, samples)
        metric.evaluate(NUM_IMAGES)

    return run


def walk_tool(*words: str | Path) -> Callable[[], Any]:
    """Prepare a walk from a command line to the text that it prints.

    Args:
        words (str | Path): Arguments of ``evaluate_features.py``.

    Returns:
        Callable: Runs the tool in this process.
    """

    def run() -> None:
        words_before, path_before = sys.argv, list(sys.path)
        sys.argv = [str(TOOL), *map(str, words)]
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                runpy.run_path(str(TOOL), run_name='__main__')
        finally:
            sys.argv, sys.path[:] = words_before, path_before

    return run


def make_walks(folder: Path) -> dict[str, Callable[[], Any]]:
    """Prepare the walks.

    Args:
        folder (Path): For the files that they read and write.

    Returns:
        dict[str, Callable]: By name.
    """
    features = make_features(folder)
    file = folder / 'features.npz'
    save_features(file, features)
    analyses = ('--by-camera', '--hardest', '5', '--open-set', '--bootstrap', '50')
    return {
        'embedding': walk_network('predict'),
        'losses': walk_network('loss'),
        'mAP': walk_metric(features),
        're-ranking': walk_metric(features, rerank=dict()),
        'table': walk_tool(file, '--bootstrap', '0'),
        'analyses': walk_tool(file, *analyses),
        'rank lists': lambda: draw_rank_lists(file, folder / 'sheets'),
    }


def main() -> None:
    """Run the walks and print what was counted."""
    parser = argparse.ArgumentParser(description=__doc__.partition('\n')[0])
    parser.add_argument('--walk', nargs='+', metavar='NAME', help='only these')
    parser.add_argument(
        '--list', action='store_true', help='also the files, and the deepest stack'
    )
    args = parser.parse_args()
    MMLogger.get_instance('walks').setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory() as folder:
        first_walks, walks = make_walks(Path(folder)), make_walks(Path(folder))
        print(f'{"walk":12}{"files":>8}{"functions":>12}{"depth":>8}')
        for name in args.walk or walks:
            first_walks[name]()
            walk = Walk()
            walk.run(walks[name])
            counts = len(walk.files), len(walk.functions), len(walk.deepest)
            print('{:12}{:8}{:12}{:8}'.format(name, *counts))
            if args.list:
                stack = ' > '.join(code.co_qualname for code in walk.deepest)
                print(*(f'    {file}' for file in walk.files), sep='\n')
                print(f'    deepest: {stack}')


if __name__ == '__main__':
    main()
