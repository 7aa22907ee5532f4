"""From folders, tables and lists to records: nothing here opens a picture.

A folder (``folders.py``, ``file_names.py``), a table (``table_files.py``) or a list
(``label_lists.py``) becomes rows (``rows.py``), what labels say (``labels.py``) becomes
numbers (``numbering.py``). :class:`mmreid.datasets.ReIDDataset` is the way in.
"""
