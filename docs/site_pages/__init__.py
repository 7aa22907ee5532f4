"""What the site has beyond written pages: read from the code at each build.

A page asks for it by a comment such as ``<!-- site: commands -->``, which a clone does
not show. ``markers.py`` finds these and knows who fills them in; ``links.py`` leads
links to files outside of ``docs/`` to copies in the site; ``formulas.py`` turns TeX
into MathML; ``built_links.py`` checks the HTML at the end. ``docs/mkdocs_hooks.py``
calls them for MkDocs.
"""
