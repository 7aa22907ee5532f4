"""Tables of boxes in every format: there and back, and what is refused."""

import sys
import zipfile

import numpy as np
import pytest

from mmreid.datasets.boxes import FORMATS, BoxTable, read_boxes, write_boxes
from tests.datasets.boxes.conftest import make_table

LINE = '1,3,10,20,30,40'
SUFFIX = dict(mot='.txt', cvat='.xml', csv='.csv', yolo='')


@pytest.mark.parametrize('format', FORMATS)
def test_written_and_read_again(tmp_path, format):
    table = make_table(first=0 if format == 'cvat' else 1)
    path = tmp_path / f'boxes{SUFFIX[format]}'
    write_boxes(path, table)
    size = (64, 48) if format == 'yolo' else None
    again = read_boxes(path, picture_size=size)
    order = np.argsort(table.frame * 1000 + table.track)
    back = np.argsort(again.frame * 1000 + again.track)
    np.testing.assert_array_equal(again.frame[back], table.frame[order])
    np.testing.assert_array_equal(again.track[back], table.track[order])
    np.testing.assert_allclose(again.box[back], table.box[order], rtol=0, atol=1e-6)
    if format != 'cvat':
        np.testing.assert_allclose(again.score[back], table.score[order])


@pytest.mark.parametrize(
    'text',
    [
        '1,3,10,20,30,40\n2,3,11,-2.5,30,40\n',
        '1 3 10 20 30 40\n2  3 11 -2.5 30 40',
        '\ufeff1\t3\t10\t20\t30\t40\r\n\r\n2\t3\t11\t-2.5\t30\t40\r\n',
        '1; 3; 10; 20; 30; 40;\n2; 3; 11; -2.5; 30; 40;\n',
        '1.0,3.0,1e1,2.0e+1,30,40\n\n# half\n2.0,3.0,11,-2.5,30,40\n\n',
        'frame,id,x,y,w,h\n1,3,10,20,30,40\n2,3,11,-2.5,30,40\n',
        'Frame_ID;Track ID;X1;Y1;X2;Y2;\n1;3;10;20;40;60;\n2;3;11;-2,5;41;37,5;\n',
        '# frame x1 y1 x2 y2 id\n1 10 20 40 60 3\n2 11 -2.5 41 37.5 3\n',
        'frame,id,left,top,width,height,conf\n1,3,10,20,30,40,\n2,3,11,-2.5,30,40,\n',
    ],
)
def test_dialects(tmp_path, text):
    path = tmp_path / 'a.txt'
    path.write_bytes(text.encode())
    table = read_boxes(path)
    assert table.frame.tolist() == [1, 2]
    assert table.track.tolist() == [3, 3]
    assert table.box.tolist() == [[10, 20, 40, 60], [11, -2.5, 41, 37.5]]
    assert np.isnan(table.score).all()


def test_ground_truth_has_classes_and_detections_have_none(tmp_path):
    path = tmp_path / 'gt.txt'
    path.write_text(f'{LINE},0,8,0.25\n')
    table = read_boxes(path)
    assert (table.score[0], table.label[0]) == (0, '8')
    assert table.extra['visibility'].tolist() == [0.25]
    path.write_text('1,-1,10,20,30,40,-0.5,-1,-1,-1\n')
    table = read_boxes(path)
    assert (table.track[0], table.score[0], table.label) == (-1, -0.5, None)
    write_boxes(tmp_path / 'b.txt', table)
    assert (tmp_path / 'b.txt').read_text() == path.read_text()


@pytest.mark.parametrize(
    ('text', 'message'),
    [
        (f'{LINE}\n1,3,10,twenty,30,40\n', "line 2: 'twenty' is no number"),
        (f'{LINE}\n\n{LINE},1\n', 'line 3: 7 values, where the lines before have 6'),
        (f'{LINE}\n1.5,3,1,1,1,1\n', 'line 2: the frame .* whole number, got 1.5'),
        (f'\n{LINE}\n1,3,nan,1,1,1\n', 'line 3: the box is not finite'),
        (f'{LINE}\n-1,3,1,1,1,1\n', 'line 2: a frame cannot have the number -1'),
        ('1,2,3,4,5\n', 'line 1: a line must have 6 to 10 values, got 5'),
        ('id,x,y,w,h\n1,1,1,1,1\n', 'lacks the columns frame; it has'),
        ('frame,id,x,y,w\n1,1,1,1,1\n', 'lacks the columns x, y, w, h'),
        ('frame,x,y,w,h\n1,1,1,1,1\n1,1,1,1\n', 'line 3: 4 cells for 5'),
        (
            'frame,x,y,w,h\n1,1,1,1,1\n1,a,1,1,4\n',
            "line 3: x must be a number, got 'a'",
        ),
        ('\n\n# frame,x,y,w,h\n1,1,1,1,1\n1.5,1,1,1,4\n', 'line 5: the frame must be'),
        ('frame,x,y,w,h,x\n', "has the column 'x' twice"),
        ('<annotations><track id="1">', 'is no sound XML'),
        ('<a><track id="4" label="p"><box frame="2" xtl="1"/></track></a>', 'track 4'),
        ('<a><image id="0" width="1" height="1"><mask/></image></a>', 'no box'),
    ],
)
def test_what_cannot_be_read_is_named(tmp_path, text, message):
    (tmp_path / 'a.txt').write_text(text)
    with pytest.raises(ValueError, match=message):
        read_boxes(tmp_path / 'a.txt')


