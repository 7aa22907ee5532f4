"""Reading a picture, or telling which one cannot be read."""

import mmcv
import numpy as np
from mmcv.transforms import LoadImageFromFile
from mmengine import fileio

from mmreid.registry import TRANSFORMS


@TRANSFORMS.register_module()
class LoadImage(LoadImageFromFile):
    """mmcv's ``LoadImageFromFile`` whose every failure names the file.

    The parent lets OpenCV's error about an empty file through as it is, and finds
    undecodable bytes with an ``assert``, which ``python -O`` drops. Takes the
    parent's arguments.

    What a cache holds is used in place of the file: ``img_bytes``, its content, or
    ``img``, the picture.

    Required keys: ``img_path``. Added keys: ``img`` (BGR uint8, (H, W, 3)),
    ``img_shape``, ``ori_shape``. Removed keys: ``img_bytes``.
    """

    def transform(self, results: dict) -> dict | None:
        """Read ``results['img_path']``.

        Raises:
            FileNotFoundError: When there is no such file.
            OSError: When the file is empty, cut short or no image.
        """
        try:
            if 'img' in results or 'img_bytes' in results:
                return self._take(results)
            return super().transform(results)
        except FileNotFoundError:
            raise
        except Exception as error:
            if self.ignore_empty:
                return None
            raise OSError(
                f'cannot read image {results["img_path"]!r} '
                f'({type(error).__name__}: {error}); replace the file by a whole copy'
            ) from error

    def read(self, path: str) -> bytes:
        """Return the content of a file, undecoded."""
        return fileio.get(path, backend_args=self.backend_args)

    def _take(self, results: dict) -> dict:
        """Use what came with the record."""
        content = results.pop('img_bytes', None)
        if content is None:
            img = results['img'].copy()  # later steps write into it
        else:
            img = mmcv.imfrombytes(
                content, flag=self.color_type, backend=self.imdecode_backend
            )
        if img is None:
            raise ValueError('these bytes are no image')
        results['img'] = img.astype(np.float32) if self.to_float32 else img
        results['img_shape'] = results['ori_shape'] = img.shape[:2]
        return results
