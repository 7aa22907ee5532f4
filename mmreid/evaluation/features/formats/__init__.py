"""Arrays in files of every format, by their names, and nothing run.

One file a format; ``by_ending.py`` has the list and the ways in, ``read_arrays`` and
``WRITERS``. A reader gives NumPy arrays under the names that the file has and bounds
what it allocates by the file's size (``damage.py``). It knows nothing of persons,
cameras or rankings.
"""
