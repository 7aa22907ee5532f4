"""The documentation's table has all models whose weights are published."""

from pathlib import Path

from mmreid.apis.model_names import format_models, list_models

ROOT = Path(__file__).parents[1]


def test_the_table_is_that_of_the_metafiles():
    page = (ROOT / 'docs' / 'reference' / 'models.md').read_text('utf-8')
    known = [model for model in list_models().values() if model.has_weights]
    told = page[page.index('| name |') :].rstrip()
    # Make it anew: python tools/list_models.py --markdown
    assert told == format_models(known, markdown=True)


def test_a_row(monkeypatch):
    models = list_models()
    plain = format_models([models['bot_r50_market+duke']])
    assert 'Market-1501 + DukeMTMC-reID' in plain
