"""A live gallery in the browser: pictures are dropped, answers are shown and marked.

``application.py`` is the way in: what the page asks for and what it gets, by starlette.
``desk.py`` holds the gallery and the function that makes vectors, in a thread of their
own; ``access.py`` decides who may ask; ``marks.py`` keeps what was marked, by the rules
of ``mark.py``; ``uploads.py`` makes pictures of what was sent, ``query.py`` is one that
is looked for, and ``facts.py`` tells the page. No model is known here.
"""

from mmreid.report.browse.access import Access
from mmreid.report.browse.application import make_application
from mmreid.report.browse.desk import Desk
from mmreid.report.browse.marks import Marks

__all__ = ['Access', 'Desk', 'Marks', 'make_application']
