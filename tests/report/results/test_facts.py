from dataclasses import replace

import numpy as np
import pytest
from reported_test import MSMT17, make_reported_test

from mmreid.report.results.facts import ReportedImages, Verdict


def test_the_made_up_facts_fit_together(tmp_path):
    test = make_reported_test(tmp_path)
    for model in test.models:
        assert model.answers.indices.shape == (12, 10)
        right = model.answers.verdicts == Verdict.RIGHT
        persons = test.gallery.person_id[model.answers.indices]
        assert (persons == test.queries.person_id[:, None])[right].all()
    assert np.isnan(test.models[0].first_rank[-1])


@pytest.mark.slow
def test_they_are_made_as_large_as_msmt17():
    test = make_reported_test(**MSMT17)
    assert (len(test.queries), len(test.gallery)) == (11_659, 82_161)


def test_models_of_other_queries_or_of_one_name_are_refused():
    test = make_reported_test()
    other = make_reported_test(num_query=5)
    with pytest.raises(ValueError, match='align the queries'):
        replace(test, models=other.models)
    with pytest.raises(ValueError, match='name them apart'):
        replace(test, models=test.models[:1] * 2)
    with pytest.raises(ValueError, match='a path'):
        ReportedImages(np.array(['a']), np.array([1, 2]), np.array([1, 2]))
