"""Checkpoints made ready for others: weights alone, with what they were trained on.

``publishing.py`` is the way in and decides what is written; ``published_meta.py``
collects what the file tells of itself, and is the place for a further entry;
``published.py`` says in a few lines what is in it. ``small_files.py`` halves the bytes,
and has the ranking say whether that does harm.
"""
