"""Hooks that every training has, whatever its config lists."""

from pathlib import Path

import pytest
from mmengine.config import Config
from mmengine.hooks import EMAHook
from toy_training import toy_config

from mmreid.engine import FiniteCheckHook, build_runner
from mmreid.engine.hooks.guards import GUARDS, add_guards
from mmreid.registry import HOOKS

ROOT = Path(__file__).parents[3]


def kinds(runner) -> list[str]:
    return [type(hook).__name__ for hook in runner.hooks]


def test_the_base_config_has_them_all():
    base = Config.fromfile(ROOT / 'configs/_base_/default_runtime.py')
    assert {name: base.default_hooks[name].type for name in GUARDS} == GUARDS
    before = base.to_dict()
    add_guards(base)
    assert base.to_dict() == before


@pytest.mark.parametrize('hooks', [None, [], [dict(type='EMAHook')]])
def test_a_list_of_custom_hooks_leaves_them_in_place(tmp_path, hooks):
    runner = build_runner(toy_config(tmp_path, custom_hooks=hooks))
    for kind in GUARDS.values():
        assert kinds(runner).count(kind) == 1
    assert kinds(runner).count('EMAHook') == len(hooks or ())


@pytest.mark.parametrize(
    'hooks', [dict(type='EMAHook'), [None], ['EMAHook'], [dict(interval=1)]]
)
def test_custom_hooks_that_are_none_are_refused(tmp_path, hooks):
    with pytest.raises(ValueError, match='custom_hooks must be a list of hooks'):
        add_guards(toy_config(tmp_path, custom_hooks=hooks))


def test_one_that_is_listed_is_not_doubled_and_keeps_its_options(tmp_path):
    @HOOKS.register_module(force=True)
    class OwnSeedHook(HOOKS.get('SeedHook')): ...

    listed = [
        dict(type='mmreid.FiniteCheckHook', tolerated=2),
        dict(type=OwnSeedHook),
        HOOKS.build(dict(type='ProgressBarHook')),
        EMAHook(),
    ]
    cfg = toy_config(tmp_path, custom_hooks=listed)
    cfg.default_hooks.finite_check = dict(type='FiniteCheckHook')
    cfg.default_hooks.mine = dict(type='TrainedOnHook')
    runner = build_runner(cfg)
    for kind in set(GUARDS.values()) - {'SeedHook'}:
        assert kinds(runner).count(kind) == 1
    assert kinds(runner).count('OwnSeedHook') == 1
    assert 'SeedHook' not in kinds(runner)
    (finite,) = (hook for hook in runner.hooks if isinstance(hook, FiniteCheckHook))
    assert finite.tolerated == 2


def test_its_name_alone_switches_one_off(tmp_path):
    cfg = toy_config(tmp_path)
    cfg.default_hooks.progress_bar = None
    runner = build_runner(cfg)
    assert set(GUARDS.values()) - set(kinds(runner)) == {'ProgressBarHook'}
    log = next(tmp_path.glob('*/*.log')).read_text()
    assert 'switched off by the config: ProgressBarHook' in log


@pytest.mark.parametrize(
    ('name', 'hook', 'text'),
    [
        ('chekpoint', dict(interval=1), r'did you mean default_hooks\.checkpoint\?'),
        ('progres_bar', None, r'did you mean default_hooks\.progress_bar\?'),
        ('mine', 3, 'default_hooks.mine must be a hook, .* got 3'),
    ],
)
def test_what_is_no_hook(tmp_path, name, hook, text):
    cfg = toy_config(tmp_path)
    cfg.default_hooks[name] = hook
    with pytest.raises(ValueError, match=text):
        add_guards(cfg)
    cfg.default_hooks = dict(timer=None, checkpoint=None)
    assert add_guards(cfg) == []
