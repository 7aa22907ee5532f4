"""What is installed is complete, however it was built, and is used without a clone."""

import os
import re
import runpy
import shutil
import site
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

import pytest
from installed_wheel import build, copy_source, install, variables

from mmreid.apis import find_model

ROOT = Path(__file__).parents[2]
CONSUMER = """
from mmreid.apis import find_model
from mmreid.optional import install_command

reveal_type(install_command)
reveal_type(find_model('x').results)
install_command(1.5)
"""


@pytest.fixture(scope='module')
def source(tmp_path_factory) -> Path:
    return copy_source(tmp_path_factory.mktemp('source'))


@pytest.fixture(scope='module')
def wheel(source, tmp_path_factory) -> Path:
    return build('wheel', source, tmp_path_factory.mktemp('wheel'))


@pytest.fixture(scope='module')
def packages(wheel, tmp_path_factory) -> Path:
    """An environment with the wheel; what it needs is taken from this one."""
    found = install(wheel, tmp_path_factory.mktemp('installed') / 'env')
    (found / 'packages.pth').write_text('\n'.join(map(str, site.getsitepackages())))
    return found


def contents(wheel: Path) -> dict[str, int]:
    """File -> checksum, of a wheel."""
    with zipfile.ZipFile(wheel) as archive:
        return {entry.filename: entry.CRC for entry in archive.infolist()}


def files(folder: str) -> set[str]:
    """Files below a folder of the clone."""
    return {
        str(path.relative_to(ROOT))
        for path in (ROOT / folder).rglob('*')
        if path.is_file() and '__pycache__' not in path.parts
    }


def test_a_wheel_has_every_file_of_the_package_and_no_other(source, wheel):
    found = {*contents(wheel)}
    own = {name for name in found if not re.match(r'mmreid-[^/]*dist-info/', name)}
    configs = {f'mmreid/.mim/{name}' for name in files('configs')}
    assert own == files('mmreid') | configs | {'mmreid/.mim/model-index.yml'}
    for name in ('py.typed', 'report/assets/base.css', '.mim/configs/bot/README.md'):
        assert f'mmreid/{name}' in own
    assert any(name.endswith('.safetensors') for name in own)
    assert any(name.endswith('licenses/LICENSE') for name in found)
    assert not [*source.glob('build')], 'a later wheel would have what is left here'


def uploaded() -> tuple[str, str]:
    """Names of the wheel and the source distribution, as a release expects them."""
    release = runpy.run_path(str(ROOT / '.ci' / 'release.py'))
    return tuple(path.name for path in release['distributions'](ROOT))


def test_a_release_uploads_what_is_built(wheel):
    assert wheel.name == uploaded()[0]


def test_models_are_listed_where_mim_looks(wheel):
    """mim reads mmreid/.mim/model-index.yml, and what it names beside it."""
    with zipfile.ZipFile(wheel) as archive:
        index = archive.read('mmreid/.mim/model-index.yml').decode()
    metafiles = re.findall(r'^  - (\S+)$', index, re.MULTILINE)
    assert metafiles
    assert {f'mmreid/.mim/{name}' for name in metafiles} <= contents(wheel).keys()


@pytest.mark.slow
def test_a_wheel_of_the_sdist_is_the_wheel_of_the_tree(source, wheel, tmp_path):
    sdist = build('sdist', source, tmp_path / 'sdist')
    assert sdist.name == uploaded()[1]
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path / 'unpacked', filter='data')
    (unpacked,) = (tmp_path / 'unpacked').iterdir()
    again = build('wheel', unpacked, tmp_path / 'wheel')
    assert contents(again) == contents(wheel)


