"""Who is for training and who for testing, where no folder or table says so.

``division.py`` divides persons or pictures, as published or by lot; a new form of
published files is read in ``division_files.py``. The way in is
:class:`mmreid.datasets.RandomSplitDataset`. What is drawn depends on the index and the
labels alone: published results depend on it, do not change it.
"""
