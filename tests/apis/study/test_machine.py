import subprocess
from pathlib import Path

import pytest
import torch

import mmreid
from mmreid.apis.study.machine import describe_machine

ROOT = Path(mmreid.__file__).parents[1]


def test_a_clone_is_named_by_its_commit():
    made = describe_machine({})
    if not (ROOT / '.git').exists():
        assert made['commit'] == made['source'] == f'mmreid {mmreid.__version__}'
        return
    command = ['git', '-C', str(ROOT), 'rev-parse', 'HEAD:mmreid']
    tree = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert tree.startswith(made['source'])
    assert len(made['source']) == 12
    assert made['commit'].rstrip('+')
    assert made['torch'] == torch.__version__


def test_an_installed_package_is_named_by_its_version(tmp_path, monkeypatch):
    monkeypatch.setattr(mmreid, '__file__', str(tmp_path / 'mmreid' / '__init__.py'))
    made = describe_machine({})
    assert made['commit'] == made['source'] == f'mmreid {mmreid.__version__}'


@pytest.mark.skipif(torch.cuda.is_available(), reason='the processor is not used')
@pytest.mark.parametrize(
    ('wrapper', 'arithmetic'),
    [
        (None, {'float32'}),
        (dict(type='OptimWrapper'), {'float32'}),
        (dict(type='AmpOptimWrapper'), {'float16'}),
        (dict(type='AmpOptimWrapper', dtype='bfloat16'), {'bfloat16'}),
        (dict(type='AutocastOptimWrapper', dtype='float16'), {'float16'}),
        # Where it is slow, float32 is taken.
        (dict(type='AutocastOptimWrapper'), {'bfloat16', 'float32'}),
    ],
)
def test_arithmetic(wrapper, arithmetic):
    made = describe_machine(dict(optim_wrapper=wrapper))
    assert made['arithmetic'] in arithmetic
    assert made['instructions'] == torch.backends.cpu.get_cpu_capability()
    assert made['device']


def test_nodes_of_slurm_are_not_this_machine():
    made = describe_machine({}, partition='long')
    assert made['device'] == 'Slurm, long'
    assert 'arithmetic' not in made