@pytest.mark.slow
def test_a_clone_that_cannot_be_written_to_is_built_by_another_user():
    # Not below pytest's folder, which is closed to other users.
    folder = Path(tempfile.mkdtemp())
    try:
        folder.chmod(0o755)
        (folder / 'source').mkdir()
        source = copy_source(folder / 'source')
        out = folder / 'wheels'
        out.mkdir(mode=0o777)
        out.chmod(0o777)
        for path in [source, *source.rglob('*')]:
            path.chmod(0o555 if path.is_dir() else 0o444)
        is_root = os.geteuid() == 0
        python = '/usr/bin/python3'  # root's own may be closed to others
        if is_root and not shutil.which(python):
            pytest.skip('needs a Python that other users can run')
        code = (
            'import sys; sys.path[:0] = sys.argv[3:]\n'
            'import setuptools.build_meta as backend\n'
            'backend.build_wheel(sys.argv[1])'
        )
        user = dict(user=65534, group=65534, extra_groups=[]) if is_root else {}
        done = subprocess.run(
            [python if is_root else sys.executable, '-c', code, out],
            cwd=source,
            env=dict(variables(), HOME=str(out), PYTHONDONTWRITEBYTECODE='1'),
            capture_output=True,
            text=True,
            **user,
        )
        if "No module named 'setuptools'" in done.stderr:
            pytest.skip(f'{python} has no setuptools')
        assert done.returncode == 0, done.stderr
        assert len([*out.glob('*.whl')]) == 1
        assert {path.name for path in source.iterdir()}.isdisjoint(
            {'build', 'mmreid.egg-info'}
        )
    finally:
        for path in [folder, *folder.rglob('*')]:
            path.chmod(0o755)
        shutil.rmtree(folder)


@pytest.mark.slow
def test_types_are_found_by_those_who_import_the_package(packages, tmp_path):
    (tmp_path / 'consumer.py').write_text(CONSUMER)
    python = packages.parents[2] / 'bin' / 'python'
    words = ['-m', 'mypy', '--python-executable', python, 'consumer.py']
    done = subprocess.run(
        [sys.executable, *words],
        cwd=tmp_path,
        env=variables(),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    lines = [line for line in done.stdout.splitlines() if 'consumer.py' in line]
    assert 'def (package: str) -> str' in lines[0], done.stdout
    assert 'tuple[typing.Mapping[str, Any], ...]' in lines[1]
    assert 'incompatible type "float"' in lines[2]
    assert len(lines) == 3


def run_installed(packages, *words, folder, succeeds=True):
    """Run the installed command where no clone is."""
    done = subprocess.run(
        [packages.parents[2] / 'bin' / 'mmreid', *words],
        cwd=folder,
        env=variables(),
        capture_output=True,
        text=True,
    )
    assert (done.returncode == 0) == succeeds, done.stderr
    return done.stdout + done.stderr


@pytest.mark.slow
def test_an_installed_wheel_is_used_without_the_clone(packages, tmp_path):
    def run(*words, **options):
        return run_installed(packages, *words, folder=tmp_path, **options)

    assert 'train' in run()
    assert 'agw_r50_market_fast-reid' in run('models', 'agw')
    assert 'total' in run('flops', 'bot_r18_synthmini')
    missing = run('train', 'bot_r18_synthmini', succeeds=False)
    assert 'run python -m mmreid synthreid data/synthreid_mini' in missing
    run('synthreid', 'data/synthreid_mini')
    assert '0 faults' in run('check', 'bot_r18_synthmini', '--report', 'page')
    assert (tmp_path / 'page' / 'assets' / 'data_set.js').is_file()
    scores = run('test', 'color_histogram_synthmini', '--out', 'scores.json')
    assert 'reid/mAP: 11.3' in scores
    scores = run('test', 'aanet_r18_synthmini')
    (printed,) = find_model('aanet_r18_synthmini').results
    for name, value in printed['Metrics'].items():
        found = float(re.search(rf'reid/{name}: ([\d.]+)', scores)[1])
        assert found == pytest.approx(value, abs=0.3), name  # another processor's
    assert 'mAP' in run('repeat', 'color_histogram_synthmini', '--seeds', '0')
