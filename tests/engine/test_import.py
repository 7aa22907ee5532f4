"""Importing the package: what it checks, what it installs, what it leaves alone."""

import subprocess
import sys
from importlib import metadata

import pytest

import mmreid


@pytest.mark.parametrize(
    ('version', 'expected'),
    [('2.12.0+cu130', (2, 12, 0)), ('0.10.7', (0, 10, 7)), ('2.4', (2, 4))],
)
def test_releases_are_compared_as_numbers(version, expected):
    assert mmreid._release(version) == expected


def test_what_is_installed_passes():
    mmreid._check_requirements(mmreid._MINIMUM)


@pytest.mark.parametrize('minimum', ['999', '2.999.0'])
def test_an_old_library_is_named_with_the_remedy(minimum):
    found = metadata.version('torch')
    with pytest.raises(ImportError) as caught:
        mmreid._check_requirements({('torch',): minimum})
    for part in (f'torch >= {minimum}', found, f"pip install 'torch>={minimum}'"):
        assert part in str(caught.value)


def test_a_missing_library_is_named():
    with pytest.raises(ImportError, match='not-there'):
        mmreid._check_requirements({('not-there', 'nor-this'): '1.0'})


def test_the_registry_alone_loads_no_other_part_and_warns_of_nothing():
    code = (
        'import sys, mmreid.registry\n'
        'import mmcv.cnn.bricks.transformer\n'
        "parts = ('models', 'datasets', 'evaluation', 'apis', 'visualization')\n"
        "print([p for p in parts if f'mmreid.{p}' in sys.modules])\n"
        'from mmengine.runner import CheckpointLoader\n'
        "print(CheckpointLoader._schemes[''].__module__)"
    )
    done = subprocess.run(
        [sys.executable, '-c', code],
        capture_output=True,
        text=True,
        check=True,
        cwd=mmreid.__path__[0] + '/..',
    )
    assert done.stdout.split('\n')[:2] == ['[]', 'mmreid.engine.checkpoints.addresses']
    assert 'MultiScaleDeformableAttention' not in done.stderr


# A new interpreter takes seconds: the two orders that differ most, for a start.
@pytest.mark.parametrize(
    'imports',
    [
        'import mmengine.runner, mmreid',
        'import mmreid.models',
        *(
            pytest.param(imports, marks=pytest.mark.slow)
            for imports in (
                'import mmreid, mmengine.runner',
                'import mmreid.engine',
                'import mmreid, mmpretrain',
                'from mmreid import apis',
            )
        ),
    ],
)
def test_loaders_are_safe_whatever_is_imported_first(imports):
    code = (
        f'{imports}\n'
        'from mmengine.runner import CheckpointLoader, Runner\n'
        "print(CheckpointLoader._schemes[''].__module__, Runner.resume.__module__)"
    )
    modules = run(code).split()
    assert all(name.startswith('mmreid.engine.checkpoints.') for name in modules)


def test_the_package_alone_is_light():
    assert run("import sys, mmreid; print({'torch', 'mmengine'} & {*sys.modules})") == (
        'set()\n'
    )


def run(code):
    return subprocess.run(
        [sys.executable, '-c', code],
        capture_output=True,
        text=True,
        check=True,
        cwd=mmreid.__path__[0] + '/..',
    ).stdout
