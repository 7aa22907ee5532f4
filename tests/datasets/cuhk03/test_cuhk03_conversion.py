"""Pictures and tables are those of the published files, whatever happens between."""

import json
import shutil
import signal
import sys
import tempfile
from pathlib import Path
from types import ModuleType

import cv2
import numpy as np
import pytest
from cuhk03_release import (
    BOXES,
    Release,
    cells,
    folder_bytes,
    make_release,
    name_of,
    unprivileged,
)
from preloaded import run_program

from mmreid.datasets.conversion import convert_cuhk03
from mmreid.datasets.conversion.cuhk03_release import Slot, parse_slot
from mmreid.datasets.reading.rows import Row
from mmreid.datasets.reading.tables import read_table

ROOT = Path(__file__).resolve().parents[3]
TOOL = ROOT / 'tools' / 'dataset_converters' / 'convert_cuhk03.py'


def convert(release: Path, out: Path, **options: object) -> dict:
    """Convert without the published counts."""
    return convert_cuhk03(release, out, **{'check': False, **options})


@pytest.mark.parametrize(('mat', 'configs'), [('7.3', '5'), ('5', '7.3')])
def test_pictures_and_tables(
    release: Release, tmp_path: Path, mat: str, configs: str
) -> None:
    published = release.write(tmp_path / 'Öffentlich', mat, configs)
    out = tmp_path / 'Bilder 图片'
    steps: list[tuple] = []
    done = convert(published, out, progress=lambda *step: steps.append(step))
    places = 10 * sum(release.pairs)
    assert steps == [(b, n, places) for b in BOXES for n in range(1, places + 1)]
    for boxes in BOXES:
        pictures = release.pictures[boxes]
        folder = out / f'images_{boxes}'
        names = sorted(path.name for path in folder.iterdir())
        assert names == sorted(map(name_of, pictures))
        for place, picture in pictures.items():
            content = (folder / name_of(place)).read_bytes()
            read = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
            assert (read[..., ::-1] == picture).all()
        assert done[boxes] == dict(
            images=len(pictures), ids=sum(release.pairs), protocols=['classic', 'new']
        )
        check_tables(release, out, boxes)


def check_tables(release: Release, out: Path, boxes: str) -> None:
    def rows(places: list) -> list[Row]:
        folder = out / f'images_{boxes}'
        return [
            Row(
                str(folder / name_of(p)),
                str(release.number(p)),
                '1' if p[2] <= 5 else '2',
            )
            for p in places
        ]

    found = read_table(str(out / f'new_{boxes}.csv'))
    assert found == {part: rows(p) for part, p in release.parts(boxes).items()}
    for index, tested in enumerate(release.testsets):
        found = read_table(str(out / f'classic_{boxes}_{index:02d}.csv'))
        places = sorted(release.pictures[boxes])
        test = rows([p for p in places if p[:2] in tested])
        train = rows([p for p in places if p[:2] not in tested])
        assert found == dict(train=train, query=test, gallery=test)


# Kills itself, soon after the hundredth picture: another process might come too late.
KILLED = """
import os, signal, sys, threading
from mmreid.datasets.conversion import convert_cuhk03

def watch(boxes, done, total):
    if done == 100:
        kill = (os.getpid(), signal.SIGKILL)
        threading.Timer(0.002, os.kill, kill).start()

convert_cuhk03(sys.argv[1], sys.argv[2], check=False, progress=watch)
"""


def test_a_killed_run_goes_on_where_it_was(tmp_path: Path) -> None:
    release = make_release(np.random.default_rng(1), pairs=(25, 10, 2, 2, 2), size=48)
    published = release.write(tmp_path / 'published')
    out = tmp_path / 'Abgebrochen 中断'
    program = tmp_path / 'killed.py'
    program.write_text(KILLED)
    assert run_program([program, published, out]).returncode == -signal.SIGKILL
    folder = out / 'images_labeled'
    before = {path.name: path.stat().st_mtime_ns for path in folder.glob('*.png')}
    assert 0 < len(before) < len(release.pictures['labeled'])
    assert not (out / 'conversion.json').exists()

    convert(published, out)
    after = {path.name: path.stat().st_mtime_ns for path in folder.glob('*.png')}
    assert before.items() <= after.items()  # nothing was written twice
    whole = tmp_path / 'whole'
    convert(published, whole)
    assert folder_bytes(out) == folder_bytes(whole)


