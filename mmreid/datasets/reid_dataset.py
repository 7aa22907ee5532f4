"""Folders of pictures, named after person and camera, as a list of records."""

import copy
import json
import os
from collections.abc import Mapping, Sequence
from typing import Any

from mmengine.dataset import BaseDataset
from mmengine.logging import MMLogger

from mmreid.datasets.file_names import (
    compile_pattern,
    describe_folder,
    few,
    list_pictures,
    parse_name,
)
from mmreid.registry import DATASETS, TRANSFORMS

PARTS = dict(train=('train',), test=('query', 'gallery'))
Counts = Mapping[str, Mapping[str, int]]


@DATASETS.register_module()
class ReIDDataset(BaseDataset):
    """Pictures of persons whose file names tell person and camera.

    A known data set is declared: a subclass states the upper-case attributes below.
    One's own folders need no subclass, only ``pattern`` and ``folders``.

    A record is ``dict(img_path, gt_label, person_id, cam_id, is_query)``. Person 0 is
    a distractor (a wrong answer to every query), -1 junk (ignored in ranking).

    - ``split='train'``: the persons in folder ``train``; ``gt_label`` numbers their
      sorted ids from 0. Distractors and junk are left out.
    - ``split='test'``: folder ``query``, then folder ``gallery``; ``gt_label`` is -1.

    Each folder is in the order of the file names. Hidden files and files that are no
    pictures (``Thumbs.db``) are ignored. What ``manifest.json`` in ``data_root`` says
    (``name``, ``size``, ``version``, ``seed``, ``counts`` of images by folder) replaces
    what the class says.

    Args:
        data_root (str | os.PathLike): Folder that holds the folders below.
        split (str): ``'train'`` or ``'test'``. Defaults to 'train'.
        check (bool): Compare the numbers of images, identities and cameras with the
            published ones. ``False`` allows partial copies. Defaults to True.
        pattern (str, optional): Regular expression of a whole file name without its
            suffix. Its groups ``person`` and ``camera`` match integers; others, such
            as ``frame``, only explain it. Defaults to None: ``PATTERN``.
        folders (dict, optional): Names of the folders ``train``, ``query`` and
            ``gallery``, as far as they differ from ``FOLDERS``. Defaults to None.
        source (str, optional): How to get the data, for error messages. Defaults to
            None: ``SOURCE``.
        metainfo (dict, optional): Overrides ``METAINFO`` and the manifest.
            Defaults to None.
        pipeline (Sequence): Transforms or their configs. Defaults to ().
        **kwargs: Further arguments of mmengine's ``BaseDataset``.

    Raises:
        FileNotFoundError: When a folder is missing.
        ValueError: When an argument is out of range, a picture's name does not fit
            the pattern, a folder has no picture, or a count differs.
    """

    METAINFO: dict = dict(dataset='own pictures', version='')
    FOLDERS: Mapping[str, str] = dict(train='train', query='query', gallery='gallery')
    PATTERN: str = ''
    COUNTS: Counts = {}
    SOURCE: str = 'set data_root and folders to where your pictures are'

    def __init__(
        self,
        data_root: str | os.PathLike,
        split: str = 'train',
        check: bool = True,
        pattern: str | None = None,
        folders: Mapping[str, str] | None = None,
        source: str | None = None,
        metainfo: Mapping[str, Any] | None = None,
        pipeline: Sequence = (),
        **kwargs: Any,
    ) -> None:
        if split not in PARTS:
            raise ValueError(f'split must be one of {[*PARTS]}, but got {split!r}')
        if unknown := set(folders or {}) - set(self.FOLDERS):
            raise ValueError(
                f'folders may name {[*self.FOLDERS]}, but got {sorted(unknown)}'
            )
        self.split = split
        self.check = check
        self.pattern = compile_pattern(pattern or self.PATTERN)
        self.folders = {**self.FOLDERS, **(folders or {})}
        self.source = source or self.SOURCE
        self.overrides = {'split': split, **(metainfo or {})}
        kwargs.setdefault('test_mode', split == 'test')
        steps = [TRANSFORMS.build(t) if isinstance(t, dict) else t for t in pipeline]
        root = os.path.expanduser(os.fspath(data_root))
        super().__init__(
            metainfo=self.overrides, data_root=root, pipeline=steps, **kwargs
        )

    @classmethod
    def _load_metainfo(cls, metainfo: Mapping[str, Any] | None = None) -> dict:
        """Take values as they are; mmengine would read a file of that name."""
        return {**copy.deepcopy(cls.METAINFO), **(metainfo or {})}

    def load_data_list(self) -> list[dict]:
        """Read the folders of the split and check their counts.

        Returns:
            list[dict]: The records.
        """
        parts = {part: self._read_folder(part) for part in PARTS[self.split]}
        described, counts = self._read_manifest()
        self._metainfo.update({**described, **self.overrides})
        if self.check:
            self._check_counts(parts, counts)
        elif counts:  # a result on these pictures may not be one on the data set
            version = self._metainfo.get('version', '')
            self._metainfo['version'] = f'{version} (counts not checked)'.lstrip()
        if self.split == 'train':
            records = self._label(parts['train'])
            numbers = _count(records)
        else:
            records = [*parts['query'], *parts['gallery']]
            numbers = {**_count(records), **{part: len(parts[part]) for part in parts}}
        self._metainfo.update({f'num_{name}': n for name, n in numbers.items()})
        return records

    def _read_folder(self, part: str) -> list[dict]:
        """Make an unlabelled record of every picture of a folder."""
        folder = os.path.join(self.data_root, self.folders[part])
        names = self._list_pictures(folder)
        ids = [parse_name(self.pattern, name) for name in names]
        if misfits := [name for name, pair in zip(names, ids, strict=True) if not pair]:
            raise ValueError(
                f'{self._title}: the names of {len(misfits)} of {len(names)} pictures '
                f'in {folder!r} do not fit the pattern {self.pattern.pattern!r} with '
                f'integers for person and camera: {few(misfits)}; move these files '
                'elsewhere, or set the pattern that fits'
            )
        return [
            dict(
                img_path=os.path.join(folder, name),
                gt_label=-1,
                person_id=pair[0],
                cam_id=pair[1],
                is_query=part == 'query',
            )
            for name, pair in zip(names, ids, strict=True)
            if pair
        ]

    def _list_pictures(self, folder: str) -> list[str]:
        """List a folder's pictures, or explain why there are none."""
        if not os.path.isdir(folder):
            raise FileNotFoundError(
                f'{self._title}: no folder {folder!r} (data_root '
                f'{describe_folder(self.data_root)}); {self.source}'
            )
        names = list_pictures(folder)
        if not names:
            raise ValueError(f'{self._title}: no picture in {folder!r}; {self.source}')
        return names

    def _read_manifest(self) -> tuple[dict[str, Any], Counts]:
        """Read name and counts from ``manifest.json``, where there is one."""
        path = os.path.join(self.data_root, 'manifest.json')
        if not os.path.isfile(path):
            return {}, self.COUNTS
        with open(path, encoding='utf-8') as file:
            try:
                manifest = json.load(file)
            except ValueError as error:
                raise ValueError(
                    f'{path!r} is broken: {error}; {self.source}'
                ) from error
        images = manifest.get('counts') if isinstance(manifest, dict) else None
        if not isinstance(images, dict):
            return {}, self.COUNTS  # of something else that lives in this folder
        counts = {
            part: dict(images=images[folder])
            for part, folder in self.folders.items()
            if folder in images
        }
        described = {k: manifest[k] for k in ('version', 'seed') if k in manifest}
        if name := '-'.join(manifest[k] for k in ('name', 'size') if k in manifest):
            described['dataset'] = name
        return described, counts

    def _check_counts(self, parts: Mapping[str, list[dict]], published: Counts) -> None:
        """Raise when a folder does not hold what was published."""
        wrong = []
        for part, records in parts.items():
            expected, found = published.get(part, {}), _count(records)
            if any(found[name] != number for name, number in expected.items()):
                folder = os.path.join(self.data_root, self.folders[part])
                wrong.append(
                    f'expected {_say(expected)}, found {_say(found)} in {folder!r}'
                )
        if wrong:
            loaders = ('train_dataloader', 'val_dataloader', 'test_dataloader')
            raise ValueError(
                f'{self._title}: {"; ".join(wrong)}. To get the whole: {self.source}. '
                'To use a partial copy: check=False, on the command line --cfg-options '
                + ' '.join(f'{loader}.dataset.check=False' for loader in loaders)
            )

    def _label(self, records: list[dict]) -> list[dict]:
        """Keep persons and number them by sorted id, the same in every process."""
        ids = sorted({r['person_id'] for r in records if r['person_id'] > 0})
        if not ids:
            raise ValueError(
                f'{self._title}: nobody to train on in {len(records)} pictures, '
                f'only distractors (person 0) and junk (-1); {self.source}'
            )
        labels = {person: label for label, person in enumerate(ids)}
        kept = [r for r in records if r['person_id'] in labels]
        if len(kept) < len(records):
            MMLogger.get_current_instance().info(
                f'{self._title}: left out {len(records) - len(kept)} of {len(records)} '
                'pictures, distractors (person 0) and junk (-1)'
            )
        return [dict(r, gt_label=labels[r['person_id']]) for r in kept]

    @property
    def _title(self) -> str:
        return f'{type(self).__name__}(split={self.split!r})'


def _count(records: Sequence[dict]) -> dict[str, int]:
    """Count images, persons (without distractors and junk) and cameras."""
    persons = {r['person_id'] for r in records if r['person_id'] > 0}
    cameras = {r['cam_id'] for r in records}
    return dict(images=len(records), ids=len(persons), cams=len(cameras))


def _say(counts: Mapping[str, int]) -> str:
    words = dict(images='images', ids='identities', cams='cameras')
    return ', '.join(f'{counts[key]:,} {words[key]}' for key in words if key in counts)
