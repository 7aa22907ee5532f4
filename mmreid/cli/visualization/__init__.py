"""Commands that draw what a network looks at.

A file for each command, of the same name in ``tools/visualization``; the work is done
in ``mmreid.apis.draw``. ``drawing.py`` has what they share.
"""
