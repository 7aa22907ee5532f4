"""Pictures of persons, from folders or a table, as a list of records."""

import os
from collections.abc import Mapping, Sequence
from typing import Any

from mmreid.arguments import check_choice
from mmreid.datasets.loading.cached_dataset import CachedDataset
from mmreid.datasets.reading.folders import describe_folder
from mmreid.datasets.reading.part_reader import PartReader
from mmreid.datasets.reading.rows import Label, require_pictures
from mmreid.datasets.reading.times import find_clock
from mmreid.datasets.records.correcting import correct_labels
from mmreid.datasets.records.distractors import (
    label_persons,
    warn_of_distractor_queries,
)
from mmreid.datasets.records.making import is_query_part, make_records
from mmreid.datasets.records.published_counts import (
    Counts,
    count_records,
    read_manifest,
    require_counts,
)
from mmreid.datasets.records.same_places import (
    describe_places,
    join_cameras,
    require_groups,
)
from mmreid.registry import DATASETS


@DATASETS.register_module()
class ReIDDataset(PartReader, CachedDataset):
    """Pictures of persons whose file names, or a table, tell person and camera.

    A known data set is declared: a subclass states the upper-case attributes below.
    One's own pictures need no subclass, only ``pattern`` or ``table``.

    A record is ``dict(img_path, gt_label, person_id, cam_id, is_query)``, with
    ``clothes_id``, ``tracklet_id`` and ``time`` where they are known. Person 0 is a
    distractor (a wrong answer to every query), -1 junk (ignored in ranking). Labels
    that are numbers keep them; names are numbered above them in sorted order, see
    :mod:`mmreid.datasets.records.label_numbers`.

    - A split for training (``'train'``): ``gt_label`` numbers the sorted ids from 0.
      Distractors and junk are left out.
    - One for testing (``'test'``): part ``query``, then part ``gallery``; ``gt_label``
      is -1.

    Each part is in the order of the file names, or of the table. Hidden files and
    documents (``Thumbs.db``) are ignored; nothing else is passed over in silence, see
    :mod:`mmreid.datasets.reading.folders`. Where nothing tells
    cameras, ``metainfo['cameras']`` is False and every picture has a ``cam_id`` of
    its own, so that ranking ignores the query's own picture only. Where times are
    known, ``metainfo['clock']`` is ``'shared'`` (one clock for all cameras, as a group
    or column ``time`` tells) or ``'camera'`` (each camera has its own, as numbers of
    frames: times of two cameras must not be compared). What
    ``manifest.json`` in ``data_root`` says (``name``, ``size``, ``version``, ``seed``,
    ``counts`` of images by folder) replaces what the class says.

    Attributes:
        METAINFO: Name and version of the data set.
        SPLITS: The parts of each split. Parts named ``query...`` hold queries; a
            split without one is for training.
        FOLDERS: The folder of each part, below ``data_root``.
        PATTERN: What a file name means, see ``pattern``.
        COUNTS: Published numbers of ``images``, ``ids`` and ``cams`` of each part.
        PERSON_OFFSET: Added to the numbers of persons, see ``person_offset``.
        SHARED_IDS: Whether person n for training and person n for testing are the
            same one.
        ARCHIVES: Checksums of published archives, ``'md5:...'``, by file name.
        SOURCE: How to get the data, for error messages.
        NUM_SPLITS: How many divisions into training and test there are; where it is
            more than 1 the constructor takes ``split_index``.

    Args:
        data_root (str | os.PathLike, optional): Folder that holds the folders below.
            Defaults to None: the folder of ``table``.
        split (str): One of ``SPLITS``. Defaults to 'train'.
        check (bool): Compare the numbers of images, identities and cameras with the
            published ones, and refuse pictures that would be passed over (in folders
            below, links that lead to nothing, boxes in a table). ``False`` allows
            partial copies, and warns of these. Defaults to True.
        pattern (str, optional): Regular expression of a whole file name without its
            suffix; with a ``/`` in it, of the path below the part's folder. Its
            groups ``person`` and, where names tell, ``camera``, ``clothes`` and
            ``tracklet`` match numbers or names, ``time`` or ``frame`` a number or a
            date; others only explain it. Defaults to None: ``PATTERN``.
        folders (dict, optional): Folders of parts, as far as they differ from
            ``FOLDERS``. Defaults to None.
        table (str | os.PathLike | dict, optional): A CSV or JSON file with the columns
            ``path, person, split`` and, if known, ``camera``, ``clothes``,
            ``tracklet`` and ``time`` or ``frame``, in place of folders and pattern; see
            :func:`mmreid.datasets.reading.tables.read_table`. Or a text file for each
            part, ``dict(train='train.txt', ...)``, with a path and a label in every
            line, see :func:`mmreid.datasets.reading.label_lists.read_label_list`;
            ``pattern`` may tell the cameras. Paths belong to ``data_root``. Defaults to
            None.
        source (str, optional): How to get the data, for error messages. Defaults to
            None: ``SOURCE``.
        person_offset (int, optional): Added to every number of a person from 0 on: 1
            where persons, not distractors, begin at 0. Defaults to None:
            ``PERSON_OFFSET``.
        cache (str, optional): ``'ram'`` reads every file once, at the start, into
            memory that all workers share; ``'ram-decoded'`` also decodes it. Defaults
            to None: read when needed.
        metainfo (dict, optional): Overrides ``METAINFO`` and the manifest. ``num_ids``
            in it counts until the pictures are counted; ``clock='shared'`` says that
            the frames of all cameras count together. Defaults to None.
        pipeline (Sequence): Transforms or their configs. Defaults to ().
        same_place (Sequence): Cameras that count as one in ranking, a group for each
            place, as the data names them: ``[(2, 3)]`` for SYSU-MM01, where a query of
            camera 3 is not to be found in camera 2. Results tell it with the version.
            Defaults to (): every camera has its own.
        corrections (str | os.PathLike | Sequence, optional): A table of wrong labels
            and what they should be, see
            :func:`mmreid.datasets.records.corrections.read_corrections`, or several,
            each for the labels as the one before has left them. Published numbers are
            compared before. Results tell its name, how many labels it changed and a
            digest with the version. Defaults to None.
        **kwargs (Any): Further arguments of mmengine's ``BaseDataset``.

    Raises:
        FileNotFoundError: When a folder, the table or all pictures that it names are
            missing.
        ValueError: When an argument is out of range, a picture's name does not fit
            the pattern, a part has no picture, or a count differs.
    """

    METAINFO: dict = dict(dataset='own pictures', version='')
    SPLITS: Mapping[str, tuple[str, ...]] = dict(
        train=('train',), test=('query', 'gallery')
    )
    FOLDERS: Mapping[str, str] = dict(train='train', query='query', gallery='gallery')
    PATTERN: str = ''
    COUNTS: Counts = {}
    PERSON_OFFSET: int = 0
    SHARED_IDS: bool = True
    ARCHIVES: Mapping[str, str] = {}
    SOURCE: str = 'set data_root and folders, or table, to where your pictures are'
    NUM_SPLITS: int = 1

    def __init__(
        self,
        data_root: str | os.PathLike | None = None,
        split: str = 'train',
        check: bool = True,
        pattern: str | None = None,
        folders: Mapping[str, str] | None = None,
        table: str | os.PathLike | Mapping[str, str] | None = None,
        source: str | None = None,
        person_offset: int | None = None,
        cache: str | None = None,
        metainfo: Mapping[str, Any] | None = None,
        pipeline: Sequence = (),
        same_place: Sequence[Sequence[Label]] = (),
        corrections: str | os.PathLike | Sequence[str | os.PathLike] | None = None,
        **kwargs: Any,
    ) -> None:
        check_choice('split', split, self.SPLITS)
        self.split, self.parts = split, self.SPLITS[split]
        self.check = check
        self.choose_sources(pattern, folders, table)
        self.source = source or self.SOURCE
        offset = self.PERSON_OFFSET if person_offset is None else person_offset
        if not isinstance(offset, int) or offset < 0:
            raise ValueError(
                f'person_offset must be a whole number from 0 on, got {offset!r}.'
            )
        self.person_offset = offset
        require_groups(same_place)
        self.same_place = same_place
        self.corrections = corrections
        described = self.describe_arguments()
        self.overrides = {'split': split, **described, **(metainfo or {})}
        kwargs.setdefault('test_mode', not self.is_training)
        super().__init__(
            metainfo=self.overrides,
            data_root=self.find_root(data_root),
            pipeline=pipeline,
            cache=cache,
            **kwargs,
        )

    def describe_arguments(self) -> dict[str, Any]:
        """Return what ``metainfo``, and with it every result, says of the arguments."""
        return {}

    @classmethod
    def count_splits(cls, arguments: Mapping[str, Any]) -> int:
        """Tell how many values ``split_index`` can take.

        Args:
            arguments (Mapping): Other arguments of the constructor, as in a config.

        Returns:
            int: 1 where there is no such argument.
        """
        return cls.NUM_SPLITS

    @property
    def is_training(self) -> bool:
        """Whether the split holds no queries."""
        return not any(map(is_query_part, self.parts))

    @property
    def declared_ids(self) -> int | None:
        """Number of persons to train on, as known before anything is read.

        It is ``metainfo['num_ids']``, if the constructor was given that, or the
        published one (further parts for training show the same persons); None for own
        pictures, and for testing.
        """
        if not self.is_training:
            return None
        if 'num_ids' in self.overrides:
            return self.overrides['num_ids']
        published = (self.COUNTS.get(part, {}).get('ids') for part in self.parts)
        return max(filter(None, published), default=None)

    def load_data_list(self) -> list[dict]:
        """Read the parts of the split and check their counts.

        Returns:
            list[dict]: The records.
        """
        try:
            rows = {part: self.read_part(part) for part in self.parts}
            records = make_records(rows, self.person_offset)
            clock = find_clock(row.clock for part in rows.values() for row in part)
            if self.pattern is None:
                table = self.table or ', '.join(self.lists.values())
                require_pictures(table, rows.values())
            manifest = read_manifest(self.data_root, self.folders)
        except (FileNotFoundError, ValueError) as error:
            kind = FileNotFoundError if isinstance(error, OSError) else ValueError
            raise kind(
                f'{self._title}: {str(error).rstrip(".")}. data_root '
                f'{describe_folder(self.data_root)}. To get the data: {self.source}.'
            ) from error
        finally:
            self.forget_contents()
        if any(row.camera is None for part in rows.values() for row in part):
            self._metainfo['cameras'] = False
        if clock is not None:
            self._metainfo['clock'] = clock
        described, counts = manifest or ({}, self.COUNTS)
        self._metainfo.update({**described, **self.overrides})
        self._compare_counts(records, counts)
        if self.corrections:
            rows, note = correct_labels(self.corrections, rows, self.data_root)
            records = make_records(rows, self.person_offset)
            self._note(note)
        if self.same_place:  # another rule of ranking, which results must tell
            join_cameras(records, rows, self.same_place)
            self._note(describe_places(self.same_place))
        return self._finish(records)

    def _compare_counts(self, parts: Mapping[str, list[dict]], counts: Counts) -> None:
        """Compare the numbers with the published ones, or note that nobody did."""
        if self.check:
            places = {
                part: os.path.join(self.data_root, self.folders.get(part, part))
                for part in parts
            }
            require_counts(self._title, parts, counts, places, self.source)
        elif counts:  # a result on these pictures may not be one on the data set
            self._note('counts not checked')

    def _note(self, text: str) -> None:
        """Add to the version, which every result tells."""
        version = self._metainfo.get('version', '')
        self._metainfo['version'] = f'{version} ({text})'.lstrip()

    def _finish(self, parts: Mapping[str, list[dict]]) -> list[dict]:
        """Join the parts, label those for training, note the numbers."""
        records = [record for part in parts.values() for record in part]
        if self.is_training:
            records = label_persons(self._title, records, self.source, not self.COUNTS)
        numbers = count_records(records)
        if self._metainfo.get('cameras') is False:
            numbers['cams'] = 0
        if not self.is_training:
            warn_of_distractor_queries(self._title, records)
            numbers['query'] = sum(record['is_query'] for record in records)
            numbers['gallery'] = len(records) - numbers['query']
        self._metainfo.update({f'num_{name}': n for name, n in numbers.items()})
        return records

    def get_cat_ids(self, idx: int) -> list[int]:
        """Return what mmengine's ``ClassBalancedDataset`` balances: persons.

        Args:
            idx (int): Index of a record.

        Returns:
            list[int]: Its label.
        """
        return [self.get_data_info(idx)['gt_label']]

    @property
    def _title(self) -> str:
        return f'{type(self).__name__}(split={self.split!r})'
