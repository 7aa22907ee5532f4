"""A config's text is laid out once, and again when it has changed."""

import copy

from mmengine.config import Config

from mmreid.engine.config_files.formatted_config import FormattedConfig


def test_text_is_that_of_mmengine(tmp_path):
    path = tmp_path / 'config.py'
    path.write_text('import os\nmodel = dict(depth=18, parts=[1, dict(a=None)])\n')
    plain = Config.fromfile(path)
    own = FormattedConfig.of(plain)
    assert own.pretty_text == plain.pretty_text
    assert own.filename == plain.filename
    copied = copy.deepcopy(own)
    assert isinstance(copied, FormattedConfig)
    copied.model.depth = 50
    assert 'depth=50' in copied.pretty_text
    assert own.pretty_text == plain.pretty_text
    copied.dump(path)
    assert Config.fromfile(path).model.depth == 50


def test_text_is_laid_out_once(monkeypatch):
    cfg = FormattedConfig.of(Config(dict(unheard_of=1)))
    first = cfg.pretty_text
    monkeypatch.setattr(Config, 'pretty_text', property(lambda self: 1 / 0))
    assert copy.deepcopy(cfg).pretty_text == first
