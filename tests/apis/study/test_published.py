"""What a study reads of docs/evidence/published.json, and of smaller files."""

import json
from pathlib import Path

from study_records import write_claims

from mmreid.apis.study.published import printed_scores, read_claims

PUBLISHED = Path(__file__).parents[3] / 'docs' / 'evidence' / 'published.json'


def test_claims_say_where_the_pair_is_another(tmp_path):
    rows = [('A', 'B', 60, 50.5, 1, 2, True), ('A', 'B', None, None, 3, 4, False)]
    claims = read_claims(write_claims(tmp_path / 'printed.json', rows))
    first, second = claims['A', 'B']
    assert (first.difference, first.score, first.note) == (9.5, 'mAP', '')
    assert (second.difference, second.score, second.note) == (-1, 'R1', 'Not quite.')
    assert first.dataset == 'Market-1501 single query'


def test_claims_that_the_tree_has():
    content = json.loads(PUBLISHED.read_text('utf-8'))
    claims = read_claims(PUBLISHED)
    assert sum(map(len, claims.values())) == len(content['claims'])
    for entry in content['claims']:
        [claim] = [
            claim
            for claim in claims[entry['method'], entry['against']]
            if claim.dataset == f'{entry["dataset"]} {entry["protocol"]}'
        ]
        assert bool(claim.note) != entry['exact']
        assert claim.method == entry[f'{claim.score}_method']


def make_record():
    def row(dataset, protocol, value, study=True, trunk='ResNet-50'):
        scores = dict(mAP=value, R1=value + 10)
        return dict(
            scores, dataset=dataset, protocol=protocol, study=study, trunk=trunk
        )

    first = [
        row('Market-1501', 'single query', 50.0),
        row('Market-1501', 'single query', 60.0, study=False),
        row('CUHK03', 'new, labeled', 45.0),
        row('CUHK03', 'new, detected', 42.0),
        dict(row('MSMT17', 'single query', 0.0, study=False), mAP=None, R1=None),
    ]
    second = [row('Market-1501', 'single query', 70.0, trunk='ViT-B/16')]
    return dict(methods=dict(First=dict(results=first), Second=dict(results=second)))


def test_printed_scores_are_those_for_the_study():
    record = make_record()
    market = dict(First=50.0, Second=70.0)
    found = printed_scores(record)
    assert found == {'Market-1501': market, 'CUHK03': dict(First=42.0)}
    alike = printed_scores(record, trunk='ResNet-50')
    assert alike['Market-1501'] == dict(First=50.0)
