"""What ``scene.json`` tells of a scene."""

import datetime
from dataclasses import asdict
from typing import Any

from mmreid.datasets.synthetic.places.camera import CAMERAS
from mmreid.datasets.synthetic.video.camera_files import camera_name
from mmreid.datasets.synthetic.video.itinerary import BEGINNING, Itinerary

#: Raised whenever a frame changes.
VERSION = '1.0'
NAME = 'SynthReID scene'


def describe_scene(plan: Itinerary, frames: bool) -> dict[str, Any]:
    """Collect what is known of a scene.

    Args:
        plan (Itinerary): The scene.
        frames (bool): Whether its frames are written as pictures too.

    Returns:
        dict[str, Any]: Plain Python.
    """
    cameras = [
        {
            'name': camera_name(number),
            'place': CAMERAS[number - 1].scene,
            'start': start,
            'start_time': _clock(start),
            'fps': plan.size.fps,
            'frames': plan.size.frames,
        }
        for number, start in enumerate(plan.starts, start=1)
    ]
    persons: list[dict[str, Any]] = [
        {'person': person, 'family': identity.family, 'visits': []}
        for person, identity in plan.people.items()
    ]
    for visit in plan.visits:
        persons[visit.person - 1]['visits'].append(
            {
                'camera': camera_name(visit.camera),
                'start': round(visit.start, 3),
                'end': round(visit.end, 3),
            }
        )
    return {
        'name': NAME,
        'version': VERSION,
        'seed': plan.seed,
        'parameters': asdict(plan.size),
        'pictures': frames,
        'fps': plan.size.fps,
        'size': [plan.size.width, plan.size.height],
        'cameras': cameras,
        'persons': persons,
    }


def _clock(seconds: float) -> str:
    """Tell the time of the scene's clock."""
    moment = BEGINNING + datetime.timedelta(seconds=seconds)
    return moment.isoformat(timespec='milliseconds')
