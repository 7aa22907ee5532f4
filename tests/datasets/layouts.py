"""Tiny data sets in the layouts of the real ones, made anew for every test.

Real names, junk, distractors, gaps in the ids, a file of the operating system in every
folder. ``write(root, 'MSMT17')`` writes one; ``COUNTS`` tells what it holds.
"""

from pathlib import Path

import cv2
import numpy as np
from mars_tree import write_mars

MARKET = """
    bounding_box_train/0002_c1s1_000451_03.jpg
    bounding_box_train/0002_c3s1_000551_01.jpg
    bounding_box_train/0007_c5s1_000076_01.jpg
    bounding_box_train/1500_c6s3_086542_02.jpg
    query/0001_c1s1_001051_00.jpg
    query/0010_c2s1_000176_00.jpg
    bounding_box_test/-1_c3s3_000901_07.jpg
    bounding_box_test/0000_c1s1_000151_01.jpg
    bounding_box_test/0001_c2s1_000301_00.jpg
    bounding_box_test/0010_c1s1_000301_00.jpg
    images/0000_c1s1_000004_02.jpg
    images/0000_c2s4_129876_11.jpg
    images/0000_c3s3_070034_01.jpg
"""
DUKE = """
    bounding_box_train/0001_c2_f0046182.jpg
    bounding_box_train/0001_c5_f0051341.jpg
    bounding_box_train/0027_c1_f0054069.jpg
    bounding_box_train/7140_c8_f0176283.jpg
    query/0005_c2_f0046985.jpg
    query/0019_c5_f0060626.jpg
    bounding_box_test/0005_c5_f0051781.jpg
    bounding_box_test/0019_c6_f0039590.jpg
    bounding_box_test/0019_c8_f0008516.jpg
    bounding_box_test/4776_c7_f0171809.jpg
"""
VERI = """
    image_train/0001_c001_00016450_0.jpg
    image_train/0001_c020_00016470_0.jpg
    image_train/0770_c008_00084260_1.jpg
    image_query/0002_c002_00030600_0.jpg
    image_query/0776_c019_00030650_1.jpg
    image_test/0002_c002_00030600_0.jpg
    image_test/0002_c004_00084250_0.jpg
    image_test/0776_c003_00084250_0.jpg
    image_test/0776_c019_00030650_1.jpg
"""
LTCC = """
    train/000_1_c2_001038.png
    train/000_2_c11_015843.png
    train/094_1_c9_015833.png
    train/094_1_c9_015923.png
    query/148_1_c3_014811.png
    query/001_1_c12_000113.png
    test/001_1_c10_000113.png
    test/001_2_c10_015843.png
    test/148_1_c3_014812.png
    test/148_2_c7_000001.png
    info/pictures_of_the_statistics.png
"""
PRCC = """
    rgb/train/092/A_cropped_rgb010.jpg
    rgb/train/092/B_cropped_rgb021.jpg
    rgb/train/092/C_cropped_rgb609.jpg
    rgb/train/121/A_cropped_rgb052.jpg
    rgb/train/121/C_cropped_rgb001.jpg
    rgb/val/092/A_cropped_rgb011.jpg
    rgb/val/121/B_cropped_rgb003.jpg
    rgb/test/A/001/cropped_rgb001.jpg
    rgb/test/A/306/cropped_rgb010.jpg
    rgb/test/B/001/cropped_rgb001.jpg
    rgb/test/B/306/cropped_rgb002.jpg
    rgb/test/C/001/cropped_rgb010.jpg
    rgb/test/C/306/cropped_rgb007.jpg
    rgb/test/C/306/cropped_rgb008.jpg
    sketch/train/092/A_cropped_sketch010.jpg
"""
VIPER = """
    cam_a/000_45.bmp cam_b/000_45.bmp
    cam_a/001_45.bmp cam_b/001_90.bmp
    cam_a/005_0.bmp cam_b/005_180.bmp
    cam_a/872_0.bmp cam_b/872_180.bmp
"""
# The widespread folders of the new protocol; the published files are in `cuhk03`.
CUHK03 = """
    {boxes}/bounding_box_train/0003_c1_1.png
    {boxes}/bounding_box_train/0003_c2_6.png
    {boxes}/bounding_box_train/1467_c1_2.png
    {boxes}/bounding_box_train/1467_c2_8.png
    {boxes}/query/0001_c1_1.png
    {boxes}/query/0002_c2_7.png
    {boxes}/bounding_box_test/0001_c2_9.png
    {boxes}/bounding_box_test/0002_c1_3.png
"""
# By list; persons of the two folders are numbered separately.
MSMT17 = dict(
    train="""
        0000/0000_000_01_0303morning_0008_0.jpg
        0000/0000_046_12_0303morning_0006_2_ex.jpg
        0911/0911_005_05_0114noon_1558_1.jpg
        """,
    val="""
        0000/0000_009_03_0303morning_0022_1.jpg
        0911/0911_006_15_0302afternoon_0981_0.jpg
        """,
    query="""
        0000/0000_000_01_0303morning_0015_0.jpg
        2013/2013_003_14_0113noon_0666_2.jpg
        """,
    gallery="""
        0000/0000_001_02_0303morning_0016_0.jpg
        2013/2013_000_14_0113noon_0661_0.jpg
        3059/3059_011_04_0302morning_1200_0.jpg
        """,
)
MSMT17_FOLDERS = dict(
    V1=dict(train='train', val='train', query='test', gallery='test'),
    V2=dict(
        train='mask_train_v2',
        val='mask_train_v2',
        query='mask_test_v2',
        gallery='mask_test_v2',
    ),
)
FILES = dict(
    Market1501=MARKET,
    DukeMTMCReID=DUKE,
    OccludedDuke=DUKE,
    VeRi776=VERI,
    LTCC=LTCC,
    PRCC=PRCC,
    VIPeR=VIPER,
    CUHK03=CUHK03.format(boxes='labeled') + CUHK03.format(boxes='detected'),
)
COUNTS: dict[str, dict[str, dict[str, int]]] = dict(
    Market1501=dict(
        train=dict(images=4, ids=3, cams=4),
        query=dict(images=2, ids=2, cams=2),
        gallery=dict(images=4, ids=2, cams=3),
        distractors=dict(images=3, ids=0, cams=3),
    ),
    DukeMTMCReID=dict(
        train=dict(images=4, ids=3, cams=4),
        query=dict(images=2, ids=2, cams=2),
        gallery=dict(images=4, ids=3, cams=4),
    ),
    VeRi776=dict(
        train=dict(images=3, ids=2, cams=3),
        query=dict(images=2, ids=2, cams=2),
        gallery=dict(images=4, ids=2, cams=4),
    ),
    LTCC=dict(
        train=dict(images=4, ids=2, cams=3),
        query=dict(images=2, ids=2, cams=2),
        gallery=dict(images=4, ids=2, cams=3),
    ),
    PRCC=dict(
        train=dict(images=5, ids=2, cams=3),
        val=dict(images=2, ids=2, cams=2),
        query=dict(images=3, ids=2, cams=1),
        query_same=dict(images=2, ids=2, cams=1),
        gallery=dict(images=2, ids=2, cams=1),
    ),
    MSMT17=dict(
        train=dict(images=3, ids=2, cams=3),
        val=dict(images=2, ids=2, cams=2),
        query=dict(images=2, ids=2, cams=2),
        gallery=dict(images=3, ids=3, cams=3),
    ),
    VIPeR=dict(
        train=dict(images=4, ids=2, cams=2),
        query=dict(images=2, ids=2, cams=1),
        gallery=dict(images=2, ids=2, cams=1),
    ),
)
COUNTS['OccludedDuke'] = COUNTS['DukeMTMCReID']


