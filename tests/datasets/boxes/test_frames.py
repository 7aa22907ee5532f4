"""Frames of videos and folders, and boxes cut out of them."""

import cv2
import numpy as np
import pytest

from mmreid.datasets.boxes import BoxTable, clip_box, open_frames
from tests.datasets.boxes.conftest import make_pictures, make_table


def table_of(frames, first=1, **kwargs):
    """One box in each of some frames."""
    size = len(frames)
    box = np.tile([4.0, 4, 20, 30], (size, 1))
    return BoxTable(
        frames, range(size), box, np.ones(size), first_frame=first, **kwargs
    )


def levels(frames, table, **kwargs):
    """Which of the pictures each crop is from, by row."""
    return {
        row: round((crop.mean() - 9.5) / 20)
        for row, crop in frames.crops(table, **kwargs)
    }


@pytest.mark.parametrize('kind', ['video', 'folder'])
def test_frames_come_in_order(kind, request):
    frames = open_frames(request.getfixturevalue(kind))
    assert (len(frames), frames.size) == (9, (64, 48))
    assert frames.fps == (10 if kind == 'video' else 25)
    found = [(number, round((p.mean() - 9.5) / 20)) for number, p in frames]
    assert found == [(n + 1, n) for n in range(9)]


@pytest.mark.parametrize('kind', ['video', 'folder'])
@pytest.mark.parametrize('first', [0, 1])
def test_a_number_means_the_frame_that_its_format_says(kind, first, request):
    frames = open_frames(request.getfixturevalue(kind))
    table = table_of([first + 8, first, first + 3], first)
    assert levels(frames, table) == {0: 8, 1: 0, 2: 3}


def test_numbers_that_nothing_explains(folder, video):
    frames = open_frames(video)
    numbers, said = frames.locate(table_of([3, 5], None))
    assert (numbers.tolist(), 'count from 1' in said) == ([3, 5], True)
    assert frames.locate(table_of([3, 9], None))[1] == ''
    assert open_frames(folder).locate(table_of([3], None))[1] == ''


def test_pictures_numbered_from_elsewhere_and_by_name(folder):
    pictures = folder / 'img1'
    for number in range(1, 10):
        path = pictures / f'{number:06d}.png'
        path.rename(pictures / f'cam_{number + 100}.png')
    (pictures / 'cam_104.png').unlink()
    frames = open_frames(folder)
    assert levels(frames, table_of([105, 109])) == {0: 4, 1: 8}
    assert levels(frames, table_of([0, 7], 0)) == {0: 0, 1: 7}
    named = table_of([0, 1], 0, extra={'name': ['x/cam_109.jpg', 'cam_101']})
    assert levels(frames, named) == {0: 8, 1: 0}
    with pytest.raises(ValueError, match='there is no frame 104'):
        levels(frames, table_of([104, 105]))


def test_crops_are_what_a_loop_cuts(folder):
    table = make_table()
    pictures = make_pictures()
    rows = []
    for row, crop in open_frames(folder).crops(table):
        x1, y1, x2, y2 = (round(v) for v in table.box[row])
        expected = pictures[table.frame[row] - 1][y1 : min(y2, 48), x1 : min(x2, 64)]
        np.testing.assert_array_equal(crop, expected)
        rows.append(row)
    assert sorted(rows) == [*range(len(table))]


def test_boxes_that_show_nothing_are_reported_and_the_rest_goes_on(folder):
    (folder / 'img1' / '000002.png').write_bytes(b'no picture')
    box = np.array([[4.0, 4, 20, 30]] * 7)
    box[1] = [70, 0, 80, 10]
    box[2] = [5, 5, 5, 20]
    box[3] = [-50, -50, 2, 300]
    frame = [1, 1, 1, 1, 2, 9, 12]
    table = BoxTable(frame, [-1] * 7, box, [1] * 7, first_frame=1)
    faults = {}
    frames = open_frames(folder)
    crops = dict(frames.crops(table, min_size=(3, 3), on_fault=faults.__setitem__))
    assert sorted(crops) == [0, 5]
    assert sorted(faults) == [1, 2, 3, 4, 6]
    for row, text in zip(
        (1, 2, 3, 4, 6),
        ('outside', 'empty', '2 x 48 pixels', 'cannot be read', 'no frame 12'),
        strict=True,
    ):
        assert text in faults[row]
    with pytest.raises(
        ValueError, match=r'row 1 \(frame 1, box 70, 0, 80, 10\): .*out'
    ):
        [*frames.crops(table)]
    with pytest.raises(ValueError, match='frame 2 cannot be read'):
        list(frames)


