"""What a model costs and how fast it trains.

``complexity.py`` counts parameters and multiply-adds, part by part, of a config or of
a network, by what ``operations.py`` finds of its modules. ``runtimes/`` measures how
fast vectors are computed, ``training_speed.py`` how fast a config trains, with
``speed_loop.py``, which takes turns with the plain torch loop of ``bare_loop.py``.
"""
