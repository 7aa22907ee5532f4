"""From folders, tables and lists to rows: nothing here opens a picture.

A row (``rows.py``) is what one line, or one file name, says of a picture. The way in is
``part_reader.py``, the half of :class:`mmreid.datasets.ReIDDataset` that chooses what
tells labels and reads a part from it: a folder (``folders.py``; patterns of names in
``file_names.py``), a table (``tables.py``; ``unread_columns.py``) or a list
(``label_lists.py``). ``folder_lists.py`` compares a list with its folder. How a label
may be spelled is said in ``labels.py`` alone. What becomes of rows is the matter of
:mod:`mmreid.datasets.records`.
"""
