"""What nothing reads in a config is refused, and what was meant is told."""

import errno
import inspect
import re
import tempfile
from pathlib import Path

import pytest
from mmengine.config import Config
from mmengine.runner import Runner

from mmreid.apis import init_model
from mmreid.engine import UnknownNameError, read_config
from mmreid.engine.config_files import KNOWN, load_config

ROOT = Path(__file__).parents[3]
BASE = ROOT / 'configs/bot/bot_r18_synthmini.py'
PIPELINE = r'train_dataloader\.dataset\.pipeline'


@pytest.fixture
def write(tmp_path):
    def write_config(text: str, name: str = 'own.py') -> str:
        path = tmp_path / name
        path.write_text(f'_base_ = {str(BASE)!r}\n{text}\n', encoding='utf-8')
        return str(path)

    return write_config


@pytest.mark.parametrize(
    ('text', 'message'),
    [
        ('modle = dict(flip_test=True)', r"'modle'; .*did you mean model\?"),
        ('lr = 0.1', r'did you mean optim_wrapper\.optimizer\.lr\?'),
        ('seed = 3', r'did you mean randomness\.seed\?'),
        ('total_epochs = 60', r'did you mean train_cfg\.max_epochs\?'),
        ('tta_model = dict()', r"'tta_model'; a variable for your own code begins"),
        ('unused = dict(a=1)', "nothing reads 'unused'"),
        ('used = 3\nlate = dict(x=used)', "nothing reads 'late'"),
        ('unused = 1\nunused += 1', "nothing reads 'unused'"),
        # Variables of a base, from which it has made its values.
        (
            'resize = dict(scale=(64, 128))',
            rf'market.py.*{PIPELINE}\.1\.scale',
        ),
        (
            '_resize = dict(scale=(64, 128))',
            rf"'_resize' changes.*{PIPELINE}\.1\.scale",
        ),
        ('_base_._resize.scale = (64, 128)', rf'{PIPELINE}\.1\.scale'),
        ('train_pipeline = []', PIPELINE),
        ('env_cfg = dict(cudnn_benchmrak=False)', r'did you mean cudnn_benchmark\?'),
    ],
)
def test_names_in_a_file(write, text, message):
    with pytest.raises(UnknownNameError, match=message):
        read_config(write(text))


def test_programs_are_told_too(write):
    with pytest.raises(UnknownNameError, match="nothing reads 'modle'"):
        init_model(write('modle = dict(flip_test=True)'))


@pytest.mark.parametrize(
    'text',
    [
        'own = dict(num_classes=5)\nmodel = dict(head=own)',
        'ids = [5 for _ in range(2)]\nmodel = dict(head=dict(num_classes=ids[0]))',
        'n = 5\ndef f():\n    return n\nmodel = dict(head=dict(num_classes=f()))',
        'import os\nn = len(os.sep)\nmodel = dict(head=dict(num_classes=n + 4))',
        'n = 5\nmodel = dict(head=dict(num_classes=sum(i * n for i in range(2))))',
        '_base_.model.head.num_classes = 5',
        "n = '{{ fileDirname }}'\nmodel = dict(head=dict(num_classes=5, n=n))",
        '_note = 1\nmodel = dict(head=dict(num_classes=5))',
        '_crop = _base_._crop\nmodel = dict(head=dict(num_classes=5, x=_crop))',
    ],
)
def test_names_that_are_read(write, text):
    cfg = read_config(write(text))
    assert cfg.model.head.num_classes == 5
    # Variables that have acted are gone, those of the user's own code are not.
    assert [name for name in cfg if name.startswith('_')] == ['_note'] * (
        '_note' in text
    )
    assert not {'own', 'ids', 'n'} & cfg.keys()


def test_variables_for_those_who_inherit(write, tmp_path):
    (tmp_path / '_base_').mkdir()
    write('_crop = dict(type="RandomCrop", crop_size=9)\nlater = 7', '_base_/crops.py')
    heir = tmp_path / 'heir.py'
    text = (
        '_base_ = "./_base_/crops.py"\nmodel = dict(a=_base_._crop, b={{_base_.later}})'
    )
    heir.write_text(text)
    cfg = read_config(str(heir))
    assert (cfg.model.a.crop_size, cfg.model.b) == (9, 7)
    heir.write_text('_base_ = "./_base_/crops.py"')
    with pytest.raises(UnknownNameError, match=r"crops\.py: nothing reads 'later'"):
        read_config(str(heir))


def test_other_formats(tmp_path):
    path = tmp_path / 'own.yml'
    path.write_text(f'_base_: {BASE}\nmodel:\n  head: {{num_classes: 5}}\n')
    assert read_config(str(path)).model.head.num_classes == 5
    path.write_text(f'_base_: {BASE}\nmodle: 3\n')
    with pytest.raises(UnknownNameError, match=r'did you mean model\?'):
        read_config(str(path))


