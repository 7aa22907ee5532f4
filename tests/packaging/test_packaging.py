"""What is installed is complete, and the version statements agree."""

import os
import re
import site
import subprocess
import sys
from pathlib import Path

import pytest
from installed_wheel import install_wheel

import mmreid
from mmreid.apis import find_model

ROOT = Path(__file__).parents[2]
PACKAGED = Path('mmreid/apis/weights/packaged')


def requirements(name: str) -> dict[str, str]:
    """Package -> version specifier of a requirements file."""
    lines = (ROOT / 'requirements' / f'{name}.txt').read_text('utf-8').splitlines()
    found = (re.match(r'([\w.-]+)([^#]*)', line) for line in lines)
    return {m[1].lower(): m[2].strip() for m in found if m}


def test_an_installed_package_has_its_configs(tmp_path):
    command = [sys.executable, 'setup.py', '-q', 'build', '-b', str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    built = tmp_path / 'lib' / 'mmreid'
    sources = (ROOT / 'configs').rglob('*.py')
    wanted = {path.relative_to(ROOT / 'configs') for path in sources}
    configs = built / '.mim' / 'configs'
    assert {path.relative_to(configs) for path in configs.rglob('*.py')} == wanted
    index = (built / '.mim' / 'model-index.yml').read_text('utf-8')
    metafiles = re.findall(r'^  - (\S+)$', index, re.MULTILINE)
    assert metafiles
    assert all((built / '.mim' / metafile).is_file() for metafile in metafiles)
    modules = {path.relative_to(ROOT) for path in (ROOT / 'mmreid').rglob('*.py')}
    weights = {path.name for path in (ROOT / PACKAGED).iterdir() if path.is_file()}
    assert weights == {p.name for p in (built.parent / PACKAGED).iterdir()}
    assert any(name.endswith('.safetensors') for name in weights)
    assert {
        path.relative_to(tmp_path / 'lib') for path in built.rglob('*.py')
    } >= modules


def run_installed(*words, folder, succeeds=True):
    """Run the installed command where no clone is."""
    environment = {k: v for k, v in os.environ.items() if k != 'PYTHONPATH'}
    command = [folder.parent / 'env' / 'bin' / 'mmreid', *words]
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True
    )
    assert (done.returncode == 0) == succeeds, done.stderr
    return done.stdout + done.stderr


@pytest.mark.slow
def test_an_installed_wheel_is_used_without_the_clone(tmp_path):
    packages = install_wheel(tmp_path)
    (packages / 'packages.pth').write_text('\n'.join(map(str, site.getsitepackages())))

    here = tmp_path / 'elsewhere'
    here.mkdir()
    assert 'train' in run_installed(folder=here)
    assert 'agw_r50_market_fast-reid' in run_installed('models', 'agw', folder=here)
    assert 'total' in run_installed('flops', 'bot_r18_synthmini', folder=here)
    missing = run_installed('train', 'bot_r18_synthmini', folder=here, succeeds=False)
    assert 'run python -m mmreid synthreid data/synthreid_mini' in missing
    run_installed('synthreid', 'data/synthreid_mini', folder=here)
    assert '0 faults' in run_installed('check', 'bot_r18_synthmini', folder=here)
    words = ('test', 'color_histogram_synthmini', '--out', 'scores.json')
    assert 'reid/mAP: 11.3' in run_installed(*words, folder=here)
    scores = run_installed('test', 'aanet_r18_synthmini', folder=here)
    (printed,) = find_model('aanet_r18_synthmini').results
    for name, value in printed['Metrics'].items():
        found = float(re.search(rf'reid/{name}: ([\d.]+)', scores)[1])
        assert found == pytest.approx(value, abs=0.3), name  # another processor's
    words = ('repeat', 'color_histogram_synthmini', '--seeds', '0')
    assert 'mAP' in run_installed(*words, folder=here)


def test_the_command_is_declared():
    text = (ROOT / 'setup.py').read_text('utf-8')
    assert "'console_scripts': ['mmreid = mmreid.cli.main:main']" in text


def test_minimum_versions_agree():
    runtime = requirements('runtime')
    for names, minimum in mmreid._MINIMUM.items():
        assert runtime[names[0]].startswith(f'>={minimum}'), names


@pytest.mark.parametrize('name', ['runtime', 'search', 'pages', 'export', 'tests'])
def test_every_requirement_has_an_exact_tested_version(name):
    exact = requirements('constraints')
    for package in requirements(name):
        assert re.fullmatch(r'==[\w.]+', exact[package]), package


def test_the_lowest_versions_are_those_declared():
    lowest, runtime = requirements('lowest'), requirements('runtime')
    assert lowest.keys() == runtime.keys()
    for package in lowest.keys() - {'setuptools'}:
        minimum = re.match(r'>=([\d.]+)', runtime[package])[1]
        assert f'{lowest[package]}.'.startswith(f'=={minimum}.'), package


@pytest.mark.parametrize(
    'page',
    [*ROOT.glob('*.md'), *ROOT.glob('configs/*/*.md'), *ROOT.glob('projects/*/*.md')],
)
def test_pages_name_files_that_exist(page):
    text = page.read_text('utf-8')
    linked = re.findall(r'\]\((?!https?:|#)([^)#]+)', text)
    missing = [name for name in linked if not (page.parent / name).exists()]
    commands = re.findall(
        r'(?<![\w/])((?:tools|configs|projects)/[\w/.-]+\.(?:py|sh))', text
    )
    commands = [name for name in commands if not (page.parent / name).exists()]
    missing += [name for name in commands if not (ROOT / name).exists()]
    assert not missing
