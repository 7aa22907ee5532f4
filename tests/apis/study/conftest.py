"""A study of a config that trains nothing, and programs in the place of the tools."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from study_records import draw_results

from mmreid.apis.study.definition import Study, read_study

CONFIG = """
model = dict(type='Toy', width=8)
train_dataloader = dict(
    batch_size=4,
    num_workers=2,
    dataset=dict(type='ToySet', data_root='a', split='train'),
)
test_dataloader = dict(num_workers=2, dataset=dict(type='ToySet', data_root='a'))
_pack = dict(type='Pack', meta_keys=('a',))
train_dataloader['dataset']['pipeline'] = [_pack]
test_dataloader['dataset']['pipeline'] = [_pack]
test_evaluator = dict(type='ReIDMetric')
optim_wrapper = dict(optimizer=dict(type='Adam', lr=0.1))
train_cfg = dict(by_epoch=True, max_epochs=2)
randomness = dict(seed=9)
work_dir = 'nowhere'
"""
# What a training and a test leave in their folder, beside a note that they were begun.
PROGRAM = """
import json, os, sys
name = os.path.basename(sys.argv[0])
words = dict(zip(sys.argv, sys.argv[1:]))
folder = words['--work-dir']
seed = next(w for w in sys.argv if w.startswith('randomness.seed=')).split('=')[1]
here = os.path.dirname(sys.argv[0])
with open(os.path.join(here, 'begun.txt'), 'a') as log:
    threads = os.environ.get('OMP_NUM_THREADS')
    print(name, os.path.basename(os.path.dirname(folder)), seed, threads, file=log)
print('a line of', name, flush=True)
if name == 'train.py' and 'model.width=0' in sys.argv:
    sys.exit('no network has a width of 0')
if name == 'train.py':
    with open(os.path.join(folder, 'last_checkpoint'), 'w') as file:
        file.write('epoch_2.pth')
else:
    with open(os.path.join(here, 'results_' + seed + '.json')) as file:
        results = file.read()
    with open(words['--out'], 'w') as file:
        file.write(results)
"""


@pytest.fixture
def make_study(tmp_path: Path) -> Callable[..., Study]:
    """Write a study and read it: methods with their options."""

    def make(seeds: str = '[0, 1]', **methods: list[str]) -> Study:
        (tmp_path / 'toy_config.py').write_text(CONFIG)
        config = str(tmp_path / 'toy_config.py')
        told = {
            name: dict(config=config, options=options)
            for name, options in (methods or dict(A=[], B=['model.width=16'])).items()
        }
        text = f"title = 'Toy'\nseeds = {seeds}\nmethods = {told!r}\n"
        file = tmp_path / 'toy.py'
        file.write_text(f"{text}options = ['train_cfg.max_epochs=1']\n")
        return read_study(file)

    return make


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    """A folder of ``train.py`` and ``test.py``, which take no time."""
    folder = tmp_path / 'tools'
    folder.mkdir()
    for name in ('train.py', 'test.py'):
        (folder / name).write_text(PROGRAM)
    for seed in range(3):
        results = json.dumps(draw_results(seed))
        (folder / f'results_{seed}.json').write_text(results)
    return folder
