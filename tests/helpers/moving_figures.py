"""A little video: figures in colours that walk through two cameras."""

import cv2
import numpy as np

COLOURS = [(30, 30, 220), (220, 60, 30), (30, 200, 40), (40, 210, 230)]
SIZE = 160, 96
NUM_FRAMES = 20


def make_scene(folder):
    """Write two cameras with four persons, as ``mmreid scene`` lays it out."""
    for number in (1, 2):
        place = folder / f'cam{number}'
        (place / 'gt').mkdir(parents=True)
        truth, tracks = [], []
        writer = cv2.VideoWriter(
            str(folder / f'cam{number}.mp4'),
            cv2.VideoWriter_fourcc(*'mp4v'),
            10,
            SIZE,
        )
        for frame in range(NUM_FRAMES):
            picture = np.full((SIZE[1], SIZE[0], 3), 90 + 20 * number, np.uint8)
            for person, colour in enumerate(COLOURS):
                left = 6 + 38 * person + frame // 4
                top = 10 + 4 * person
                picture[top : top + 30, left : left + 24] = colour
                picture[top + 30 : top + 60, left : left + 24] = colour[::-1]
                box = left, top, 24, 60
                truth.append((frame + 1, person + 1, *box, 1))
                # The track breaks in the middle.
                track = 2 * person + frame // (NUM_FRAMES // 2) + 1
                tracks.append((frame + 1, track, *box, 0.9))
            writer.write(picture)
        writer.release()
        np.savetxt(place / 'gt' / 'gt.txt', truth, '%g', ',')
        np.savetxt(place / 'tracks.txt', tracks, '%g', ',')
    (folder / 'scene.json').write_text(
        '{"fps": 10, "cameras": [{"name": "cam1", "start": 0},'
        ' {"name": "cam2", "start": 5.5}]}'
    )
    return folder
