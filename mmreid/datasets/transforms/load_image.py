"""Reading a picture, or telling which one cannot be read."""

from typing import Any

import cv2
import mmcv
import numpy as np
from mmcv.image.io import imread_flags
from mmcv.transforms import LoadImageFromFile
from mmengine import fileio

from mmreid.datasets.reading.special_files import is_special
from mmreid.pictures import bits_used, check_whole, to_eight_bits
from mmreid.registry import TRANSFORMS


@TRANSFORMS.register_module()
class LoadImage(LoadImageFromFile):
    """mmcv's ``LoadImageFromFile`` that reads whole pictures only and names the others.

    - Files that were cut short are refused, also where OpenCV makes a picture of them.
    - Pipes and devices are refused without being opened, which might never end.
    - OpenCV, the default, turns pictures of 16 bits into ones of 8 by taking the upper
      half, which is black where a camera writes 12 bits. Here it is the upper eight of
      the bits in use, see ``depth``.

    What a cache holds is used in place of the file: ``img_bytes``, its content, or
    ``img``, the picture.

    Required keys: ``img_path``. Added keys: ``img`` (BGR uint8, (H, W, 3)),
    ``img_shape``, ``ori_shape`` and, of a file of 16 bits, ``img_bits``: how many of
    them its values need. Removed keys: ``img_bytes``.

    Args:
        *args (Any): Arguments of the parent. Its ``color_type='unchanged'`` leaves
            pictures of 16 bits alone.
        depth (int, optional): How many bits count in files of 16, from 8 to 16.
            Defaults to None: for each picture the least of 8, 12 and 16 that its
            values need. Set it where pictures of one camera may be very dark.
        **kwargs (Any): Arguments of the parent.

    Raises:
        ValueError: When ``depth`` is out of range.
    """

    def __init__(self, *args: Any, depth: int | None = None, **kwargs: Any) -> None:
        if depth is not None and depth not in range(8, 17):
            raise ValueError(f'depth must be from 8 to 16 or None, got {depth!r}.')
        super().__init__(*args, **kwargs)
        self.depth = depth

    def transform(self, results: dict) -> dict | None:
        """Read ``results['img_path']``.

        Args:
            results (dict): A record, or what a cache made of it.

        Raises:
            FileNotFoundError: When there is no such file.
            OSError: When the file is empty, cut short or no image.
        """
        try:
            img = self._take(results)
        except Exception as error:
            if self.ignore_empty:
                return None
            if isinstance(error, FileNotFoundError):
                raise
            raise OSError(
                f'Cannot read image {results["img_path"]!r} ({type(error).__name__}: '
                f'{str(error).rstrip(".")}); replace the file by a whole copy.'
            ) from error
        results['img'] = img.astype(np.float32) if self.to_float32 else img
        results['img_shape'] = results['ori_shape'] = img.shape[:2]
        return results

    def read(self, path: str) -> bytes:
        """Return the content of a file, undecoded.

        Args:
            path (str): The file.

        Raises:
            OSError: When it is a pipe or a device, or cannot be read.
        """
        if is_special(path):
            raise OSError('A pipe, socket or device is no picture.')
        if self.file_client_args is not None:
            client = fileio.FileClient.infer_client(self.file_client_args, path)
            return client.get(path)
        return fileio.get(path, backend_args=self.backend_args)

    def _take(self, results: dict) -> np.ndarray:
        """Return the picture that came with the record, or that of the file."""
        if 'img' in results:
            return results['img'].copy()  # later steps write into it
        content = results.pop('img_bytes', None)
        if content is None:
            content = self.read(results['img_path'])
        check_whole(memoryview(content))
        img = self._decode(content)
        if img is None:
            raise ValueError('These bytes are no image.')
        if img.dtype == np.uint8 or self.color_type == 'unchanged':
            return img
        results['img_bits'] = bits_used(img)
        return to_eight_bits(img, self.depth)

    def _decode(self, content: bytes | np.ndarray) -> np.ndarray | None:
        if self.imdecode_backend != 'cv2':
            return mmcv.imfrombytes(
                content, flag=self.color_type, backend=self.imdecode_backend
            )
        flag = imread_flags[self.color_type] | cv2.IMREAD_ANYDEPTH
        return cv2.imdecode(np.frombuffer(content, np.uint8), flag)
