"""Who walks past which camera, and when: the plan of a scene."""

import datetime
import math
from dataclasses import dataclass

from mmreid.datasets.synthetic.persons.family import draw_family, family_sizes
from mmreid.datasets.synthetic.persons.identity import Identity
from mmreid.datasets.synthetic.places.camera import CAMERAS, Exposure, draw_exposure
from mmreid.datasets.synthetic.places.scene import make_scene
from mmreid.datasets.synthetic.seeding import Stream, generator
from mmreid.datasets.synthetic.video.walk import Walk, draw_walk

#: When the scene begins.
BEGINNING = datetime.datetime(2026, 1, 5, 8, 0, tzinfo=datetime.UTC)
# A way from one camera to the next, and one back to the same, in seconds.
_TRAVEL = (2.0, 6.0)
_RETURN = 0.15
# Cameras are not switched on at the same moment.
_SWITCHED_ON = 1.5
# No way through a view takes longer.
_LONGEST = 40.0


@dataclass(frozen=True)
class SceneSize:
    """How large a scene is.

    Args:
        persons (int): Number of persons.
        cameras (int): Number of cameras, 1 to 6.
        seconds (float): What each camera records.
        fps (float): Frames a second.
        width (int): Width of the frames in pixels, even; the height is 9 / 16 of it.

    Raises:
        ValueError: A number is out of its range.
    """

    persons: int = 12
    cameras: int = 3
    seconds: float = 20.0
    fps: float = 10.0
    width: int = 640

    def __post_init__(self) -> None:
        if self.persons < 1:
            raise ValueError(f'persons must be at least 1, got {self.persons}.')
        if not 1 <= self.cameras <= len(CAMERAS):
            raise ValueError(
                f'cameras must be 1 to {len(CAMERAS)}, which SynthReID has, got '
                f'{self.cameras}.'
            )
        for name in ('seconds', 'fps'):
            value = getattr(self, name)
            if not (math.isfinite(value) and value > 0):
                raise ValueError(f'{name} must be a number above 0, got {value}.')
        if self.frames < 1:
            raise ValueError(
                f'seconds must be enough for a frame, got {self.seconds} at '
                f'{self.fps} frames a second.'
            )
        if self.width % 32 or not 320 <= self.width <= 1920:
            raise ValueError(
                'width must be a multiple of 32 from 320 to 1920, got '
                f'{self.width}; 640 and 960 are usual.'
            )

    @property
    def height(self) -> int:
        """Height of the frames in pixels."""
        return self.width * 9 // 16

    @property
    def frames(self) -> int:
        """Number of frames of each camera."""
        return round(self.seconds * self.fps)


@dataclass(frozen=True)
class Visit:
    """A person's passage before a camera.

    Args:
        person (int): Who.
        camera (int): Number of the camera, from 1.
        start (float): When it begins, in seconds of the scene.
        walk (Walk): The way.
        phone (bool): Whether the person looks at a telephone.
    """

    person: int
    camera: int
    start: float
    walk: Walk
    phone: bool

    @property
    def end(self) -> float:
        """When it ends, in seconds of the scene."""
        return self.start + self.walk.duration


@dataclass(frozen=True)
class Itinerary:
    """The plan of a scene.

    Args:
        seed (int): Of all that is drawn.
        size (SceneSize): How large it is.
        people (dict): Identities by person number, from 1.
        visits (tuple): All passages, in the order of their beginning.
        starts (tuple): When each camera begins to record, in seconds of the scene.
        exposures (tuple): How each camera is exposed.
    """

    seed: int
    size: SceneSize
    people: dict[int, Identity]
    visits: tuple[Visit, ...]
    starts: tuple[float, ...]
    exposures: tuple[Exposure, ...]

    def time_of(self, camera: int, frame: int) -> float:
        """Return when a frame is taken, in seconds of the scene.

        Args:
            camera (int): Number of the camera, from 1.
            frame (int): Number of the frame, from 1.
        """
        return self.starts[camera - 1] + (frame - 1) / self.size.fps


def plan_scene(seed: int, size: SceneSize) -> Itinerary:
    """Decide who walks where and when; the same for the same arguments.

    Args:
        seed (int): Seed, not negative.
        size (SceneSize): How large the scene is.

    Raises:
        ValueError: A negative seed.
    """
    if seed < 0:
        raise ValueError(f'seed must not be negative, got {seed}; use 0 or more.')
    rng = generator(seed, Stream.VIDEO, 0)
    people: dict[int, Identity] = {}
    for family, count in enumerate(family_sizes(rng, size.persons)):
        members = draw_family(seed, family, count, len(people) + 1)
        people |= {member.person_id: member for member in members}
    starts = rng.uniform(0, _SWITCHED_ON, size.cameras).round(2)
    visits = [visit for person in people for visit in _visits(seed, person, size)]
    visits.sort(key=lambda visit: (visit.start, visit.person))
    exposures = tuple(draw_exposure(rng) for _ in range(size.cameras))
    return Itinerary(
        seed, size, people, tuple(visits), tuple(starts.tolist()), exposures
    )


def _visits(seed: int, person: int, size: SceneSize) -> list[Visit]:
    """Lead a person from camera to camera until the recording ends."""
    rng = generator(seed, Stream.VIDEO, 1, person)
    now = float(rng.uniform(0, 0.4 * size.seconds))
    camera = int(rng.integers(size.cameras)) + 1
    phone = bool(rng.random() < 0.08)
    visits: list[Visit] = []
    while now < size.seconds + _SWITCHED_ON:
        horizon = make_scene(seed, camera).horizon
        walk = draw_walk(rng, horizon, CAMERAS[camera - 1].elevation)
        if walk.duration < _LONGEST:
            visits.append(Visit(person, camera, now, walk, phone))
            now += walk.duration
        now += float(rng.uniform(*_TRAVEL))
        others = [n for n in range(1, size.cameras + 1) if n != camera]
        if others and rng.random() >= _RETURN:
            camera = int(rng.choice(others))
    return visits
