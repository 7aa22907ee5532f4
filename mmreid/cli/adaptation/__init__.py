"""``mmreid adapt``: its command line in ``adapt.py``, what it prints in ``answer.py``.

The work is done in ``mmreid.apis.adaptation``.
"""
