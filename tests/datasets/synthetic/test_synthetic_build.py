"""The rendered folder: layout, determinism, manifest, restart."""

import hashlib
import json
import re
import shutil
import signal
from pathlib import Path

import cv2
import pytest

from mmreid.datasets.synthetic import (
    DatasetSize,
    contact_sheet,
    folder_checksum,
    render_synthreid,
)

TINY = DatasetSize('tiny', 3, 3, 11, 8, 10, 4, 3)
FOLDERS = {'bounding_box_train': 11, 'query': 8, 'bounding_box_test': 17}
NAME = re.compile(r'(-1|\d{4})_c([1-6])s([1-6])_\d{6}_\d{2}\.jpg')


def pictures(root: Path) -> dict[str, bytes]:
    paths = sorted(root.rglob('*.jpg'))
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in paths}


def people_and_cameras(folder: Path) -> list[tuple[int, int]]:
    matches = [NAME.fullmatch(path.name) for path in folder.iterdir()]
    assert all(matches)
    return [(int(match[1]), int(match[2])) for match in matches if match]


@pytest.fixture(scope='module')
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp('synthreid') / 'tiny'
    render_synthreid(root, TINY, seed=5, num_workers=1)
    return root


@pytest.fixture
def copied(rendered: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(rendered, tmp_path / 'copy'))


def test_layout_and_counts(rendered: Path) -> None:
    assert {p.name for p in rendered.iterdir()} == {*FOLDERS, 'manifest.json'}
    for folder, count in FOLDERS.items():
        assert len(people_and_cameras(rendered / folder)) == count
    for path in rendered.rglob('*.jpg'):
        picture = cv2.imread(str(path))
        assert picture is not None
        assert picture.shape == (128, 64, 3)


def test_labels_follow_market(rendered: Path) -> None:
    train = {p for p, _ in people_and_cameras(rendered / 'bounding_box_train')}
    query = {p for p, _ in people_and_cameras(rendered / 'query')}
    gallery = [p for p, _ in people_and_cameras(rendered / 'bounding_box_test')]
    assert len(train) == len(query) == 3
    assert not train & query
    assert set(gallery) == query | {0, -1}
    assert (gallery.count(0), gallery.count(-1)) == (4, 3)


def test_every_query_is_the_only_one_of_its_camera_and_has_a_match(
    rendered: Path,
) -> None:
    queries = people_and_cameras(rendered / 'query')
    gallery = people_and_cameras(rendered / 'bounding_box_test')
    assert len(set(queries)) == len(queries)
    for person, camera in queries:
        assert any(p == person and c != camera for p, c in gallery)


def test_bytes_do_not_depend_on_the_number_of_processes(
    rendered: Path, tmp_path: Path
) -> None:
    steps: list[tuple[int, int]] = []
    render_synthreid(tmp_path / 'two', TINY, 5, 2, lambda *step: steps.append(step))
    assert pictures(tmp_path / 'two') == pictures(rendered)
    assert steps == [(done, 36) for done in range(1, 37)]


def test_the_manifest_describes_the_folder(rendered: Path) -> None:
    manifest = json.loads((rendered / 'manifest.json').read_text())
    digest = hashlib.sha256()
    for folder in FOLDERS:
        for path in sorted((rendered / folder).iterdir()):
            digest.update(f'{folder}/{path.name}'.encode() + path.read_bytes())
    assert manifest['checksum'] == digest.hexdigest() == folder_checksum(rendered)
    assert manifest['counts'] == FOLDERS
    assert (manifest['seed'], manifest['size']) == (5, 'tiny')
    assert len(manifest['cameras']) == 6
    assert len(manifest['train_identities']) == len(manifest['test_identities']) == 3


def test_the_checksum_notices_a_changed_picture(copied: Path) -> None:
    before = folder_checksum(copied)
    path = next((copied / 'query').iterdir())
    path.write_bytes(path.read_bytes() + b'!')
    assert folder_checksum(copied) != before


def test_a_complete_folder_is_left_alone(copied: Path) -> None:
    marked = next((copied / 'query').iterdir())
    marked.write_bytes(b'mark')
    manifest = json.loads((copied / 'manifest.json').read_text())
    assert render_synthreid(copied, TINY, 5, 1) == manifest
    assert marked.read_bytes() == b'mark'


def test_an_incomplete_folder_is_made_anew(copied: Path, rendered: Path) -> None:
    next((copied / 'query').iterdir()).unlink()
    render_synthreid(copied, TINY, 5, 1)
    assert pictures(copied) == pictures(rendered)


def test_another_seed_replaces_the_folder(copied: Path, rendered: Path) -> None:
    manifest = render_synthreid(copied, TINY, 6, 1)
    assert manifest['seed'] == 6
    assert pictures(copied) != pictures(rendered)


def test_an_interrupted_run_leaves_nothing_and_can_be_repeated(
    rendered: Path, tmp_path: Path
) -> None:
    def stop(done: int, total: int) -> None:
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        render_synthreid(tmp_path / 'out', TINY, 5, 1, stop)
    assert not (tmp_path / 'out').exists()
    render_synthreid(tmp_path / 'out', TINY, 5, 1)
    assert pictures(tmp_path / 'out') == pictures(rendered)
    assert [path.name for path in tmp_path.iterdir()] == ['out']


def test_other_files_are_never_replaced(tmp_path: Path) -> None:
    (tmp_path / 'holiday.jpg').write_bytes(b'mine')
    with pytest.raises(ValueError, match='choose another folder'):
        render_synthreid(tmp_path, TINY, 0, 1)
    assert (tmp_path / 'holiday.jpg').read_bytes() == b'mine'


@pytest.mark.parametrize(
    ('arguments', 'remedy'),
    [
        ({'size': 'huge'}, "one of \\['market', 'mini'\\]"),
        ({'seed': -1}, 'use 0 or more'),
        ({'num_workers': 0}, 'at least 1'),
    ],
)
def test_bad_arguments_are_refused(
    arguments: dict, remedy: str, tmp_path: Path
) -> None:
    with pytest.raises(ValueError, match=remedy):
        render_synthreid(tmp_path / 'out', **arguments)
    assert not (tmp_path / 'out').exists()


def test_a_contact_sheet_has_a_row_for_each_member() -> None:
    one = contact_sheet(seed=0, rows=2, families=[1])
    two = contact_sheet(seed=0, rows=2, families=[1, 2])
    assert one.shape[1:] == two.shape[1:]
    assert two.shape[0] - one.shape[0] == 2 * 131 + 6
    assert (two[: one.shape[0]] == one).all()
    with pytest.raises(ValueError, match=r'families \[999\] do not exist'):
        contact_sheet(families=[999])


@pytest.mark.parametrize('workers', [1, 2])
def test_ctrl_c_is_heard_after_rendering(tmp_path, workers):
    before = signal.getsignal(signal.SIGINT)
    size = DatasetSize('tiny', 2, 2, 8, 4, 6)
    render_synthreid(tmp_path / 'out', size, num_workers=workers)
    assert signal.getsignal(signal.SIGINT) is before
