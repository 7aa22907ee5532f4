from mmreid.datasets.synthetic.video.detections import Detection
from mmreid.datasets.synthetic.video.tracker import track_boxes


def walker(left, top=100.0, score=0.9):
    return Detection((left, top, left + 40, top + 100), score)


def test_two_who_walk_apart_keep_their_numbers():
    frames = [[walker(10.0 + 4 * n), walker(400.0 - 4 * n)] for n in range(20)]
    assert track_boxes(frames) == [[1, 2]] * 20


def test_a_short_gap_is_bridged_and_a_long_one_breaks_the_track():
    frames = [[walker(10.0 + 4 * n)] for n in range(40)]
    for n in (8, 9, 10):
        frames[n] = []
    for n in range(20, 30):
        frames[n] = []
    numbers = [n for given in track_boxes(frames) for n in given]
    assert numbers == [1] * 17 + [2] * 10


def test_mistakes_and_doubtful_boxes_make_no_track():
    frames = [[walker(10.0 + 4 * n)] for n in range(10)]
    frames[3].append(walker(300.0))
    frames[5].append(walker(500.0, score=0.3))
    assert [given[0] for given in track_boxes(frames)] == [1] * 10
    assert [n for given in track_boxes(frames) for n in given[1:]] == [0, 0]
    assert track_boxes([]) == []
    assert track_boxes([[], []]) == [[], []]
