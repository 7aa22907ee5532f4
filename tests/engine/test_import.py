"""Importing the package: what it checks, what it installs, what it leaves alone."""

import json
import subprocess
import sys
from importlib import metadata

import pytest
from bare_environment import link_packages, run_bare

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
    with pytest.raises(ImportError, match='not-there') as caught:
        mmreid._check_requirements({('not-there', 'nor-this'): '1.0'})
    # By this a command ends with the sentence alone.
    assert isinstance(caught.value.__cause__, ImportError)


@pytest.fixture(scope='module')
def without_training(tmp_path_factory):
    """Only what an exported file needs: no torch, mmengine, mmcv, mmpretrain."""
    return link_packages(tmp_path_factory.mktemp('bare') / 'site')


def test_without_the_libraries_every_part_works_or_tells(without_training):
    """Also that the list of the parts which need them is whole."""
    code = (
        'import json, pkgutil, mmreid\n'
        'from importlib import import_module\n'
        'said = {}\n'
        'import mmreid.deploy\n'
        'names = [\n'
        '    module.name\n'
        '    for package in (mmreid, mmreid.deploy)\n'
        '    for module in pkgutil.iter_modules(\n'
        "        package.__path__, package.__name__ + '.'\n"
        '    )\n'
        ']\n'
        'for name in names:\n'
        '    try:\n'
        '        import_module(name)\n'
        "        said[name] = ''\n"
        '    except ImportError as error:\n'
        '        said[name] = str(error)\n'
        'print(json.dumps(said))\n'
    )
    done = run_bare(code, without_training)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert {name for name, text in said.items() if text} == mmreid._USERS
    for text in filter(None, said.values()):
        assert 'needs torch >= 2.10, found none; install it with: pip' in text
    assert not mmreid._USERS & {'mmreid.cli', 'mmreid.deploy', 'mmreid.files'}


def test_a_command_without_the_libraries_ends_with_the_sentence(without_training):
    code = (
        'import sys\n'
        "sys.argv = ['mmreid', *sys.argv[1:]]\n"
        'from mmreid.cli.main import main\n'
        'main()\n'
    )
    done = run_bare(code, without_training, '--help')
    assert done.returncode == 0
    done = run_bare(code, without_training, 'flops', 'bot_r18_synthmini')
    assert done.returncode == 2
    assert done.stderr.startswith('error: mmreid ')
    assert 'needs torch >= 2.10, found none' in done.stderr
    assert 'Traceback' not in done.stderr


def test_an_old_library_is_refused_where_it_is_used(without_training, tmp_path):
    """Also when mmreid itself has long been imported."""
    site = tmp_path / 'site'
    site.mkdir()
    for entry in without_training.iterdir():
        (site / entry.name).symlink_to(entry)
    old = site / 'torch-2.9.1.dist-info'
    old.mkdir()
    text = 'Metadata-Version: 2.1\nName: torch\nVersion: 2.9.1\n'
    (old / 'METADATA').write_text(text, 'utf-8')
    done = run_bare('import mmreid; print(1); import mmreid.apis', site)
    assert done.stdout == '1\n'
    assert 'needs torch >= 2.10, found 2.9.1; install' in done.stderr


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
