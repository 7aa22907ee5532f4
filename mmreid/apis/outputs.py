"""The files that a test leaves behind."""

import json
import math
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from mmengine.config import Config
from mmengine.dist import is_main_process

from mmreid.apis.rank_lists import draw_rank_lists


class Outputs:
    """Metrics as JSON, embeddings as .npz and drawings of a test.

    Args:
        cfg (Config): The test's config, with ``work_dir``.
        files (Sequence[Path]): Names ending in ``.json`` (metrics and protocol) or
            ``.npz`` (embeddings and labels).
        show_dir (Path, optional): Folder for drawings of queries with their answers.
            They need a features file; where ``files`` has none it is
            ``work_dir/features.npz``. Defaults to None.
    """

    def __init__(
        self, cfg: Config, files: Sequence[Path] = (), show_dir: Path | None = None
    ) -> None:
        self.cfg = cfg
        self.metrics = [file for file in files if file.suffix == '.json']
        self.features = [file for file in files if file.suffix == '.npz']
        self.show_dir = show_dir
        if show_dir is not None and not self.features:
            self.features = [Path(cfg.work_dir, 'features.npz')]

    def prepare(self) -> None:
        """Make the folders and let the config's test write its embeddings.

        Raises:
            OSError: A folder cannot be made or written to.
        """
        folders = [file.parent for file in (*self.metrics, *self.features)]
        if self.show_dir is not None:
            folders.append(self.show_dir)
        for folder in folders:
            folder.mkdir(parents=True, exist_ok=True)
            if not os.access(folder, os.W_OK):
                raise PermissionError(f'{folder} is write-protected; choose another.')
        evaluators = self.cfg.test_evaluator
        if not isinstance(evaluators, list):
            evaluators = [evaluators]
        dumps = [dict(type='DumpEmbeddings', out_file=str(f)) for f in self.features]
        self.cfg.test_evaluator = [*evaluators, *dumps]

    def write(self, metrics: Mapping[str, Any]) -> None:
        """Write metrics and drawings, in the first process.

        The drawings rank by the distance that the evaluator's protocol names.

        Args:
            metrics (Mapping[str, Any]): What the test returned.
        """
        if not is_main_process():
            return
        text = json.dumps(to_json(metrics), indent=2, allow_nan=False)
        for file in self.metrics:
            file.write_text(text + '\n', 'utf-8')
        if self.show_dir is not None:
            protocol = metrics.get('reid/protocol', {})
            distance = protocol.get('distance', 'cosine')
            draw_rank_lists(self.features[0], self.show_dir, distance=distance)


def to_json(value: Any) -> Any:
    """Express metrics in what JSON knows, which are no NaN and no infinity.

    Args:
        value (Any): A nest of dicts and lists of numbers and strings.

    Returns:
        Any: The same in python's types, None in place of a number that does not exist.
    """
    if isinstance(value, Mapping):
        return {str(key): to_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [to_json(item) for item in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
