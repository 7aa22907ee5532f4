"""What ``mmreid gallery`` needs of pictures and files.

``sources.py`` has the vectors that go into a gallery or are looked for in it,
``labels.py`` what is known of them, ``drawing.py`` shows answers. Galleries themselves
are in ``mmreid.search``, which knows no networks and no pictures.
"""
