"""CUHK03."""

import os
from collections.abc import Mapping
from typing import Any

from mmreid.arguments import check_choice
from mmreid.datasets.conversion.cuhk03_files import (
    BOXES,
    CUHK03_PROTOCOLS,
    IMAGES,
    NUM_SPLITS,
    images_folder,
    published_counts,
    read_marker,
    table_name,
)
from mmreid.datasets.reading.file_names import quote_first
from mmreid.datasets.reading.folders import list_pictures
from mmreid.datasets.reading.rows import Row
from mmreid.datasets.reid_dataset import ReIDDataset
from mmreid.registry import DATASETS


@DATASETS.register_module()
class CUHK03(ReIDDataset):
    """CUHK03, with drawn or detected boxes, by the new or the classic protocol.

    Li et al., `DeepReID: Deep Filter Pairing Neural Network for Person
    Re-identification
    <https://www.cv-foundation.org/openaccess/content_cvpr_2014/html/Li_DeepReID_Deep_Filter_2014_CVPR_paper.html>`_,
    CVPR 2014: 1,467 persons, each seen by the two cameras of one of five pairs, up to
    five pictures by each. Which of a pair took a picture is its camera, 1 or 2.

    - ``protocol='new'``: Zhong et al., `Re-ranking Person Re-identification with
      k-reciprocal Encoding <https://arxiv.org/abs/1701.08398>`_, CVPR 2017. 767
      persons for training, 700 for testing, evaluated as Market-1501.
    - ``protocol='classic'``: of the twenty published splits, one: 100 persons for
      testing, 1,367 for training. All pictures of the 100 are queries and gallery, of
      which ``ReIDMetric(protocol='single-shot')`` shows one of each person at a time.

    ``data_root`` holds what ``tools/dataset_converters/convert_cuhk03.py`` makes of the
    published ``cuhk-03.mat``, or, for the new protocol, the widespread folders of
    pictures ``labeled`` and ``detected``, each with ``bounding_box_train``, ``query``
    and ``bounding_box_test`` and names such as ``0001_c1_1.png``. If it holds both, the
    former counts.

    Args:
        data_root (str | os.PathLike, optional): The folder. Defaults to None: the
            folder of ``table``.
        boxes (str): ``'labeled'``, drawn by hand, or ``'detected'``, by a part model.
            Defaults to 'labeled'.
        protocol (str): ``'new'`` or ``'classic'``. Defaults to 'new'.
        split_index (int): Which of the twenty classic splits, from 0. Defaults to 0.
        split (str): ``'train'`` or ``'test'``. Defaults to 'train'.
        **kwargs (Any): Further arguments of :class:`ReIDDataset`.

    Raises:
        FileNotFoundError: When the data, or pictures of it, are not there.
        ValueError: When an argument is out of range, the conversion was not finished,
            or a number differs from what was published.
    """

    METAINFO: dict = dict(dataset='CUHK03', version='new protocol')
    PATTERN = r'(?i)(?P<person>\d+)_c(?P<camera>[12])(s\d+)?_[\w.-]+'
    COUNTS = published_counts('labeled', 'new')
    # https://github.com/Cysu/open-reid, reid/datasets/cuhk03.py
    ARCHIVES = {'cuhk03_release.zip': 'md5:728939e58ad9f0ff53e521857dd8fb43'}
    SOURCE = (
        'ask for cuhk03_release.zip at '
        'http://www.ee.cuhk.edu.hk/~xgwang/CUHK_identification.html, get '
        'cuhk03_new_protocol_config_labeled.mat and ..._detected.mat from '
        'https://github.com/zhunzhong07/person-re-ranking, and run python '
        'tools/dataset_converters/convert_cuhk03.py FOLDER_OF_CUHK-03.MAT DATA_ROOT'
    )
    NUM_SPLITS = NUM_SPLITS['classic']

    def __init__(
        self,
        data_root: str | os.PathLike | None = None,
        boxes: str = 'labeled',
        protocol: str = 'new',
        split_index: int = 0,
        split: str = 'train',
        **kwargs: Any,
    ) -> None:
        check_choice('boxes', boxes, BOXES)
        check_choice('protocol', protocol, CUHK03_PROTOCOLS)
        if split_index not in range(NUM_SPLITS[protocol]):
            raise ValueError(
                f'split_index must be below {NUM_SPLITS[protocol]} in the {protocol} '
                f"protocol, got {split_index!r}; only protocol='classic' has "
                'several splits.'
            )
        self.boxes, self.protocol, self.split_index = boxes, protocol, split_index
        self.FOLDERS = dict(
            train=f'{boxes}/bounding_box_train',
            query=f'{boxes}/query',
            gallery=f'{boxes}/bounding_box_test',
        )
        self.COUNTS = published_counts(boxes, protocol)
        super().__init__(data_root, split=split, **kwargs)

    def describe_arguments(self) -> dict[str, Any]:
        """Return the protocol, the boxes and, where there are several, the split."""
        described: dict[str, Any] = dict(
            version=f'{self.protocol} protocol', boxes=self.boxes
        )
        if self.protocol == 'classic':
            described['split_index'] = self.split_index
        return described

    @classmethod
    def count_splits(cls, arguments: Mapping[str, Any]) -> int:
        """Tell how many splits a protocol has.

        Args:
            arguments (Mapping): Arguments of the constructor, of which ``protocol``
                matters.

        Returns:
            int: 20 in the classic protocol, 1 in the new one.
        """
        return NUM_SPLITS[arguments.get('protocol', 'new')]

    def read_part(self, part: str) -> list[Row]:
        """Read a part of the split, from the converted table or a folder.

        Args:
            part (str): ``'train'``, ``'query'`` or ``'gallery'``.

        Returns:
            list[Row]: A row for each picture.
        """
        if self.table is not None or self.lists:
            return super().read_part(part)
        converted = read_marker(self.data_root).get(self.boxes, {})
        if self.protocol in converted.get('protocols', ()):
            return self._read_converted(part)
        begun = os.path.isdir(os.path.join(self.data_root, images_folder(self.boxes)))
        ready = os.path.isdir(os.path.join(self.data_root, self.boxes))
        if self.protocol == 'classic' or (begun and not ready):
            raise ValueError(
                f'The conversion to the {self.protocol} protocol, {self.boxes} boxes, '
                f'was {"not finished" if begun else "not made"}.'
            )
        return super().read_part(part)

    def _read_converted(self, part: str) -> list[Row]:
        """Read a part from the table of the split, and see that all of it is there."""
        name = table_name(self.boxes, self.protocol, self.split_index)
        self.folders = dict.fromkeys(self.FOLDERS, name)  # where to look if it is wrong
        table = self.read_own_table(os.path.join(self.data_root, name))
        total = len(table.get('train', ())) + len(table.get('gallery', ()))
        if self.check and self.protocol == 'classic' and total != IMAGES[self.boxes]:
            raise ValueError(
                f'{name!r} has {total:,} pictures for training and testing, expected '
                f'{IMAGES[self.boxes]:,}.'
            )
        folder = os.path.join(self.data_root, images_folder(self.boxes))
        there = set(list_pictures(folder)) if os.path.isdir(folder) else set()
        rows = table.get(part, [])
        names = [os.path.basename(row.path) for row in rows]
        if gone := [picture for picture in names if picture not in there]:
            raise FileNotFoundError(
                f'{len(gone)} of {len(rows)} pictures of {name!r} are not in '
                f'{folder!r}: {quote_first(gone)}.'
            )
        return rows

    @property
    def _title(self) -> str:
        index = (
            f', split_index={self.split_index}' if self.protocol == 'classic' else ''
        )
        return (
            f'CUHK03(split={self.split!r}, boxes={self.boxes!r}, '
            f'protocol={self.protocol!r}{index})'
        )
