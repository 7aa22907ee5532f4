"""Rank lists: the right frames at the right places."""

import cv2
import numpy as np
import pytest

from mmreid.evaluation.functional import (
    Features,
    RankingRules,
    RankLists,
    evaluate_ranking,
)
from mmreid.visualization import (
    RankedPicture,
    SheetLayout,
    choose_queries,
    draw_sheet,
    rank_sheet,
    write_rank_sheet,
)
from mmreid.visualization.rank_list import QUERY, RIGHT, WRONG

SMALL = SheetLayout(height=32, width=20, frame=3, gap=4, caption=12, title=20)


def frame_colours(sheet, layout, row, column):
    """Every different colour of the frame at a place."""
    y, x = layout.corner(row, column)
    height, width = layout.height + 2 * layout.frame, layout.width + 2 * layout.frame
    box = sheet[y : y + height, x : x + width].copy()
    inner = box[layout.frame : -layout.frame, layout.frame : -layout.frame]
    outside = np.ones(box.shape[:2], bool)
    outside[layout.frame : -layout.frame, layout.frame : -layout.frame] = False
    return {tuple(c) for c in box[outside].tolist()}, inner


def picture(colour, correct, size=(64, 32)):
    return RankedPicture(np.full((*size, 3), colour, np.uint8), 'c1  0.5', correct)


@pytest.mark.parametrize('layout', [None, SMALL])
def test_frames_and_pictures_are_where_they_belong(layout):
    rows = [
        [picture(10, None), picture(20, True), picture(30, False), picture(40, True)],
        [picture(50, None, (7, 90)), picture(60, False, (300, 200))],
    ]
    sheet = draw_sheet(rows, 'title', layout)
    layout = layout or SheetLayout()
    assert sheet.shape == (*layout.size(2, 4), 3)
    colours = {None: QUERY, True: RIGHT, False: WRONG}
    for i, row in enumerate(rows):
        for j, item in enumerate(row):
            frame, inner = frame_colours(sheet, layout, i, j)
            assert frame == {colours[item.correct]}
            assert inner.shape == (layout.height, layout.width, 3)
            assert np.unique(inner).tolist() == [item.image[0, 0, 0]]
    empty, _ = frame_colours(sheet, layout, 1, 3)
    assert empty == {(255, 255, 255)}


def test_colours_are_told_apart():
    # Green, red and neither, in BGR.
    assert RIGHT[1] > 1.5 * max(RIGHT[0], RIGHT[2])
    assert WRONG[2] > 1.5 * max(WRONG[:2])
    assert max(QUERY) < 1.5 * sorted(QUERY)[1]


def test_a_caption_that_fits_when_smaller_is_not_cut(monkeypatch):
    drawn = []
    monkeypatch.setattr(cv2, 'putText', lambda _, text, *args: drawn.append(text))
    layout = SheetLayout()
    for length in range(1, 40):
        item = RankedPicture(np.zeros((64, 32, 3), np.uint8), '8' * length, None)
        draw_sheet([[item]], '', layout)
    cut = [len(text) for text in drawn if text]
    # All are whole up to some length, and cut to it from there on.
    assert cut[:12] == list(range(1, 13))
    assert cut == [min(length, cut[-1]) for length in range(1, 40)]


def test_caption_and_title_stay_in_their_lines():
    wide = RankedPicture(np.zeros((64, 32, 3), np.uint8), 'c1 0.123 and more' * 9, True)
    sheet = draw_sheet([[picture(0, None), wide]], 'title ' * 99, SMALL)
    blank = draw_sheet([[picture(0, None), picture(0, True)]], '', SMALL)
    y, x = SMALL.corner(0, 1)
    below = y + SMALL.height + 2 * SMALL.frame
    changed = np.argwhere((sheet != blank).any(axis=2))
    in_title = changed[changed[:, 0] < SMALL.title]
    in_caption = changed[changed[:, 0] >= SMALL.title]
    assert len(in_title)
    assert len(in_caption)
    assert in_caption[:, 0].min() >= below
    assert in_caption[:, 1].min() >= x - 1
    assert in_caption[:, 1].max() <= x + SMALL.width + 2 * SMALL.frame + 1


