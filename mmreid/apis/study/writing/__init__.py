"""What a study tells: tables on the screen, a page with plots, quotes of it.

``table.py`` has the cells that all show, ``page.py`` puts the page together, of what
was run (``course.py``), the comparisons, the order of methods (``order.py``) and
``plots.py``; ``quotes.py`` repeats a paper's comparisons in the README of its configs.
"""
