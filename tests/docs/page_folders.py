"""What a reader of a page is taken to have: the one place that says so.

A page is run in a folder that looks like a clone of the repository. `PAGES` names what
else is there, each made as `page_recipes.py` says; `WORDS` are what a page has a
reader put in place of words in capitals, and `NAMES` what the Python of a page takes to
be defined. A new page needs an entry only for what it does not make itself.
"""

import re
import shutil
from pathlib import Path

from filelock import FileLock
from page_blocks import ROOT
from page_recipes import DATA, RECIPES

#: Links of the folder to the repository; what commands might write to is copied.
LINKED = ('configs', 'mmreid', 'tests', 'tools', 'requirements', 'setup.py', 'Makefile')
COPIED = ('docs', 'projects', 'README.md', 'model-index.yml')

#: What a page's reader puts in place of a word.
WORDS = {
    'MODEL': 'aanet_r18_synthmini',
    'CONFIG': 'aanet_r18_synthmini',
    'CHECKPOINT': 'epoch_12.pth',
    'NAME': 'osnet_x1_0_msmt17-all',
}


#: Page -> what is in its folder, of `RECIPES`.
PAGES: dict[str, tuple[str, ...]] = {
    'configs/color_histogram/README.md': (DATA,),
    'docs/evidence.md': (DATA,),
    'docs/how_to/boxes.md': (
        *('hall.mp4', 'tracks.txt'),
        *('cam1.mp4', 'cam1/gt.txt', 'cam2.mp4', 'cam2/gt.txt'),
    ),
    'docs/how_to/datasets.md': ('data/mine', 'data/mine.csv', DATA, 'suspects.csv'),
    'docs/how_to/evaluation.md': (
        *(DATA, 'epoch_12.pth', 'bot_seed0/results.json', 'bot_seed1/results.json'),
        *('aanet_seed0/results.json', 'aanet_seed1/results.json'),
    ),
    'docs/how_to/export.md': (
        *(DATA, 'epoch_12.pth', 'point.json', 'results.json'),
        *('photos', 'query.jpg', 'people.db', 'person.onnx', 'checkpoint.json'),
    ),
    'docs/how_to/follow.md': ('door.mp4', 'door.txt', 'hall.mp4', 'hall.txt', 'scene'),
    'docs/how_to/inference.md': ('photos', 'epoch_120.pth', 'video.mp4', 'det.txt'),
    'docs/how_to/logs_and_publishing.md': (
        *('work_dirs/bot_r50_market', 'work_dirs/pcb_r50_market', 'epoch_12.pth', DATA),
        *(f'bot_r50_market-1a2b3c4d{ending}' for ending in ('.pth', '.safetensors')),
    ),
    'docs/how_to/own_pictures_without_labels.md': ('photos', DATA),
    'docs/how_to/report.md': (
        *(DATA, 'aanet.npz', 'bot.npz', 'agw.json', 'bot.pth'),
        *('work_dirs/bot_r50_market', 'work_dirs/aanet_r50_market'),
    ),
    'docs/how_to/search.md': ('pictures', 'query.jpg'),
    'docs/how_to/serving.md': (
        *('person.onnx', 'onnx_vectors.py', 'a.jpg', 'b.jpg', 'b.png', DATA),
    ),
    'docs/how_to/speed.md': (DATA, 'photos', 'a.jpg', 'epoch_120.pth'),
    'docs/how_to/thresholds.md': (
        *('work_dirs/demo/logs/features.npz', 'pairs.csv', 'bot.npz', 'epoch_12.pth'),
        *('a.jpg', 'b.jpg', 'query', DATA),
    ),
    'mmreid/apis/weights/packaged/README.md': (
        *(DATA, 'work_dirs/aanet_r18_synthmini/epoch_12.pth'),
    ),
    'projects/example_project/README.md': (
        *(DATA, 'work_dirs/hpm_r18_synthmini/epoch_12.pth'),
    ),
}

#: Page -> other words than `WORDS`.
WORDS_OF: dict[str, dict[str, str]] = {
    'docs/how_to/export.md': {'epoch_120.pth': 'aanet_r18_synthmini'},
    'docs/how_to/follow.md': {'SCENE': 'scene', 'OTHER_SCENE': 'scene'},
    'docs/how_to/inference.md': {
        'bot_r50_market': 'aanet_r18_synthmini',
        'bot/bot_r50_market.py': 'aanet/aanet_r18_synthmini.py',
    },
    'docs/how_to/report.md': {'aanet.pth': 'aanet_r18_synthmini'},
    'docs/how_to/thresholds.md': {'MODEL': 'epoch_12.pth', 'FEATURES': 'bot.npz'},
}

_VECTORS = 'import numpy as np; random = np.random.default_rng(0); '
#: Page -> Python that is run before its first block.
NAMES: dict[str, str] = {
    'docs/how_to/datasets.md': (
        'market = duke = market_test = duke_test = dict(type="ReIDDataset")'
    ),
    'docs/how_to/evaluation.md': (
        f'{_VECTORS}first = random.random((5, 40)); second = random.random((5, 40));'
        'persons = np.repeat(np.arange(10), 4)'
    ),
    'docs/how_to/inference.md': (
        f'{_VECTORS}frames = [np.zeros((99, 99, 3), np.uint8)];'
        'boxes = [np.array([[0, 0, 30, 60]])]'
    ),
    'docs/how_to/search.md': (
        f'{_VECTORS}key = 64 * "a"; vectors = random.random((3, 512));'
        'queries = random.random((2, 512)); names = ["A", "B", "C"];'
        'cameras = ["1", "2", "1"]'
    ),
}


def put_words(text: str, page: str) -> str:
    """Put something in place of the words in capitals."""
    words = {**WORDS, **WORDS_OF.get(page, {})}
    longest_first = sorted(words, key=len, reverse=True)
    any_of_them = '|'.join(map(re.escape, longest_first))
    return re.sub(
        rf'(?<![\w$-])({any_of_them})(?![\w-])', lambda found: words[found[0]], text
    )


def make_clone(folder: Path) -> None:
    """Make a folder look like a clone of the repository."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in LINKED:
        (folder / name).symlink_to(ROOT / name)
    for name in COPIED:
        source = ROOT / name
        copy = shutil.copytree if source.is_dir() else shutil.copyfile
        copy(source, folder / name)


def take(name: str, cupboard: Path, folder: Path) -> None:
    """Put something into a folder; it is made the first time.

    Args:
        name (str): Of `RECIPES`.
        cupboard (Path): Where things are kept, for all processes of a test run.
        folder (Path): Is given a copy.
    """
    from page_runner import run_shell

    kept = cupboard / name.replace('/', '_')
    recipe = RECIPES[name]
    with FileLock(f'{kept}.lock'):
        made = kept / '.made'
        if not made.exists():
            shutil.rmtree(kept, ignore_errors=True)
            make_clone(kept)
            for other in recipe.needs:
                take(other, cupboard, kept)
            run_shell(put_words(recipe.text, ''), kept)
            made.touch()
    _copy(kept / name, folder / name)


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, dirs_exist_ok=True)
    else:
        shutil.copyfile(source, target)
