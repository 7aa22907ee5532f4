"""The files that a test leaves behind."""

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mmengine.config import Config
from mmengine.dist import is_main_process
from mmengine.runner import Runner

from mmreid.apis.draw.rank_lists import draw_rank_lists
from mmreid.data_loaders import list_loaders
from mmreid.deploy.exported_network import ExportedNetwork
from mmreid.engine.model_wrappers import unwrap_model
from mmreid.evaluation.features import WRITERS
from mmreid.evaluation.features.key import hash_text, hash_weights
from mmreid.evaluation.functional import RankingRules
from mmreid.evaluation.metrics import ReIDMetric, file_of_set
from mmreid.files import digest_of, write_json


class Outputs:
    """Metrics as JSON, embeddings as features files and drawings of a test.

    Where the config tests on a list of data sets, the JSON has one block for each,
    under the name that the test gives it; embeddings and drawings go to
    ``FILE_<name>.npz`` and ``DIR/<name>``.

    Args:
        cfg (Config): The test's config, with ``work_dir``.
        files (Sequence[Path]): Names ending in ``.json`` (metrics, protocol and the
            values of single queries), ``.npz`` or ``.safetensors`` (embeddings and
            labels).
        show_dir (Path, optional): Folder for drawings of queries with their answers.
            They need a features file; where ``files`` has none it is
            ``work_dir/features.npz``. Defaults to None.
    """

    def __init__(
        self, cfg: Config, files: Sequence[Path] = (), show_dir: Path | None = None
    ) -> None:
        self.cfg = cfg
        self.metrics = [file for file in files if file.suffix == '.json']
        self.features = [file for file in files if file.suffix in WRITERS]
        self.show_dir = show_dir
        if show_dir is not None and not self.features:
            self.features = [Path(cfg.work_dir, 'features.npz')]
        self.has_sets = isinstance(cfg.get('test_dataloader'), list)

    def prepare(self) -> None:
        """Make the folders and let the config's test write its embeddings.

        Raises:
            OSError: A folder cannot be made or written to.
            ValueError: The config has no test.
        """
        if self.cfg.get('test_evaluator') is None:
            raise ValueError(
                f'{self.cfg.filename or "The config"} tells of no test, it lacks '
                'test_evaluator; give a config that does, and the checkpoint or '
                'exported file behind it.'
            )
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
        for evaluator in evaluators:
            if self.metrics and evaluator['type'] in ('ReIDMetric', ReIDMetric):
                evaluator.setdefault('per_query', True)
        dumps = [dict(type='DumpEmbeddings', out_file=str(f)) for f in self.features]
        self.cfg.test_evaluator = [*evaluators, *dumps]

    def sign(self, runner: Runner) -> None:
        """Let features files tell which model made them, once it has its weights.

        Args:
            runner (Runner): Whose test is to be run.
        """
        if not self.features:
            return
        model = unwrap_model(runner.model)
        weights, known = hash_weights(model.state_dict()), {}
        if isinstance(model, ExportedNetwork):
            weights = _hash_files(model.exported.files)
            known = dict(model=model.facts.model_key)
        # A loop over several data sets has a loop, and with it an evaluator, for each.
        loops = getattr(runner.test_loop, 'sets', {'': runner.test_loop})
        loaders = list_loaders(self.cfg, 'test_dataloader')
        for loop, loader in zip(loops.values(), loaders, strict=True):
            config = hash_settings(self.cfg, loader)
            source = dict(weights=weights, config=config, **known)
            meta = loop.evaluator.dataset_meta or {}
            loop.evaluator.dataset_meta = {**meta, 'features_source': source}

    def write(self, metrics: Mapping[str, Any]) -> None:
        """Write metrics and drawings, in the first process.

        The drawings rank by the rules that the evaluator's protocol names.

        Args:
            metrics (Mapping[str, Any]): What the test returned.
        """
        if not is_main_process():
            return
        results = split_by_set(metrics) if self.has_sets else metrics
        for file in self.metrics:
            write_json(file, results)
        if self.show_dir is None:
            return
        if not self.has_sets:
            self._draw(metrics, self.features[0], self.show_dir)
            return
        for name, block in results.items():
            features = file_of_set(self.features[0], name)
            self._draw(block, features, self.show_dir / name)

    def _draw(self, metrics: Mapping[str, Any], features: Path, folder: Path) -> None:
        """Draw the rank lists of one data set."""
        # The prefix of the metric is the user's choice.
        stamps = [v for key, v in metrics.items() if key.split('/')[-1] == 'protocol']
        stamp = stamps[0] if stamps else {}
        prior = self._time_prior if stamp.get('time_prior') else None
        rules = RankingRules.of_stamp(stamp, prior)
        draw_rank_lists(features, folder, rules)

    @property
    def _time_prior(self) -> str | None:
        """The file of the prior of times that the config names first."""
        priors = (e.get('time_prior') for e in self.cfg.test_evaluator)
        return next(filter(None, priors), None)


def hash_settings(cfg: Config, loader: Mapping[str, Any]) -> str:
    """Hash what a config says of embeddings: model, precision, pipeline.

    What has no influence on an embedding (batch sizes, folders, metrics, labels that
    go with a picture) is left out.

    Args:
        cfg (Config): The test's config.
        loader (Mapping[str, Any]): The part of it that loads the data.

    Returns:
        str: For ``features_key``.
    """
    settings = dict(
        model=cfg.get('model'),
        fp16=(cfg.get('test_cfg') or {}).get('fp16', False),
        pipeline=[
            {key: value for key, value in step.items() if key != 'meta_keys'}
            for step in loader.get('dataset', {}).get('pipeline') or ()
        ],
    )
    return hash_text(json.dumps(settings, sort_keys=True, default=str))


def _hash_files(files: Sequence[Path]) -> str:
    """Hash what an exported file consists of."""
    digest = hashlib.sha256()
    for path in files:
        digest.update(bytes.fromhex(digest_of(path)))
    return digest.hexdigest()


def split_by_set(metrics: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Sort the metrics of several data sets into one block for each.

    Args:
        metrics (Mapping[str, Any]): By ``'<set>/<metric>'``.

    Returns:
        dict[str, dict[str, Any]]: By data set and metric, in the order of the test.
    """
    blocks: dict[str, dict[str, Any]] = {}
    for key, value in metrics.items():
        name, _, metric = key.partition('/')
        blocks.setdefault(name, {})[metric] = value
    return blocks