def write(root: Path, name: str, version: str = 'V1') -> Path:
    """Write the tiny data set of a class.

    Args:
        root: Its ``data_root``; made where it is missing.
        name: The class, ``'MSMT17'``, ``'MARS'`` or one of ``FILES``.
        version: Of MSMT17.

    Returns:
        Path: ``root``.
    """
    if name == 'MARS':
        return write_mars(root)
    files = (
        _write_msmt17_lists(root, version) if name == 'MSMT17' else FILES[name].split()
    )
    for seed, file in enumerate(files):
        # A picture with the same name elsewhere is the same picture (VeRi's queries).
        same = next(i for i, f in enumerate(files) if Path(f).name == Path(file).name)
        write_picture(root / file, same if name == 'VeRi776' else seed)
    for folder in {(root / file).parent for file in files}:
        (folder / 'Thumbs.db').write_bytes(b'of the real data set')
        (folder / '._0001_c1s1_1.jpg').write_bytes(b'left by a copy on a Mac')
    return root


def write_picture(path: Path, seed: int = 0, size: tuple[int, int] = (128, 64)) -> None:
    """Write a random picture in the format of the suffix, height x width."""
    path.parent.mkdir(parents=True, exist_ok=True)
    picture = np.random.default_rng(seed).integers(256, size=(*size, 3))
    encoded = cv2.imencode(path.suffix, picture.astype(np.uint8))[1]
    path.write_bytes(encoded.tobytes())


def touch(root: Path, *names: str) -> Path:
    """Make empty files below a folder, and return it.

    Args:
        root (Path): The folder.
        *names (str): Paths below it, with ``/``.
    """
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    return root


def _write_msmt17_lists(root: Path, version: str) -> list[str]:
    """Write the four lists; return the pictures' names."""
    root.mkdir(parents=True, exist_ok=True)
    files = []
    for part, names in MSMT17.items():
        lines = [f'{name} {int(name.split("/")[0])}' for name in names.split()]
        (root / f'list_{part}.txt').write_text('\n'.join(lines) + '\n')
        folder = MSMT17_FOLDERS[version][part]
        files += [f'{folder}/{name}' for name in names.split()]
    return files