@pytest.mark.parametrize(
    ('rows', 'message'),
    [
        ([], 'at least one row'),
        ([[picture(0, None)], []], r'\[1, 0\] pictures'),
        ([[RankedPicture(np.zeros((4, 4), np.uint8), '')]], 'uint8 BGR'),
        ([[RankedPicture(np.zeros((4, 4, 3)), '')]], 'float64'),
    ],
)
def test_unfit_pictures_are_refused(rows, message):
    with pytest.raises(ValueError, match=message):
        draw_sheet(rows)


@pytest.fixture
def features(tmp_path):
    """Features of 6 queries and 30 gallery images, with plain pictures."""
    rng = np.random.default_rng(0)
    persons = np.concatenate((np.arange(1, 7), rng.integers(-1, 7, 30)))
    cameras = rng.integers(1, 4, 36)
    names = []
    for i in range(36):
        name = str(tmp_path / f'{i:02d}.png')
        cv2.imwrite(name, np.full((64, 32, 3), 7 * i, np.uint8))
        names.append(name)
    return Features(
        embedding=rng.standard_normal((36, 5)).astype(np.float32),
        person_id=persons,
        cam_id=cameras,
        is_query=np.arange(36) < 6,
        img_path=np.array(names),
        meta=dict(dataset='Toy', split='test'),
        clothes_id=rng.integers(0, 2, 36),
    )


def write(features, out, rules=None, topk=10, **options):
    lists = RankLists(features, rules or RankingRules(), topk)
    return write_rank_sheet(lists, out, **{'layout': SMALL, **options})


@pytest.mark.parametrize('choose', ['first', 'spread'])
@pytest.mark.parametrize(
    'options',
    [
        dict(),
        dict(distance='euclidean', protocol='cloth-changing'),
        dict(rerank=dict(k1=4, k2=2)),
        dict(protocol='single-shot'),
        dict(multi_query='mean'),
    ],
    ids=str,
)
def test_sheet_shows_the_ranking(features, tmp_path, options, choose):
    out, rules = tmp_path / 'new' / 'ranks.png', RankingRules(**options)
    lists = RankLists(features, rules, topk=7)
    chosen = choose_queries(lists.evaluation.result, 3, choose)
    assert len(chosen) == 3
    expected = lists.take(chosen)
    how = dict(num_queries=3, choose=choose, title='one line')
    assert write(features, out, rules, 7, **how) == out
    sheet = cv2.imread(str(out))
    for row, query in enumerate(lists.pictures(chosen)):
        frame, inner = frame_colours(sheet, SMALL, row, 0)
        assert (frame, inner[5, 5, 0]) == ({QUERY}, 7 * query)
        for column in range(7):
            frame, inner = frame_colours(sheet, SMALL, row, 1 + column)
            answer = expected.indices[row, column]
            if answer < 0:
                assert frame == {(255, 255, 255)}
                continue
            correct = expected.correct[row, column]
            assert frame == {RIGHT if correct else WRONG}
            assert inner[5, 5, 0] == 7 * (6 + answer)
    again = write(features, tmp_path / 'b.png', rules, 7, **how)
    assert again.read_bytes() == out.read_bytes()


@pytest.mark.parametrize(
    ('options', 'words'),
    [
        (dict(), []),
        (dict(rerank=dict(k1=4)), ['k-reciprocal re-ranking (k1 4, k2 6, lambda']),
        (dict(protocol='same-clothes'), ['same-clothes protocol']),
        (
            dict(protocol='single-shot', impostors='both'),
            ['expected over galleries', 'all pictures that may be drawn', 'both'],
        ),
        (dict(multi_query='max'), ['max of all pictures', 'the first of them']),
    ],
    ids=str,
)
def test_the_title_says_what_is_shown(features, tmp_path, monkeypatch, options, words):
    titles = []
    draw = rank_sheet.draw_sheet
    monkeypatch.setattr(
        rank_sheet,
        'draw_sheet',
        lambda rows, title, layout: titles.append(title) or draw(rows, title, layout),
    )
    rules = RankingRules(**options)
    result = rules.evaluate(features).result
    write(features, tmp_path / 'r.png', rules, num_queries=1)
    first, *others = titles[0].split('\n')
    assert f'Toy test   mAP {100 * result.mAP:.1f}   R1 ' in first
    assert len(others) == bool(words)
    assert all(word in ' '.join(others) for word in words)


