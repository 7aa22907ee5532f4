"""The truth of a gallery: one SQLite file.

``connection.py`` opens it and turns SQLite's errors into sentences, ``schema.py`` says
what is in it, ``conditions.py`` turns filters into SQL. The way in is ``Store``
(``store.py``): transactions, entries, vectors, and the log of changes, whose ranges of
ids ``changes.py`` writes and reads, by which scanning processes follow each other.
"""

from mmreid.search.store.store import Changes, Store

__all__ = ['Changes', 'Store']
