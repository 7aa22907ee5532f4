"""The formats that tables of boxes are kept in, one file each.

Every file has ``read`` and ``write``; :mod:`mmreid.datasets.boxes.files` finds the
right one. ``lines`` reads what the formats of text share.
"""
