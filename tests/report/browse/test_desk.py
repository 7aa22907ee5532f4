"""A desk lets go of all that it has opened, also where it could not open the rest."""

import threading

import pytest

from mmreid.report.browse import Desk, Marks
from mmreid.search import Gallery


class WatchedGallery(Gallery):
    """A gallery that tells in which threads it was closed."""

    def __init__(self, *args, **options):
        self.closed_in = []
        super().__init__(*args, **options)

    def close(self):
        self.closed_in.append(threading.current_thread())
        super().close()


@pytest.fixture
def opened(people):
    """Open the gallery; the list has all that were."""
    galleries = []

    def open_gallery():
        galleries.append(WatchedGallery(people / 'people.db', read_only=True))
        return galleries[-1]

    return open_gallery, galleries


def refuse(gallery):
    raise ValueError('the model of another gallery')


def test_a_gallery_is_closed_where_its_model_does_not_fit(people, opened):
    open_gallery, galleries = opened
    with pytest.raises(ValueError, match='of another gallery'):
        Desk(open_gallery, refuse, Marks(people / 'people.marks.csv'))
    (thread,) = galleries[0].closed_in
    # Its own, to which the file belongs, and which is gone.
    assert thread is not threading.current_thread()
    assert not thread.is_alive()


def test_closing_closes_the_gallery_once(people, opened):
    open_gallery, galleries = opened
    desk = Desk(open_gallery, lambda gallery: None, Marks(people / 'people.marks.csv'))
    assert galleries[0].closed_in == []
    desk.close()
    (thread,) = galleries[0].closed_in
    assert not thread.is_alive()