def test_pictures_that_are_damaged_or_gone_come_back(
    published: Path, finished: Path, converted: Path
) -> None:
    pictures = sorted((converted / 'images_detected').iterdir())
    first, second, third, fourth = pictures[:4]
    first.unlink()
    second.write_bytes(second.read_bytes()[:-3])
    third.write_bytes(b'')
    content = bytearray(fourth.read_bytes())
    content[len(content) // 2] ^= 1
    fourth.write_bytes(content)
    convert(published, converted)
    assert folder_bytes(converted) == folder_bytes(finished)


def test_a_finished_folder_is_left_alone(converted: Path, tmp_path: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in converted.rglob('*')}
    steps: list[tuple] = []
    marker = json.loads((converted / 'conversion.json').read_text())
    gone = tmp_path / 'deleted since'
    done = convert(gone, converted, progress=lambda *step: steps.append(step))
    assert done == marker['boxes']
    assert not steps
    after = {path: path.stat().st_mtime_ns for path in converted.rglob('*')}
    assert after == before


def test_boxes_and_protocols_can_follow_one_another(
    published: Path, finished: Path, tmp_path: Path
) -> None:
    out = tmp_path / 'out'
    done = convert(published, out, boxes=['detected'], protocols=['classic'])
    assert [*done] == ['detected']
    assert done['detected']['protocols'] == ['classic']
    assert not (out / 'images_labeled').exists()
    assert not (out / 'new_detected.csv').exists()
    done = convert(published, out, boxes=['detected'], protocols=['new'])
    assert done['detected']['protocols'] == ['classic', 'new']
    convert(published, out)
    assert folder_bytes(out) == folder_bytes(finished)


def test_the_release_may_be_given_in_several_ways(
    published: Path, finished: Path, tmp_path: Path
) -> None:
    data = tmp_path / 'data'
    shutil.copytree(published, data / 'cuhk03_release')
    for config in (data / 'cuhk03_release').glob('*config*'):
        config.rename(data / config.name)
    for source in (data, data / 'cuhk03_release/cuhk-03.mat', data / 'cuhk03_release'):
        convert(source, data, boxes=['labeled'])
        assert (data / 'new_labeled.csv').read_bytes() == (
            finished / 'new_labeled.csv'
        ).read_bytes()
        (data / 'conversion.json').unlink()


def test_a_missing_file_is_told_before_anything_is_written(
    published: Path, tmp_path: Path
) -> None:
    source, out = tmp_path / 'source', tmp_path / 'out'
    source.mkdir()
    with pytest.raises(FileNotFoundError, match=r'No cuhk-03.mat in .*source'):
        convert(source, out)
    shutil.copy(published / 'cuhk-03.mat', source)
    with pytest.raises(FileNotFoundError, match=r'config_labeled.mat .*github.com'):
        convert(source, out)
    assert not out.exists()
    convert(source, out, boxes=['labeled'], protocols=['classic'])
    convert(source, out, boxes=['labeled'], configs=published)
    assert (out / 'new_labeled.csv').exists()


@pytest.mark.parametrize(
    ('options', 'match'),
    [
        (dict(boxes=['drawn']), r"boxes must be some of \['labeled', 'detected'\]"),
        (dict(boxes='labeled'), 'boxes must be some of'),
        (dict(protocols=[]), r"protocols must be some of \['new', 'classic'\]"),
    ],
)
def test_options_are_checked(tmp_path: Path, options: dict, match: str) -> None:
    with pytest.raises(ValueError, match=match):
        convert(tmp_path, tmp_path, **options)


def test_other_counts_than_published_are_refused(
    published: Path, tmp_path: Path
) -> None:
    with pytest.raises(ValueError, match=r'expected 14,096 images of 1,467 ident.*fou'):
        convert(published, tmp_path, check=True)
    assert not (tmp_path / 'conversion.json').exists()


def spoil(release: Release, path: Path, **changed: object) -> Path:
    """Write files of which some variables are others."""
    release = Release(**{**vars(release), **changed})
    return release.write(path)


def test_other_files_than_the_published_are_told(
    release: Release, published: Path, tmp_path: Path
) -> None:
    out = tmp_path / 'out'
    strangers = [[(1, 1), (6, 1)]] * 20
    source = spoil(release, tmp_path / 'a', testsets=strangers)
    with pytest.raises(ValueError, match=r'not in cuhk-03.mat: .\(6, 1\)'):
        convert(source, out, protocols=['classic'])

    gray = dict(release.pictures['labeled'])
    gray[(1, 1, 2)] = np.zeros((8, 4, 2), np.uint8)
    other = {**release.pictures, 'labeled': gray}
    source = spoil(release, tmp_path / 'b', pictures=other)
    with pytest.raises(ValueError, match=r'Pair 1, person 1, picture 2 .*\(8, 4, 2\)'):
        convert(source, tmp_path / 'other')

    swapped = tmp_path / 'c'
    shutil.copytree(published, swapped)
    names = [f'cuhk03_new_protocol_config_{boxes}.mat' for boxes in BOXES]
    shutil.copy(published / names[0], swapped / names[1])
    with pytest.raises(ValueError, match=r'pictures that cuhk-03.mat does not have'):
        convert(swapped, out, boxes=['detected'])

    shutil.copy(published / names[0], swapped / 'cuhk-03.mat')
    with pytest.raises(ValueError, match="has no variable 'labeled'"):
        convert(swapped, out)


def test_another_structure_is_told(
    release: Release, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = release.mat_file()
    other = cells(1, 1)
    other[0, 0] = np.ones((2, 3))
    for name, match in (('labeled', 'persons x 10'), ('testsets', 'pair and person')):
        spoiled = {**whole, name: other}
        monkeypatch.setattr(Release, 'mat_file', lambda self, x=spoiled: x)
        source = release.write(tmp_path / name)
        with pytest.raises(ValueError, match=f'{name!r} of cuhk-03.mat must.*{match}'):
            convert(source, tmp_path / 'out')


def test_files_of_others_are_not_taken_for_pictures(
    published: Path, converted: Path
) -> None:
    shutil.copy(converted / 'images_labeled' / '1_001_1_02.png', converted / 'x.png')
    (converted / 'x.png').rename(converted / 'images_labeled' / 'mine.png')
    with pytest.raises(ValueError, match=r"like '1_001_1_01.png'.*'mine.png'"):
        convert(published, converted)


@pytest.mark.parametrize('place', [(1, 1, 1), (1, 843, 5), (5, 49, 6), (3, 7, 10)])
def test_names_tell_the_place(place: tuple[int, int, int]) -> None:
    assert Slot(*place).file_name == name_of(place)
    assert parse_slot(name_of(place)) == place


def test_a_read_only_folder_is_told(finished: Path, published: Path) -> None:
    # pytest's own folders are closed to others; `finished` has imported all there is.
    with tempfile.TemporaryDirectory() as name:
        source, out = Path(name) / 'source', Path(name) / 'out'
        shutil.copytree(published, source)
        out.mkdir()
        for path in (Path(name), out, source):
            path.chmod(0o555)
        with unprivileged(), pytest.raises(PermissionError, match='images_labeled'):
            convert(source, out)
        for path in (Path(name), out, source):
            path.chmod(0o755)


def test_the_tool_says_what_it_did(
    published: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture,
) -> None:
    tool = load_tool()
    words = [str(TOOL), str(published), str(tmp_path / 'out'), '--boxes', 'labeled']
    monkeypatch.setattr(sys, 'path', [*sys.path])
    monkeypatch.setattr(sys, 'argv', words)
    with pytest.raises(SystemExit, match='2'):
        tool.main()
    assert 'error: CUHK03, labeled boxes: expected' in capfd.readouterr().err
    monkeypatch.setattr(sys, 'argv', [*words, '--no-check'])
    tool.main()
    told = capfd.readouterr().out
    assert 'labeled boxes\n' in told
    assert 'ETA' not in told  # bars are for terminals
    assert 'out: labeled boxes, 90 images of 10 identities, classic and new' in told
    tool.main()
    told = capfd.readouterr().out
    assert 'nothing to do' in told
    assert 'labeled boxes\n' not in told


def test_the_tool_tells_of_a_truncated_file(
    published: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture,
) -> None:
    content = (published / 'cuhk-03.mat').read_bytes()
    (tmp_path / 'cuhk-03.mat').write_bytes(content[: len(content) // 2])
    monkeypatch.setattr(sys, 'path', [*sys.path])
    words = [str(TOOL), str(tmp_path), str(tmp_path), '--configs', str(published)]
    monkeypatch.setattr(sys, 'argv', words)
    with pytest.raises(SystemExit, match='2'):
        load_tool().main()
    assert 'truncated or damaged' in capfd.readouterr().err


def load_tool() -> ModuleType:
    import importlib.util

    spec = importlib.util.spec_from_file_location('convert_cuhk03_tool', TOOL)
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    return tool


@pytest.mark.slow
def test_the_published_counts(tmp_path: Path) -> None:
    """As many persons and pictures as there really are, each of a few pixels."""
    release = make_release(
        np.random.default_rng(0),
        pairs=(843, 440, 77, 58, 49),
        tested=100,
        test_ids=700,
        missing=dict(labeled=(302, 272), detected=(305, 268)),
        size=4,
    )
    done = convert_cuhk03(release.write(tmp_path / 'published'), tmp_path / 'out')
    both = dict(ids=1467, protocols=['classic', 'new'])
    assert done == dict(
        labeled=dict(images=14096, **both), detected=dict(images=14097, **both)
    )