def test_the_text_in_a_work_folder_can_be_read_again(write, tmp_path):
    cfg = read_config(write('own = dict(num_classes=5)\nmodel = dict(head=own)'))
    cfg.launcher = 'none'
    cfg.dump(tmp_path / 'dumped.py')
    assert read_config(str(tmp_path / 'dumped.py')).to_dict() == cfg.to_dict()
    # One of an earlier version has the variables, too: they cannot be meant to act.
    old = (tmp_path / 'dumped.py').read_text() + '\nresize = dict(scale=(1, 2))\n'
    (tmp_path / 'old.py').write_text(old)
    with pytest.warns(match="nothing reads 'resize'"):
        assert read_config(str(tmp_path / 'old.py')).to_dict() == cfg.to_dict()


@pytest.mark.parametrize(
    ('option', 'message'),
    [
        ('modle.flip_test=True', r'did you mean model\.flip_test\?'),
        (
            'test_evalutor.distance=euclidean',
            r'did you mean test_evaluator\.distance\?',
        ),
        ('lr=0.1', r'did you mean optim_wrapper\.optimizer\.lr\?'),
        ('num_classes=5', r'did you mean model\.head\.num_classes\?'),
        ('resize.scale=(256,256)', rf'{PIPELINE}\.1\.scale'),
        ('_resize.scale=(256,256)', rf'{PIPELINE}\.1\.scale'),
        ('_crop.padding=3', 'nothing reads'),
        ('data.samples_per_gpu=4', 'did you mean train_dataloader, val_dataloader'),
        ('env_cfg.cudnn_benchmrak=False', r'did you mean cudnn_benchmark\?'),
        (
            'default_hooks.chekpoint.interval=1',
            r'did you mean default_hooks.checkpoint.i',
        ),
    ],
)
def test_options(option, message):
    with pytest.raises(UnknownNameError, match=message):
        read_config(str(BASE), [option])


def test_options_that_act(write):
    path = write('_mine = dict(a=1)')
    options = [
        'find_unused_parameters=True',
        'compile=True',
        'resume=False',
        '_mine.a=2',
    ]
    cfg = read_config(path, [*options, 'optim_wrapper.clip_grad.max_norm=1'])
    assert cfg._mine.a == 2
    assert cfg.optim_wrapper.clip_grad.max_norm == 1
    assert cfg.compile


@pytest.mark.parametrize(
    ('data', 'message'),
    [
        (b'x = {', r'own\.py.* is no python'),
        (b'\xef\xbb\xbfmodel = dict()', 'byte order mark'),
        ('model = 1  # \u6570\u636e'.encode('gbk'), 'not UTF-8'),
        (b'\n\nmodel = dict(a=_base_.resize)', 'line 3: .*did you mean _resize'),
        (b'model = dict(a=b)', "line 1: NameError: name 'b'"),
    ],
)
def test_files_that_cannot_be_read(tmp_path, data, message):
    base = b'' if b'_base_' not in data else f'_base_ = {str(BASE)!r};'.encode()
    (tmp_path / 'own.py').write_bytes(base + data)
    with pytest.raises(ValueError, match=message):
        read_config(str(tmp_path / 'own.py'))


def test_a_dumped_config_can_be_read_again(tmp_path):
    dumped = Config.fromfile(BASE)
    assert 'test_pipeline' in dumped
    dumped.dump(tmp_path / 'mine.py')
    assert read_config(str(tmp_path / 'mine.py')).model == dumped.model
    dumped.modle = dict()
    dumped.dump(tmp_path / 'mine.py')
    with pytest.raises(ValueError, match="nothing reads 'modle'"):
        read_config(str(tmp_path / 'mine.py'))


def test_a_checkpoint_is_no_config(tmp_path):
    with pytest.raises(ValueError, match=r'epoch_1\.pth must be a config'):
        read_config(str(tmp_path / 'epoch_1.pth'))


def test_what_mmengine_reads_is_known():
    asked = set(re.findall(r"cfg\.get\('(\w+)'", inspect.getsource(Runner.from_cfg)))
    asked |= set(re.findall(r"self\.cfg\.get\(\s*'(\w+)'", inspect.getsource(Runner)))
    assert len(asked) > 25
    assert asked <= KNOWN


def test_a_full_disk_is_named(monkeypatch):
    def fail(path):
        raise OSError(errno.EFBIG, 'File too large')

    monkeypatch.setattr(Config, 'fromfile', fail)
    with pytest.raises(OSError, match='by way of a copy there') as caught:
        load_config('a.py')
    assert caught.value.filename == tempfile.gettempdir()
