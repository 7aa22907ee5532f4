import pytest
from study_records import draw_results

from mmreid.apis.study.run_record import SCORES, read_results


def test_queries_are_known_by_what_differs_of_their_paths():
    elsewhere = draw_results(0)
    table = elsewhere['reid/per_query']
    table['path'] = [path.replace('/data/', '/mnt/a/') for path in table['path']][::-1]
    moved, _, _ = read_results(elsewhere)
    here, stamp, metrics = read_results(draw_results(0))
    assert moved.path.tolist() == here.path.tolist() == sorted(here.path.tolist())
    assert moved.person_id.tolist() == here.person_id.tolist()[::-1]
    assert stamp['dataset'] == 'Toy'
    assert metrics.keys() == set(SCORES)


def test_queries_without_a_right_answer_are_left_out():
    results = draw_results(0)
    table = results['reid/per_query']
    for name in table.keys() - {'path', 'person_id', 'cam_id'}:
        table[name][2] = None
    kept, _, _ = read_results(results)
    assert len(kept) == 23
    assert '002.jpg' not in kept.path.tolist()


@pytest.mark.parametrize('names', [[], ['a/reid/per_query', 'b/reid/per_query']])
def test_results_without_one_table_of_queries(names):
    results = draw_results(0)
    table = results.pop('reid/per_query')
    with pytest.raises(ValueError, match='a study needs a test on one data set'):
        read_results(results | dict.fromkeys(names, table))
