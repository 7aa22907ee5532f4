"""Pictures are drawn as networks see them."""

import os
from pathlib import Path

import cv2
import numpy as np
import pytest

from mmreid.datasets import LoadImage
from mmreid.visualization import read_picture


def test_a_thermal_picture_is_not_drawn_black(tmp_path: Path) -> None:
    values = np.arange(64, dtype=np.uint16).reshape(8, 8) * 64  # 12 bits in 16
    cv2.imwrite(str(tmp_path / 'deep.png'), values)
    drawn = read_picture(tmp_path / 'deep.png')
    np.testing.assert_array_equal(drawn[..., 1], values >> 4)
    seen = LoadImage()(dict(img_path=str(tmp_path / 'deep.png')))['img']
    np.testing.assert_array_equal(drawn, seen)


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / 'cut.png').write_bytes(b'\x89PNG\r\n\x1a\n')
    os.mkfifo(tmp_path / 'pipe.png')
    for name in ('cut.png', 'pipe.png', 'missing.png'):
        with pytest.raises(FileNotFoundError, match=f'No picture can be read.*{name}'):
            read_picture(tmp_path / name)
