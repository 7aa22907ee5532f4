"""What pages show: models, features and files become the plain values of a page.

Each kind of page has a room or a file here, which fills the ``facts.py`` of the room of
the same name in ``mmreid.report`` and hands it over: ``data_set/``, ``results/``,
``training.py``, and ``browsing.py`` for a gallery. ``compared.py`` has what results and
repeated trainings both tell of a comparison.
"""
