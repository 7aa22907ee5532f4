import numpy as np

from mmreid.search import copy_gallery, create_gallery, open_gallery

KEY = 'b' * 64


def test_all_is_there_when_milvus_lite_starts_anew(tmp_path):
    address = f'milvus:{tmp_path}/m.db'
    vectors = np.random.default_rng(5).normal(size=(20, 8)).astype('f4')
    with create_gallery(address, 8, model_key=KEY, model_name='some model') as made:
        ids = made.add(vectors, model_key=KEY, persons=[*range(20)])
    # The last one that closes ends the server: nothing is loaded any more.
    with (
        open_gallery(address, read_only=True) as again,
        create_gallery(tmp_path / 'file', 8, model_key=KEY) as file,
    ):
        assert len(again) == 20
        assert again.model_name == 'some model'
        assert again.operating_point is None
        np.testing.assert_array_equal(again.vectors(ids), vectors)
        copied, _ = copy_gallery(again, file)
        assert copied.tolist() == ids.tolist()
        here = again.search(vectors[:3], 5, model_key=KEY)
        there = file.search(vectors[:3], 5, model_key=KEY)
        np.testing.assert_array_equal(here.distances, there.distances)
        assert [e.person for e in here.entries[0]] == [
            e.person for e in there.entries[0]
        ]
