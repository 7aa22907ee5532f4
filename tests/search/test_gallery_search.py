"""A gallery's answers are those of the evaluation, bit by bit."""

import numpy as np
import pytest

from mmreid.evaluation.functional import re_rank, top_ranks
from mmreid.search import Filter, Gallery
from mmreid.search.scan import exact

KEY = 'a' * 64


def draw(rng, count, dim=24, distinct=None):
    vectors = rng.normal(size=(distinct or count, dim)).astype(np.float32)
    return vectors[rng.integers(len(vectors), size=count)] if distinct else vectors


def expected(queries, vectors, k):
    labels = [np.arange(len(x)) + 1 for x in (queries, vectors)]
    cameras = [np.full(len(queries), 1), np.full(len(vectors), 2)]
    return top_ranks(queries, vectors, *labels, *cameras, topk=k)


@pytest.mark.parametrize('dtype', ['float32', 'float16'])
@pytest.mark.parametrize('seed', range(3))
def test_answers_equal_the_evaluation_with_many_duplicates(
    tmp_path, monkeypatch, dtype, seed
):
    # Several blocks, the last of them partly filled.
    monkeypatch.setattr(exact, '_BLOCK_ROWS', 97)
    rng = np.random.default_rng(seed)
    with Gallery.create(tmp_path / 'g', 24, model_key=KEY, dtype=dtype) as gallery:
        for _ in range(3):
            gallery.add(draw(rng, 200, distinct=9), model_key=KEY)
            gallery.add(draw(rng, 50), model_key=KEY)
        removed = rng.choice(np.arange(1, 751), 120, replace=False)
        gallery.search(draw(rng, 1), model_key=KEY)
        assert gallery.remove(removed) == 120
        some = np.setdiff1d(np.arange(1, 751), removed)[::7]
        gallery.replace(some, draw(rng, len(some), distinct=2), model_key=KEY)
        ids = np.array([entry.id for entry in gallery.entries()])
        vectors = gallery.vectors(ids)
        queries = np.concatenate([draw(rng, 20), 3 * vectors[:5]])
        answers = gallery.search(queries, 30, model_key=KEY)
        right = expected(queries, vectors, 30)
        np.testing.assert_array_equal(answers.ids, ids[right.indices])
        np.testing.assert_array_equal(answers.distances, right.distances)
        everyone = gallery.search(queries, 1000, model_key=KEY)
        assert (everyone.ids[:, 630:] == -1).all()
        assert np.isinf(everyone.distances[:, 630:]).all()


@pytest.mark.parametrize('queries', [3, 40])
def test_vectors_are_kept_and_ranked_as_they_were_given(tmp_path, queries):
    rng = np.random.default_rng(queries)
    lengths = np.exp(rng.normal(0, 3, (900, 1))).astype(np.float32)
    vectors = draw(rng, 900) * lengths
    # Equal directions, of which some lengths are rounded to others.
    vectors[300:330] = vectors[:30] * np.float32(3)
    vectors[330:360] = vectors[:30]
    vectors[7] *= np.float32(1e-25)
    asked = draw(rng, queries) * np.float32(1e20)
    with Gallery.create(tmp_path / 'g', 24, model_key=KEY) as gallery:
        ids = gallery.add(vectors, model_key=KEY)
        np.testing.assert_array_equal(gallery.vectors(ids), vectors)
        answers = gallery.search(asked, 900, model_key=KEY)
    right = expected(asked, vectors, 900)
    np.testing.assert_array_equal(answers.ids, ids[right.indices])
    np.testing.assert_array_equal(answers.distances, right.distances)


def test_values_that_the_gallery_cannot_hold_are_refused(tmp_path):
    vectors = np.ones((3, 4))
    vectors[1] = 1e300
    vectors[2] = 1e-300
    with Gallery.create(tmp_path / 'g', 4, model_key=KEY) as gallery:
        with pytest.raises(ValueError, match=r'range of float32, got row 1'):
            gallery.add(vectors, model_key=KEY)
        with pytest.raises(ValueError, match=r'range of float32, got row 0'):
            gallery.add(vectors[2:], model_key=KEY)
        assert len(gallery) == 0
    with Gallery.create(tmp_path / 'h', 4, model_key=KEY, dtype='float16') as half:
        half.add(vectors, model_key=KEY)
        assert (half.vectors([1, 2, 3]) == 0.5).all()


