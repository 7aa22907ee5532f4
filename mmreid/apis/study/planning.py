"""Which runs a study consists of, and which of them are missing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mmengine.config import Config

from mmreid.apis.model_names import config_path
from mmreid.apis.study.definition import StudiedMethod, Study
from mmreid.apis.study.records import StudyRecords
from mmreid.engine import read_config
from mmreid.engine.config_files.pipeline_steps import steps_of
from mmreid.evaluation.features.key import hash_text
from mmreid.files import to_json

# Of a config, what a trained network and its test depend on.
_DECIDING = (
    *('model', 'train_dataloader', 'test_dataloader', 'test_evaluator'),
    *('optim_wrapper', 'param_scheduler', 'train_cfg', 'test_cfg', 'custom_hooks'),
    *('auto_scale_lr', 'load_from'),
)
# Of a data loader, what gives the same pictures sooner or later.
_SPEED_ALONE = ('num_workers', 'persistent_workers', 'pin_memory', 'prefetch_factor')
# Of its data set, what that wraps and the steps of pipelines: folders and labels.
_OF_NO_EFFECT = ('data_root', 'source', 'meta_keys')


@dataclass(frozen=True)
class PlannedRun:
    """One run of a study.

    Attributes:
        method: Of the study.
        seed: Its seed.
        key: What it is trained by.
        config: The config as it stands, with all options but the seed.
    """

    method: StudiedMethod
    seed: int
    key: str
    config: Config = field(repr=False, compare=False)

    @property
    def name(self) -> str:
        """Of the run, as messages and folders have it."""
        return f'{self.method.folder}/seed_{self.seed:02d}'


def plan_study(
    study: Study, seeds: Sequence[int] = (), methods: Sequence[str] = ()
) -> list[PlannedRun]:
    """List the runs of a study: all methods with the first seed, then the next one.

    A study that is stopped has so as many runs of each method as of any other.

    Args:
        study (Study): The study.
        seeds (Sequence[int]): Only these. Defaults to (): all.
        methods (Sequence[str]): Only these. Defaults to (): all.

    Raises:
        ValueError: The study has no such seed or method, or a method's options do not
            fit its config; it is named.
    """
    for what, asked, there in (
        ('seed', seeds, study.seeds),
        ('method', methods, study.methods),
    ):
        unknown = [value for value in asked if value not in there]
        if unknown:
            raise ValueError(
                f'the study has no {what} {unknown[0]!r}; it has {list(there)}.'
            )
    read = {
        name: _read(method, study)
        for name, method in study.methods.items()
        if not methods or name in methods
    }
    return [
        PlannedRun(study.methods[name], seed, run_key(config), config)
        for seed in study.seeds
        if not seeds or seed in seeds
        for name, config in read.items()
    ]


def _read(method: StudiedMethod, study: Study) -> Config:
    """Read a method's config with the options of the study and its own."""
    try:
        path = config_path(method.config)
        return read_config(path, [*study.options, *method.options])
    except (OSError, ValueError) as error:
        raise ValueError(f'method {method.name!r}: {error}') from error


def run_key(config: Config) -> str:
    """Hash what a run depends on beside its seed.

    Folders, logs, labels that go with a picture to the test and what only changes the
    speed are left out: a record stays valid where they change.

    Args:
        config (Config): With all options but the seed.
    """
    deciding = {name: to_json(config.get(name), str) for name in _DECIDING}
    for loader in ('train_dataloader', 'test_dataloader'):
        entries = deciding[loader]
        for entry in entries if isinstance(entries, list) else [entries or {}]:
            for name in _SPEED_ALONE:
                entry.pop(name, None)
            for part in steps_of(entry):
                for name in _OF_NO_EFFECT:
                    part.pop(name, None)
    return hash_text(repr(_ordered(deciding)))[:16]


def _ordered(value: Any) -> Any:
    """Make what does not depend on the order of a dict's entries."""
    if isinstance(value, Mapping):
        return sorted((str(key), _ordered(item)) for key, item in value.items())
    return [_ordered(item) for item in value] if isinstance(value, list) else value


def missing_runs(
    runs: Sequence[PlannedRun], records: StudyRecords
) -> tuple[list[PlannedRun], list[PlannedRun]]:
    """Find which runs are to be made.

    Args:
        runs (Sequence[PlannedRun]): Of :func:`plan_study`.
        records (StudyRecords): What was made before.

    Returns:
        tuple: Those to be made, and, of them, those whose record is of another config
        or of other options.
    """
    missing, stale = [], []
    for run in runs:
        record = records.runs.get((run.method.name, run.seed))
        if record is None or record.key != run.key:
            missing.append(run)
            stale += [run] if record else []
    return missing, stale
