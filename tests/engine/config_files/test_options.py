"""KEY=VALUE of the command line, in lists too."""

import pytest
from mmengine.config import Config, ConfigDict

from mmreid.engine.config_files.options import apply_options


@pytest.fixture
def cfg() -> Config:
    def loader() -> dict:
        return dict(batch_size=1, dataset=dict(type='A', pipeline=[dict(type='T')]))

    united = dict(type='ReIDUnion', datasets=[dict(type='A'), dict(type='B')])
    return Config(
        dict(
            train_dataloader=dict(batch_size=1, dataset=united),
            test_dataloader=[loader(), loader()],
            val_dataloader=loader(),
            param_scheduler=[dict(end=1), dict(end=2)],
        )
    )


def test_a_key_without_index_is_that_of_each_data_set(cfg):
    options = ['test_dataloader.batch_size=3', 'test_dataloader.dataset.check=False']
    options += ['test_dataloader.1.dataset.type=C', 'val_dataloader.batch_size=4']
    options += ['train_dataloader.dataset.datasets.cache=ram']
    options += ['train_dataloader.dataset.datasets.0.type=D', 'new.key=1']
    apply_options(cfg, options)
    assert [loader.batch_size for loader in cfg.test_dataloader] == [3, 3]
    assert [loader.dataset.check for loader in cfg.test_dataloader] == [False, False]
    assert [loader.dataset.type for loader in cfg.test_dataloader] == ['A', 'C']
    assert cfg.val_dataloader.batch_size == 4
    assert [d.cache for d in cfg.train_dataloader.dataset.datasets] == ['ram', 'ram']
    assert [d.type for d in cfg.train_dataloader.dataset.datasets] == ['D', 'B']
    assert cfg.new.key == 1


def test_lists_of_other_things_need_an_index(cfg):
    apply_options(cfg, ['param_scheduler.1.end=7'])
    assert [scheduler.end for scheduler in cfg.param_scheduler] == [1, 7]
    for option in (
        'param_scheduler.end=7',
        'param_scheduler.2.end=7',
        'test_dataloader.dataset.pipeline.type=U',
        'test_dataloader.2.batch_size=7',
    ):
        with pytest.raises(ValueError, match=r'named by its index'):
            apply_options(cfg, [option])
    assert 'type' in cfg.test_dataloader[0].dataset.pipeline[0]


def test_a_whole_list_can_be_replaced(cfg):
    apply_options(cfg, ['test_dataloader=None', 'param_scheduler=[]'])
    assert cfg.test_dataloader is None
    assert cfg.param_scheduler == []


@pytest.mark.parametrize(
    ('option', 'value'),
    [
        # Texts, where the key asks for one or the config has one.
        ('dataset.data_root=2023', '2023'),
        ('dataset.data_root=/my data,2', '/my data,2'),
        ('dataset.data_root="/my data"', '/my data'),
        ('dataset.data_root=[old]', '[old]'),
        ('dataset.folders.query=7', '7'),
        (r'dataset.pattern=(?P<person>\d{1,4})_(c\d)', r'(?P<person>\d{1,4})_(c\d)'),
        ('dataset.type=A,B', 'A,B'),
        ('dataset.type=none', 'none'),
        # Nothing.
        ('dataset.data_root=None', None),
        ('dataset.data_root=none', None),
        ('dataset=none', None),
        ('dataset.new=null', None),
        # Numbers and words.
        ('batch_size=8', 8),
        ('dataset.type=0.3', 0.3),
        ('dataset.new=1e-3', 1e-3),
        ('dataset.new=true', True),
        ('dataset.new=none', 'none'),
        ("dataset.new='3'", '3'),
        ("dataset.new=''", ''),
        # Lists, tuples and dicts, as python, JSON and mmengine write them.
        ('dataset.new=1,3', [1, 3]),
        ('dataset.new=1,', [1]),
        ('dataset.new=[1, 3]', [1, 3]),
        ('dataset.new=[]', []),
        ('dataset.new=(128, 256)', (128, 256)),
        ('dataset.new=[(a, 1), [b, None]]', [('a', 1), ['b', None]]),
        ("dataset.new={'k1': 5, k2:2}", dict(k1=5, k2=2)),
        ('dataset.new={"a": [1, {"b": null}]}', dict(a=[1, dict(b=None)])),
        ('dataset.new=["a, b", \'c]\']', ['a, b', 'c]']),
    ],
)
def test_values(cfg, option, value):
    loader = 'val_dataloader.'
    apply_options(cfg, [loader + option])
    node = cfg.val_dataloader
    for word in option.partition('=')[0].split('.'):
        node = node[word]
    assert node == value
    assert type(node) in (type(value), ConfigDict)


@pytest.mark.parametrize(
    'option',
    [
        *('new', '=1', 'a..b=1', 'new=', 'new=[1', 'new=[1,,2]', 'new=(1]', "new='a"),
        *('new={a}', 'new={a:1', 'new={[1]:2}', 'new=dict(a=1)', 'new=' + '[' * 9999),
    ],
)
def test_values_that_cannot_be_read(cfg, option):
    with pytest.raises(ValueError, match='--cfg-options takes KEY=VALUE'):
        apply_options(cfg, [option])


def test_lists_that_a_shell_has_split(cfg):
    options = ['new=[1,', '3,', '5]', "other={'k1':", '5}', 'data_root=/a(b', 'x=1']
    apply_options(cfg, options)
    assert (cfg.new, cfg.other, cfg.x) == ([1, 3, 5], dict(k1=5), 1)
    assert cfg.data_root == '/a(b'


def test_a_part_of_a_key_that_is_another_one_misspelt(cfg):
    with pytest.raises(ValueError, match=r'did you mean val_dataloader.dataset.type\?'):
        apply_options(cfg, ['val_dataloader.datset.type=B'])
    cfg.val_dataloader.part1 = dict(a=1)
    apply_options(cfg, ['val_dataloader.part2.a=2', 'val_dataloader.sampler.a=1'])
    assert cfg.val_dataloader.part2.a == 2
