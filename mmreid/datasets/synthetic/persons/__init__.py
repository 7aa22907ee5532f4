"""Who is drawn: looks that no camera changes, and families of look-alikes.

``family.py`` draws the people of a data set, ``identity.py`` says what a person is,
``clothes.py`` and ``palette.py`` how clothes are cut and coloured. A new cue by which
look-alikes differ is a field of ``Identity`` and a way to draw it in ``figure/``.
"""
