"""MSMT17."""

import os
from typing import Any

from mmreid.arguments import check_choice
from mmreid.datasets.reading.folder_lists import (
    compare_with_folder,
    keep_present,
    read_folder_list,
)
from mmreid.datasets.reading.rows import Row
from mmreid.datasets.reid_dataset import ReIDDataset
from mmreid.registry import DATASETS

# The folders for training and testing of each version.
VERSIONS = dict(V1=('train', 'test'), V2=('mask_train_v2', 'mask_test_v2'))


@DATASETS.register_module()
class MSMT17(ReIDDataset):
    """MSMT17: 4,101 persons before 15 cameras of a campus.

    Wei et al., `Person Transfer GAN to Bridge Domain Gap for Person Re-Identification
    <https://arxiv.org/abs/1711.08565>`_, CVPR 2018. V2 has the faces of V1 masked:
    results on the two are not comparable.

    ``data_root``, or ``MSMT17_V1`` / ``MSMT17_V2`` in it, holds ``train`` and ``test``
    (V1) or ``mask_train_v2`` and ``mask_test_v2`` (V2) with a folder a person, and the
    lists ``list_train.txt``, ``list_val.txt``, ``list_query.txt`` and
    ``list_gallery.txt`` with lines such as ``0000/0000_000_01_0303morning_0015_0.jpg
    0``: the third number of the name is the camera, the last one the person.

    - ``split='train'`` is ``list_train.txt`` alone, 30,248 images.
    - ``'train+val'`` adds the 2,373 of ``list_val.txt``, of the same 1,041 persons.
      Published results are of both kinds; the split is part of every result here.
    - ``'test'``: 3,060 other persons, numbered from 0 anew (``SHARED_IDS``).

    Persons are numbered from 0, here from 1. The lists and the folders must name the
    same pictures; with ``check=False``, listed pictures that are missing are left out.
    The numbers are the paper's, divided as public toolboxes count the lists.

    Args:
        data_root (str | os.PathLike, optional): As above. Defaults to None: the folder
            of ``table``.
        split (str): One of ``SPLITS``. Defaults to 'train'.
        version (str, optional): ``'V1'`` or ``'V2'``, where both are there. Defaults to
            None: the one that is there.
        **kwargs (Any): Further arguments of :class:`ReIDDataset`. With ``folders`` the
            lists are in ``data_root`` itself, and ``version`` is only noted.

    Raises:
        FileNotFoundError: When the version, a list or a listed picture is missing.
        ValueError: When both versions are there and none was chosen, or the lists and
            the folders disagree.
    """

    data_root: str
    METAINFO: dict = dict(dataset='MSMT17', version='')
    SPLITS = {
        'train': ('train',),
        'train+val': ('train', 'val'),
        'test': ('query', 'gallery'),
    }
    FOLDERS = dict(train='train', val='train', query='test', gallery='test')
    PATTERN = r'(?P<person>\d+)/\d+_\d+_(?P<camera>\d+)_.+'
    # The lists of the archive themselves, and the docstring of torchreid's class, whose
    # 32,621 for training, the paper's number, are both lists together.
    COUNTS = dict(
        train=dict(images=30248, ids=1041, cams=15),
        val=dict(images=2373),
        query=dict(images=11659, ids=3060, cams=15),
        gallery=dict(images=82161, ids=3060, cams=15),
    )
    PERSON_OFFSET = 1
    SHARED_IDS = False
    # As open-reid's descendants check it (PersonReID-ACT among them).
    ARCHIVES = {'MSMT17_V1.tar.gz': 'md5:ea5502ae9dd06c596ad866bd1db0280d'}
    SOURCE = (
        'ask its authors for MSMT17_V1.tar.gz, see https://arxiv.org/abs/1711.08565'
    )

    def __init__(
        self,
        data_root: str | os.PathLike | None = None,
        split: str = 'train',
        version: str | None = None,
        **kwargs: Any,
    ) -> None:
        check_choice('version', version, (None, *VERSIONS))
        self.version = version
        self.finds_folders = not kwargs.get('folders')
        super().__init__(data_root, split=split, **kwargs)

    def read_part(self, part: str) -> list[Row]:
        """Read the list of a part and compare it with its folder.

        Args:
            part (str): One of the parts of ``SPLITS``.

        Returns:
            list[Row]: A row for each picture, in the order of the list.
        """
        if self.pattern is None:
            return super().read_part(part)
        self._enter_version()
        folder = os.path.join(self.data_root, self.folders[part])
        rows = self._read_list(part)
        if not self.check:
            return keep_present(rows, folder)
        same = [p for p in self.folders if self.folders[p] == self.folders[part]]
        if part == next(p for p in self.parts if p in same):  # once for each folder
            compare_with_folder(
                {p: self._read_list(p) for p in same}, folder, self.parts
            )
        return rows

    def _enter_version(self) -> None:
        """Find the version's folder, and take its names for ``train`` and ``test``."""
        if self.finds_folders:
            self.version, self.data_root = find_version(self.data_root, self.version)
            train, test = VERSIONS[self.version]
            self.folders = dict(train=train, val=train, query=test, gallery=test)
        if self.version:
            self._metainfo['version'] = self.version

    def _read_list(self, part: str) -> list[Row]:
        assert self.pattern is not None  # checked where this is called
        path = os.path.join(self.data_root, f'list_{part}.txt')
        folder = os.path.join(self.data_root, self.folders[part])
        return self.read_once(read_folder_list, path, folder, self.pattern)


def find_version(root: str, version: str | None = None) -> tuple[str, str]:
    """Find a version's folder.

    Args:
        root (str): Folder that holds ``train`` and ``test`` or their names in V2, or
            ``MSMT17_V1`` or ``MSMT17_V2`` with them.
        version (str, optional): ``'V1'`` or ``'V2'``. Defaults to None: the one that is
            there.

    Returns:
        tuple[str, str]: The version, and the folder that holds its folders.

    Raises:
        FileNotFoundError: It is not there, or there is none.
        ValueError: Both are there, and ``version`` is None.
    """
    version_roots: dict[str, str] = {}
    for name, folders in VERSIONS.items():
        for place in (root, os.path.join(root, f'MSMT17_{name}')):
            if any(os.path.isdir(os.path.join(place, folder)) for folder in folders):
                version_roots.setdefault(name, place)
    if version is None and len(version_roots) > 1:
        raise ValueError("Both V1 and V2 are there; choose version='V1' or 'V2'.")
    chosen = version or next(iter(version_roots), '')
    if chosen not in version_roots:
        raise FileNotFoundError(
            f'No MSMT17 {version or "V1 or V2"} in {root!r}: V1 has the folders '
            f'{VERSIONS["V1"]}, V2 {VERSIONS["V2"]}, there or in MSMT17_V1 or '
            'MSMT17_V2.'
        )
    return chosen, version_roots[chosen]
