from mmreid.evaluation.functional.counting import count_up


def test_counts_up_what_was_done_since_the_last_call():
    told = []
    advance = count_up(lambda *work: told.append(work), 9)
    for work in (4, 0, 5):
        advance(work)
    assert told == [(4, 9), (4, 9), (9, 9)]
    count_up(None, 9)(4)
