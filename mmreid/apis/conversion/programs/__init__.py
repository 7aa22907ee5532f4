"""One file for each program whose weights are renamed, with the layouts that it has.

Rooms: ``fast_reid/`` with its families of networks, ``transformers/``.

Each has functions from a state dict and :class:`~mmreid.apis.conversion.facts.Facts` to
a :class:`~mmreid.apis.conversion.entries.Conversion`, which ``convert.py`` lists. They
take entries by name and refuse a file of which something is missing or left.
"""
