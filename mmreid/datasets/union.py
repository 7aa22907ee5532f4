"""The union of several training sets."""

import copy
import os
from collections.abc import Sequence
from typing import Any

from mmengine.dataset import BaseDataset, Compose, ConcatDataset, force_full_init

from mmreid.registry import DATASETS, TRANSFORMS

# What numbers a record's picture, person, camera and clothes, where it has them.
NUMBERS = ('sample_idx', 'gt_label', 'person_id', 'cam_id', 'clothes_id')


class Shift:
    """Add an offset to each number of a record.

    Args:
        offsets (dict[str, int]): What to add, by key.
    """

    def __init__(self, offsets: dict[str, int]) -> None:
        self.offsets = offsets

    def __call__(self, record: dict) -> dict:
        """Return a record with the numbers that it has in the union."""
        moved = {k: record[k] + n for k, n in self.offsets.items() if k in record}
        return {**record, **moved}


@DATASETS.register_module()
class ReIDUnion(ConcatDataset):
    """Several training sets as one, their persons and cameras kept apart.

    The records are those of the data sets, in their order. To labels, person, camera
    and clothes numbers and to ``sample_idx`` those are added that the data sets before
    use up, so that no two data sets share a number; those of the first stay as they
    are. Nobody is the same person in two of them: do not unite data sets that show the
    same people, such as the labeled and the detected boxes of CUHK03.

    ``metainfo`` has ``dataset``, ``version`` and ``split`` with `` + `` between what
    differs (``'Market-1501 + DukeMTMC-reID'``), the sums ``num_images``, ``num_ids``
    and ``num_cams``, ``cameras=False`` if one of them has no cameras, and as ``parts``
    the metainfo of each.

    Args:
        datasets (Sequence): Training sets (``ReIDDataset``) or their configs. Those
            that are built already are not changed.
        pipeline (Sequence, optional): Transforms or their configs for the data sets
            that have none of their own. Defaults to None.
        lazy_init (bool): Read nothing before :meth:`full_init`. Defaults to False.
        **kwargs (Any): Further arguments, such as ``check=False`` or ``cache='ram'``,
            of the data sets that are configs without them.

    Raises:
        ValueError: When there is no data set, one is not for training, or a picture is
            in two of them.
        TypeError: When one is no data set of mmengine.
    """

    _fully_initialized: bool

    def __init__(
        self,
        datasets: Sequence[BaseDataset | dict],
        pipeline: Sequence | None = None,
        lazy_init: bool = False,
        **kwargs: Any,
    ) -> None:
        if not datasets:
            raise ValueError('ReIDUnion needs at least one data set, got none.')
        steps = [
            TRANSFORMS.build(t) if isinstance(t, dict) else t for t in pipeline or ()
        ]
        common = dict(kwargs, pipeline=steps) if steps else dict(kwargs)
        if lazy_init:
            common['lazy_init'] = True
        parts = [
            DATASETS.build({**common, **d}) if isinstance(d, dict) else d
            for d in datasets
        ]
        for number, part in enumerate(parts):
            if isinstance(part, BaseDataset) and not part.pipeline.transforms:
                parts[number] = _with_pipeline(part, steps)
        # The parent wants equal metainfo; ours is made of all of them.
        keys = {key for part in parts for key in getattr(part, 'metainfo', ())}
        super().__init__(parts, lazy_init=lazy_init, ignore_keys=[*keys])

    @property
    def declared_ids(self) -> int | None:
        """The sum of what the data sets declare; None where one does not."""
        numbers: list[Any] = [
            getattr(part, 'declared_ids', None) for part in self.datasets
        ]
        return None if None in numbers else sum(numbers)

    def full_init(self) -> None:
        """Read the data sets and number their records.

        Raises:
            ValueError: See the class.
        """
        if self._fully_initialized:
            return
        super().full_init()
        self._fully_initialized = False  # until the numbers are known, too
        highest: dict[str, int] = {}
        owners: dict[str, str] = {}
        self.shifts: list[Shift] = []
        for number, part in enumerate(self.datasets):
            records = [part.get_data_info(i) for i in range(len(part))]
            title = _title(number, part)
            _check_training(title, records)
            _check_pictures(title, records, owners)
            shift = _shift_beyond(highest, records)
            self.shifts.append(shift)
            # What the part prepares by itself, from a cache say, is shifted as well.
            steps = [shift, *part.pipeline.transforms]
            self.datasets[number] = _with_pipeline(part, steps)
        self._metainfo = self._unite(highest['gt_label'] + 1)
        self._fully_initialized = True

    @force_full_init
    def get_data_info(self, idx: int) -> dict:
        """Return a record, its picture not read.

        Args:
            idx (int): Index in the union.

        Returns:
            dict: The record with the numbers that it has in the union.
        """
        part, index = self._get_ori_dataset_idx(idx)
        return self.shifts[part](self.datasets[part].get_data_info(index))

    def _unite(self, num_ids: int) -> dict[str, Any]:
        """Describe the union."""
        parts = [part.metainfo for part in self.datasets]
        texts = {
            key: [p.get(key) or '-' for p in parts] for key in ('version', 'split')
        }
        numbers = dict(num_images=self.cumulative_sizes[-1], num_ids=num_ids)
        if all('num_cams' in part for part in parts):
            numbers['num_cams'] = sum(part['num_cams'] for part in parts)
        united = dict(
            dataset=' + '.join(str(part.get('dataset', '-')) for part in parts),
            **{key: ' + '.join(_unless_same(values)) for key, values in texts.items()},
            **numbers,
            parts=parts,
        )
        if any(part.get('cameras') is False for part in parts):
            united['cameras'] = False
        if any(part.get('clock') for part in parts):
            united['clock'] = 'camera'  # two data sets share none
        return united


