"""What a model costs and how fast it trains.

``complexity.py`` counts parameters and multiply-adds, part by part, of a config or of
a network. ``training_speed.py`` measures a config's training with ``speed_loop.py``,
which takes turns with the plain torch loop of ``bare_loop.py``.
"""
