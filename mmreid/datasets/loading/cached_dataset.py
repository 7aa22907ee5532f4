"""A data set that can keep its pictures in memory."""

import copy
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mmcv.transforms import LoadImageFromFile
from mmengine.dataset import BaseDataset
from mmengine.logging import MMLogger

from mmreid.arguments import check_choice
from mmreid.datasets.loading.picture_cache import MEBI, PictureCache
from mmreid.datasets.transforms import LoadImage
from mmreid.registry import TRANSFORMS

CACHES = (None, 'ram', 'ram-decoded')


class CachedDataset(BaseDataset):
    """mmengine's data set, whose pictures are read once where a cache is asked for.

    Values of ``metainfo`` are taken as they are: mmengine would read a file of that
    name.

    Args:
        *args (Any): Arguments of the parent.
        pipeline (Sequence): Transforms or their configs. Defaults to ().
        cache (str, optional): ``'ram'``, ``'ram-decoded'`` or None, see
            :class:`mmreid.datasets.ReIDDataset`. Defaults to None.
        **kwargs (Any): Arguments of the parent.

    Raises:
        ValueError: When there is no such cache.
    """

    def __init__(
        self,
        *args: Any,
        pipeline: Sequence = (),
        cache: str | None = None,
        **kwargs: Any,
    ) -> None:
        check_choice('cache', cache, CACHES)
        self.cache = cache
        self.pictures: PictureCache | None = None
        steps = [TRANSFORMS.build(t) if isinstance(t, dict) else t for t in pipeline]
        super().__init__(*args, pipeline=steps, **kwargs)

    @classmethod
    def _load_metainfo(cls, metainfo: Mapping[str, Any] | None = None) -> dict:
        return {**copy.deepcopy(cls.METAINFO), **(metainfo or {})}

    def full_init(self) -> None:
        """Read the records and, for a cache, the pictures."""
        if self._fully_initialized:
            return
        super().full_init()
        if self.cache is not None:
            paths = [self.get_data_info(i)['img_path'] for i in range(len(self))]
            self.pictures = hold_pictures(paths, self.pipeline.transforms, self.cache)

    def prepare_data(self, idx: int) -> Any:
        """Send a record, with what the cache holds of it, through the pipeline.

        Args:
            idx (int): Index of the record.
        """
        record = self.get_data_info(idx)
        if self.pictures is not None:
            self.pictures.put_into(record)
        return self.pipeline(record)


def hold_pictures(
    paths: Sequence[str], steps: Sequence[Callable], cache: str
) -> PictureCache:
    """Read the pictures of a data set and say how much memory they take.

    Args:
        paths (Sequence[str]): The files.
        steps (Sequence[Callable]): The pipeline that will use them.
        cache (str): ``'ram'`` or ``'ram-decoded'``.

    Returns:
        PictureCache: The pictures.

    Raises:
        ValueError: When the pipeline would read the files all the same.
    """
    loads = [step for step in steps if isinstance(step, LoadImageFromFile)]
    for load in loads:
        if not isinstance(load, LoadImage):
            raise ValueError(
                f'cache={cache!r} needs a pipeline that begins with '
                f"dict(type='LoadImage'), got {load}, which reads the file."
            )
    load = loads[0] if loads else LoadImage()
    pictures = PictureCache(paths, load, decoded=cache == 'ram-decoded')
    MMLogger.get_current_instance().info(
        f'cache={cache!r}: {len(pictures):,} pictures take '
        f'{pictures.nbytes / MEBI:,.1f} MiB of memory, shared by all workers'
    )
    return pictures
