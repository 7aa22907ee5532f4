"""Pictures of what a model answers and of what it looks at.

One file a kind of picture, which asks the model and draws: its ``draw_...`` is the way
in. ``pictures.py`` finds the pictures to look at, ``sheets.py`` lays drawings out. What
is drawn with numbers alone is in ``mmreid.visualization``.
"""