def test_columns_that_nobody_knows_are_kept(tmp_path):
    (tmp_path / 'a.csv').write_text(
        'frame,id,x,y,w,h,camera,class,shop\n5,,1,1,2,2,north,person,"a, b"\n'
    )
    table = read_boxes(tmp_path / 'a.csv')
    assert (table.camera, table.track[0], table.label[0]) == ('north', -1, 'person')
    write_boxes(tmp_path / 'b.csv', table)
    again = read_boxes(tmp_path / 'b.csv')
    assert again.extra['shop'].tolist() == ['a, b']
    assert (again.camera, again.first_frame) == ('north', None)


def test_a_further_column_may_be_called_track(tmp_path):
    (tmp_path / 'a.csv').write_text('frame,id,track,x1,y1,x2,y2\n1,4,9,1,1,5,5\n')
    table = read_boxes(tmp_path / 'a.csv')
    assert (table.track.tolist(), table.extra['track'].tolist()) == ([4], ['9'])


def test_yolo_with_and_without_scores_and_tracks(tmp_path):
    labels = tmp_path / 'labels'
    labels.mkdir()

    def read(line):
        (labels / 'cam_2.txt').write_text(line)
        table = read_boxes(tmp_path, picture_size=(100, 200))
        assert table.frame.tolist() == [2]
        np.testing.assert_allclose(table.box, [[40, 50, 60, 150]])
        return table.track[0], table.score[0], table.label[0]

    box = '0 0.5 0.5 0.2 0.5'
    assert read(box)[0] == -1
    assert read(f'{box} 0.75')[:2] == (-1, 0.75)
    assert read(f'{box} 7')[0] == 7
    assert read(f'{box} 0.75 7') == (7, 0.75, '0')
    (tmp_path / 'classes.txt').write_text('person\n')
    assert read(f'{box} 0.75 7') == (7, 0.75, 'person')
    with pytest.raises(ValueError, match='picture_size'):
        read_boxes(tmp_path)
    with pytest.raises(ValueError, match='no fractions'):
        read('0 300 200 100 50')
    with pytest.raises(ValueError, match='outlines of segmentation'):
        read('0 .1 .1 .2 .2 .3 .3 .4 .4')
    (labels / 'cam_two.txt').write_text(box)
    with pytest.raises(ValueError, match='must end with the frame'):
        read(box)


CVAT = """<?xml version="1.0" encoding="utf-8"?>
<annotations><version>1.1</version>
<meta><task><original_size><width>64</width><height>48</height></original_size></task></meta>
<track id="4" label="person" source="manual">
<box frame="0" outside="0" occluded="0" xtl="1.5" ytl="2" xbr="9" ybr="20">
<attribute name="bag">yes</attribute></box>
<box frame="1" outside="0" keyframe="0" occluded="1" xtl="2" ytl="2" xbr="9" ybr="20"/>
<box frame="2" outside="1" occluded="0" xtl="2" ytl="2" xbr="9" ybr="20"/>
</track></annotations>"""


def test_cvat_for_videos(tmp_path):
    with zipfile.ZipFile(tmp_path / 'task.zip', 'w') as archive:
        archive.writestr('annotations.xml', CVAT)
    table = read_boxes(tmp_path / 'task.zip')
    assert table.frame.tolist() == [0, 1]
    assert table.track.tolist() == [4, 4]
    assert (table.first_frame, table.picture_size) == (0, (64, 48))
    assert table.extra['occluded'].tolist() == [0, 1]
    assert table.extra['attribute bag'].tolist() == ['yes', '']
    write_boxes(tmp_path / 'b.xml', table)
    again = read_boxes(tmp_path / 'b.xml')
    np.testing.assert_array_equal(again.box, table.box)
    assert again.extra['keyframe'].tolist() == [1, 0]


def test_cvat_for_images(tmp_path):
    (tmp_path / 'a.xml').write_text(
        '<annotations><image id="3" name="in/b7.jpg" width="64" height="48">'
        '<box label="person" xtl="1" ytl="2" xbr="3" ybr="4" occluded="0" z_order="0">'
        '<attribute name="track_id">12</attribute></box></image></annotations>'
    )
    table = read_boxes(tmp_path / 'a.xml')
    assert (table.frame[0], table.track[0], table.label[0]) == (3, 12, 'person')
    assert table.extra['name'].tolist() == ['in/b7.jpg']


def test_a_table_says_what_does_not_fit():
    table = make_table()
    assert len(table.select(table.frame > 2)) == (table.frame > 2).sum()
    with pytest.raises(ValueError, match='track must have one value'):
        BoxTable(frame=[1, 2], track=[1], box=np.ones((2, 4)), score=[1, 1])
    with pytest.raises(ValueError, match='box of row 1 is not finite'):
        BoxTable([1, 2], [1, 1], [[0, 0, 1, 1], [0, 0, 1, np.inf]], [1, 1])


def test_a_million_lines_take_as_many_steps_as_a_thousand(tmp_path):
    """Python does nothing for a line: that would take a minute instead of seconds."""

    def count_calls(lines):
        rows = np.random.default_rng(0).random((lines, 10)) * 100
        rows[:, :2] = np.floor(rows[:, :2])
        np.savetxt(tmp_path / 'a.txt', rows, fmt='%.6g', delimiter=',')
        calls = []
        sys.setprofile(lambda frame, event, value: calls.append(event))
        try:
            table = read_boxes(tmp_path / 'a.txt')
        finally:
            sys.setprofile(None)
        assert len(table) == lines
        return len(calls)

    count_calls(10)  # what is imported at the first time
    assert count_calls(20_000) < count_calls(1000) + 100
