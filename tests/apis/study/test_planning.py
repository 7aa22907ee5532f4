import pytest

from mmreid.apis.study.planning import plan_study, run_key
from mmreid.engine import read_config


def test_all_methods_come_with_one_seed_before_the_next_seed(make_study):
    runs = plan_study(make_study('[3, 1]', A=[], B=['model.width=16'], C=[]))
    assert [run.name for run in runs] == [
        f'{method}/seed_0{seed}' for seed in (3, 1) for method in 'abc'
    ]
    assert runs[0].config.train_cfg.max_epochs == 1
    assert (runs[0].config.model.width, runs[1].config.model.width) == (8, 16)
    # The seed is no part of the key, and names are none.
    assert runs[0].key == runs[2].key == runs[3].key != runs[1].key


def test_a_part_of_a_study(make_study):
    study = make_study('[3, 1]')
    runs = plan_study(study, seeds=[1], methods=['B'])
    assert [run.name for run in runs] == ['b/seed_01']
    with pytest.raises(ValueError, match=r'no seed 2; it has \[3, 1\]'):
        plan_study(study, seeds=[1, 2])
    with pytest.raises(ValueError, match=r"no method 'C'; it has \['A', 'B'\]"):
        plan_study(study, methods=['C'])


@pytest.mark.parametrize('options', [['model.width.x=3'], ['train_cfg=[']])
def test_options_that_do_not_fit_name_their_method(make_study, options):
    with pytest.raises(ValueError, match="method 'Wrong': "):
        plan_study(make_study(A=[], Wrong=options))


def test_a_config_that_is_not_there_names_its_method(make_study, tmp_path):
    study = make_study()
    (tmp_path / 'toy_config.py').unlink()
    with pytest.raises(ValueError, match="method 'A': "):
        plan_study(study)


@pytest.mark.parametrize(
    ('option', 'same'),
    [
        ('train_dataloader.num_workers=0', True),
        ('test_dataloader.num_workers=0', True),
        ('train_dataloader.persistent_workers=True', True),
        ('train_dataloader.dataset.data_root=elsewhere', True),
        ('test_dataloader.dataset.data_root=elsewhere', True),
        ("test_dataloader.dataset.pipeline.0.meta_keys=('a','b')", True),
        ("train_dataloader.dataset.pipeline.0.meta_keys=('a','b')", True),
        ('test_dataloader.dataset.pipeline.0.type=Other', False),
        ('randomness.seed=1', True),
        ('work_dir=elsewhere', True),
        ('log_level=ERROR', True),
        ('optim_wrapper.optimizer.lr=0.2', False),
        ('train_dataloader.batch_size=8', False),
        ('train_dataloader.dataset.split=test', False),
        ('test_dataloader.dataset.split=train', False),
        ('model.width=9', False),
        ('train_cfg.max_epochs=3', False),
        ('load_from=weights.pth', False),
    ],
)
def test_what_the_key_depends_on(make_study, tmp_path, option, same):
    make_study()
    path = tmp_path / 'toy_config.py'
    key, other = (run_key(read_config(path, words)) for words in ([], [option]))
    assert (key == other) == same


@pytest.mark.parametrize(
    'wrap',
    [
        lambda own: dict(type='ClusteredDataset', dataset=own),
        lambda own: dict(type='UnionDataset', datasets=[own, own]),
    ],
)
def test_the_key_knows_no_folder_of_a_wrapped_data_set(make_study, tmp_path, wrap):
    make_study()
    path = tmp_path / 'toy_config.py'

    def key(**changes: str) -> str:
        config = read_config(path)
        own = {**config.train_dataloader.dataset, **changes}
        config.train_dataloader.dataset = wrap(own)
        return run_key(config)

    assert key() == key(data_root='elsewhere') != key(split='test')


def test_the_key_knows_no_order_of_entries_but_that_of_lists(make_study, tmp_path):
    make_study()
    path = tmp_path / 'toy_config.py'
    config = read_config(path, ["custom_hooks=['a','b']"])
    other = read_config(path, ["custom_hooks=['b','a']"])
    assert run_key(config) != run_key(other)
    config.model = dict(width=8, type='Toy')
    assert run_key(config) == run_key(read_config(path, ["custom_hooks=['a','b']"]))