def test_filters_come_before_the_ranking(tmp_path):
    rng = np.random.default_rng(5)
    count = 300
    cameras = [[None, 1, 2, 3][i] for i in rng.integers(4, size=count)]
    times = [None if i % 9 == 0 else float(i) for i in range(count)]
    fields = [
        {'coat': str(i % 3), 'n': i % 5, 'bag': bool(i % 2)} for i in range(count)
    ]
    with Gallery.create(tmp_path / 'g', 24, model_key=KEY) as gallery:
        vectors = draw(rng, count)
        gallery.add(
            vectors,
            model_key=KEY,
            cameras=cameras,
            times=times,
            fields=fields,
            persons=np.arange(count) % 7,
        )
        for where in (
            Filter(cameras=[1, '2']),
            Filter(cameras='3'),
            Filter(not_cameras=[1]),
            Filter(time=(50, 200.5)),
            Filter(time=(None, 10)),
            Filter(persons=[3, 4], not_cameras=2),
            Filter(not_persons=['0']),
            Filter(fields={'coat': ['0', '1'], 'n': 2}),
            Filter(fields={'bag': True}),
            Filter(fields={'missing': 1}),
        ):
            passing = [e.id for e in gallery.entries() if where.passes(e)]
            assert [e.id for e in gallery.entries(where)] == passing
            answers = gallery.search(vectors[:4] + 1, 5, model_key=KEY, where=where)
            if not passing:
                assert (answers.ids == -1).all()
                continue
            kept = gallery.vectors(passing)
            right = expected(vectors[:4] + 1, kept, 5)
            np.testing.assert_array_equal(answers.ids, np.array(passing)[right.indices])


def test_re_ranking_of_all_is_that_of_the_evaluation(tmp_path):
    rng = np.random.default_rng(6)
    centres = rng.normal(size=(8, 24))
    vectors = (np.repeat(centres, 10, 0) + rng.normal(size=(80, 24)) / 2).astype('f4')
    with Gallery.create(tmp_path / 'g', 24, model_key=KEY) as gallery:
        ids = gallery.add(vectors, model_key=KEY)
        query = (centres[:1] + 0.3).astype('f4')
        rerank = dict(k1=6, k2=3, lambda_value=0.3, candidates=80)
        answers = gallery.search(query, 80, model_key=KEY, rerank=rerank)
        unit = query / np.linalg.norm(query)
        distances = re_rank(unit, gallery.vectors(ids), k1=6, k2=3)[0]
        order = np.lexsort((ids, distances))
        np.testing.assert_array_equal(answers.ids[0], ids[order])
        plain = gallery.search(query, 80, model_key=KEY)
        assert (plain.ids != answers.ids).any()


@pytest.mark.parametrize('kind', ['ivf', 'hnsw'])
@pytest.mark.parametrize('dtype', ['float32', 'float16'])
def test_approximate_indexes_follow_and_their_cache_may_be_lost(tmp_path, kind, dtype):
    rng = np.random.default_rng(7)
    path = tmp_path / 'g'
    vectors = draw(rng, 1000)
    with Gallery.create(path, 24, model_key=KEY, dtype=dtype) as gallery:
        ids = gallery.add(vectors, model_key=KEY)
        gallery.reindex(kind)
        assert gallery.measure_recall(vectors[:50] + 0.2, 5) > 0.5
        gallery.remove(ids[:100])
        gallery.replace(ids[100:150], vectors[:50], model_key=KEY)
        more = gallery.add(vectors[:10] * 2, model_key=KEY)

        def check(gallery):
            found = gallery.search(vectors[:10], 2, model_key=KEY).ids
            wanted = np.stack([ids[100:110], more], 1)
            assert (np.sort(found, 1) == wanted).mean() > 0.9
            assert not np.isin(
                gallery.search(vectors[:60], 20, model_key=KEY).ids, ids[:100]
            ).any()

        check(gallery)
    cache = tmp_path / 'g.index'
    for damage in (None, b'no index', cache.read_bytes()[:-9]):
        if damage is not None:
            cache.write_bytes(damage)
        with Gallery(path) as gallery:
            check(gallery)
    cache.unlink()
    with Gallery(path, read_only=True) as gallery:
        check(gallery)
    with pytest.raises(ValueError, match='probes must be a whole number from 1'):
        Gallery(path).reindex('ivf', probes=0)


def test_an_interrupted_search_leaves_nothing_half_followed(tmp_path, monkeypatch):
    rng = np.random.default_rng(8)
    vectors = draw(rng, 300)
    with Gallery.create(tmp_path / 'g', 24, model_key=KEY) as gallery:
        gallery.add(vectors[:200], model_key=KEY)
        gallery.search(vectors[:1], 3, model_key=KEY)
        gallery.add(vectors[200:], model_key=KEY)
        with monkeypatch.context() as patch:
            add = exact.ExactScan.add

            def interrupted(*given):
                add(*given)
                raise KeyboardInterrupt

            patch.setattr(exact.ExactScan, 'add', interrupted)
            with pytest.raises(KeyboardInterrupt):
                gallery.search(vectors[:1], 3, model_key=KEY)
        answers = gallery.search(vectors[250:260], 3, model_key=KEY)
        right = expected(vectors[250:260], vectors, 3)
        np.testing.assert_array_equal(answers.ids, 1 + right.indices)
