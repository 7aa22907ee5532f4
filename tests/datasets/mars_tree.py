"""A small tree in the layout of MARS."""

from pathlib import Path

import cv2
import numpy as np
from scipy.io import savemat

TRAIN = ['0001C1T0001F001', '0001C1T0001F002', '0001C2T0001F001', '0003C1T0001F001']
TEST = [
    *('00-1C1T0001F001', '0000C1T0001F001', '0002C1T0001F001', '0002C1T0001F002'),
    *('0002C1T0002F001', '0002C3T0001F001', '0004C6T0001F001', '0004C5T0001F001'),
]


def write_tracks(root: Path, half: str, names: list[str]) -> None:
    """Write the lists of a half; a tracklet is what a name tells without its frame."""
    (root / 'info').mkdir(parents=True, exist_ok=True)
    tracks: list[list[int]] = []
    for line, name in enumerate(names, 1):
        folder = root / f'bbox_{half}' / name[:4]
        folder.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(folder / f'{name}.jpg'), np.zeros((8, 4, 3), np.uint8))
        person = -1 if name[:4] == '00-1' else int(name[:4])
        if line > 1 and name[:11] == names[line - 2][:11]:
            tracks[-1][1] = line
        else:
            tracks.append([line, line, person, int(name[5])])
    text = ''.join(f'{name}.jpg\n' for name in names)
    (root / 'info' / f'{half}_name.txt').write_text(text)
    savemat(root / 'info' / f'tracks_{half}_info.mat', {f'track_{half}_info': tracks})


def write_mars(root: Path) -> Path:
    """Write pictures and lists."""
    write_tracks(root, 'train', TRAIN)
    write_tracks(root, 'test', TEST)
    savemat(root / 'info' / 'query_IDX.mat', {'query_IDX': [[3, 7]]})
    return root
