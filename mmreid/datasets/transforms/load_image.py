"""Reading a picture, or telling which one cannot be read."""

from mmcv.transforms import LoadImageFromFile

from mmreid.registry import TRANSFORMS


@TRANSFORMS.register_module()
class LoadImage(LoadImageFromFile):
    """mmcv's ``LoadImageFromFile`` whose every failure names the file.

    The parent lets OpenCV's error about an empty file through as it is, and finds
    undecodable bytes with an ``assert``, which ``python -O`` drops. Takes the
    parent's arguments.

    Required keys: ``img_path``. Added keys: ``img`` (BGR uint8, (H, W, 3)),
    ``img_shape``, ``ori_shape``.
    """

    def transform(self, results: dict) -> dict | None:
        """Read ``results['img_path']``.

        Raises:
            FileNotFoundError: When there is no such file.
            OSError: When the file is empty, cut short or no image.
        """
        try:
            return super().transform(results)
        except FileNotFoundError:
            raise
        except Exception as error:
            raise OSError(
                f'cannot read image {results["img_path"]!r} '
                f'({type(error).__name__}: {error}); replace the file by a whole copy'
            ) from error