def test_frames_of_another_size_are_refused(folder):
    table = table_of([1], picture_size=(128, 96))
    with pytest.raises(ValueError, match=r'frame 1 is 64 x 48, but .* for 128 x 96'):
        [*open_frames(folder).crops(table)]


def test_a_video_that_is_cut_off(video, tmp_path):
    content = video.read_bytes()
    (tmp_path / 'half.avi').write_bytes(content[: len(content) * 4 // 5])
    frames = open_frames(tmp_path / 'half.avi')
    faults = {}
    found = levels(frames, table_of(range(1, 10)), on_fault=faults.__setitem__)
    assert 2 <= len(found) <= 8
    assert found == {n: n for n in range(len(found))}
    assert sorted(faults) == [*range(len(found), 9)]
    assert len(frames) == len(found)


def test_what_is_no_video_is_named(tmp_path):
    (tmp_path / 'a.mp4').write_bytes(b'nothing')
    with pytest.raises(ValueError, match=r"a\.mp4' is no video"):
        open_frames(tmp_path / 'a.mp4')
    with pytest.raises(FileNotFoundError):
        open_frames(tmp_path / 'b.mp4')
    (tmp_path / 'empty').mkdir()
    with pytest.raises(FileNotFoundError, match='has no picture'):
        open_frames(tmp_path / 'empty')
    (tmp_path / 'empty' / '1.jpg').write_bytes(b'x')
    with pytest.raises(ValueError, match='cannot be read as a picture'):
        open_frames(tmp_path / 'empty')


def test_names_without_numbers_are_counted(tmp_path):
    for name, picture in zip(
        ('b.png', 'a.png', 'c10.png'), make_pictures(), strict=False
    ):
        cv2.imwrite(str(tmp_path / name), picture)
    assert [number for number, _ in open_frames(tmp_path)] == [1, 2, 3]
    assert levels(open_frames(tmp_path), table_of([1, 2, 3])) == {0: 1, 1: 0, 2: 2}


def test_the_part_inside():
    assert clip_box((-3, 1.4, 2.6, 99), 10, 20) == (0, 1, 3, 20)
    assert clip_box((9.9, 0.1, 9.95, 0.2), 10, 20) == (9, 0, 10, 1)
    with pytest.raises(ValueError, match='finite'):
        clip_box((0, 0, float('nan'), 1), 10, 20)


@pytest.mark.parametrize('kind', ['video', 'folder'])
def test_visits_in_pieces_see_what_one_visit_sees(kind, request):
    frames = open_frames(request.getfixturevalue(kind))
    found = []
    for first, last in ((1, 3), (4, 4), (7, 9), (2, 5)):
        part = frames.visit(lambda number: number != 8, last, first)
        found += [(n, round((p.mean() - 9.5) / 20) + 1) for n, p in part if n >= first]
    numbers = [1, 2, 3, 4, 7, 9, 2, 3, 4, 5]
    assert found == [(number, number) for number in numbers]


def test_frames_of_sixteen_bits_and_grey_ones_are_as_bright_as_others(folder):
    table = table_of(range(1, 10))
    for number, picture in enumerate(make_pictures(), 1):
        path = str(folder / 'img1' / f'{number:06d}.png')
        # A camera of twelve bits, as LoadImage reads it.
        kinds = (picture.astype(np.uint16) * 16, picture[..., 0])
        assert cv2.imwrite(path, kinds[number % 2])
    frames = open_frames(folder)
    crops = dict(frames.crops(table))
    assert {crop.dtype.name for crop in crops.values()} == {'uint8'}
    assert all(crop.shape[2] == 3 for crop in crops.values())
    assert {row: round((crop.mean() - 9.5) / 20) for row, crop in crops.items()} == {
        row: row for row in range(9)
    }