def test_every_line_of_a_title_moves_the_rows_down():
    rows = [[picture(0, None), picture(30, True)]]
    first, second = (draw_sheet(rows, title, SMALL) for title in ('a', 'a\nb'))
    line = second.shape[0] - first.shape[0]
    assert line == SMALL.title - 2 * SMALL.gap
    assert np.array_equal(second[SMALL.title + line :], first[SMALL.title :])
    assert (second[SMALL.title : SMALL.title + line] != 255).any()


def test_jpeg_is_written(features, tmp_path):
    out = write(features, tmp_path / 'ranks.jpg', layout=None)
    num_rows = evaluate_ranking(*features.ranking_inputs()).num_query_evaluated
    assert out.read_bytes()[:2] == b'\xff\xd8'
    assert cv2.imread(str(out)).shape[:2] == SheetLayout().size(num_rows, 11)


def ranking(scores):
    """A result with these average precisions; None for a query left out."""
    query = np.zeros((len(scores), 1))
    persons = np.array([1 if score else 2 for score in scores])
    result = evaluate_ranking(
        query,
        np.ones((2, 1)),
        persons,
        [1, 3],
        persons * 0,
        [1, 1],
        distance='euclidean',
    )
    values = [score or np.nan for score in scores]
    object.__setattr__(result, 'average_precision', np.array(values))
    return result


def test_spread_goes_from_best_to_worst_in_equal_steps():
    result = ranking([0.5, 0.9, None, 0.1, 0.7, 0.3])
    assert choose_queries(result, 3, 'spread').tolist() == [1, 0, 3]
    assert choose_queries(result, 99, 'spread').tolist() == [1, 4, 0, 5, 3]
    assert choose_queries(result, 1, 'spread').tolist() == [1]
    assert choose_queries(result, 3, 'first').tolist() == [0, 1, 3]


def test_equal_scores_are_taken_in_their_order():
    assert choose_queries(ranking([0.5] * 4), 4, 'spread').tolist() == [0, 1, 2, 3]


def test_without_any_match_the_first_queries_are_drawn(features, tmp_path):
    features.cam_id[:] = 1
    out = write(features, tmp_path / 'r.png', num_queries=2)
    frames = [frame_colours(cv2.imread(str(out)), SMALL, 0, j)[0] for j in range(11)]
    assert frames == [{QUERY}] + 10 * [{WRONG}]


def test_relative_paths_start_from_the_root(features, tmp_path):
    expected = write(features, tmp_path / 'a.png').read_bytes()
    for i, path in enumerate(features.img_path):
        features.img_path[i] = path.rsplit('/', 1)[1]
    out = write(features, tmp_path / 'b.png', image_root=tmp_path)
    assert out.read_bytes() == expected


def test_missing_pictures_are_named(features, tmp_path):
    (tmp_path / '00.png').write_bytes(b'no picture')
    with pytest.raises(FileNotFoundError, match=r'00\.png.*set image_root'):
        write(features, tmp_path / 'r.jpg')


@pytest.mark.parametrize(
    ('options', 'message'),
    [
        (dict(out='ranks.gif'), r'\.jpg or \.png'),
        (dict(choose='best'), "choose must be one of .*'best'"),
        (dict(num_queries=0), 'num_queries must be at least 1'),
    ],
)
def test_bad_options_are_named(features, options, message):
    with pytest.raises(ValueError, match=message):
        write(features, **{'out': 'r.jpg', **options})