def _with_pipeline(part: BaseDataset, steps: Sequence) -> BaseDataset:
    """Return the data set with another pipeline, sharing its records."""
    part = copy.copy(part)
    part.pipeline = Compose(steps)
    return part


def _title(number: int, part: BaseDataset) -> str:
    return f'data set {number} ({part.metainfo.get("dataset", type(part).__name__)})'


def _check_training(title: str, records: Sequence[dict]) -> None:
    """Raise when there is nothing to learn from a data set."""
    if not records:
        raise ValueError(f'{title} of ReIDUnion is empty.')
    lowest = min(record.get('gt_label', -1) for record in records)
    if lowest < 0:
        raise ValueError(
            f'ReIDUnion is for training, but {title} has records without label, as a '
            "test split has: set its split='train'. To test on several data sets, give "
            "a list of data loaders and test_cfg=dict(type='MultiTestLoop')."
        )


def _check_pictures(
    title: str, records: Sequence[dict], owners: dict[str, str]
) -> None:
    """Raise when a picture is in an earlier data set, too."""
    for record in records:
        path = os.path.normpath(record['img_path'])
        if owners.setdefault(path, title) != title:
            raise ValueError(
                f'The picture {path!r} is in {owners[path]} and in {title} of '
                'ReIDUnion: its person would count as two; unite different data sets.'
            )


def _shift_beyond(highest: dict[str, int], records: Sequence[dict]) -> Shift:
    """Move a data set's numbers beyond the highest so far, and raise those."""
    offsets = {}
    for key in NUMBERS:
        if key in records[0]:
            numbers = [record[key] for record in records]
            start = highest.get(key, min(numbers) - 1) + 1
            offsets[key] = start - min(numbers)
            highest[key] = max(numbers) + offsets[key]
    return Shift(offsets)


def _unless_same(values: Sequence) -> list[str]:
    """Keep one value where all are the same."""
    return [str(value) for value in (values if len(set(values)) > 1 else values[:1])]
