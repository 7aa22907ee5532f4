"""CVAT's XML 1.1, for videos (tracks) and for images; or the ZIP file with it.

CVAT counts frames from 0 and writes a box for every frame of a track, those between
key frames too; one with ``outside="1"`` says that the track is not seen there. See
https://docs.cvat.ai/docs/manual/advanced/xml_format/.
"""

import zipfile
from collections import defaultdict
from typing import Any, BinaryIO
from xml.etree import ElementTree

import numpy as np

from mmreid.datasets.boxes.box_table import BoxTable
from mmreid.files import whole_file

_CORNERS = ('xtl', 'ytl', 'xbr', 'ybr')
# Attributes of boxes by which people, and datumaro, keep a track in tasks of images.
_TRACKS = ('track_id', 'trackid', 'track', 'id', 'person_id', 'person')
_OTHER_SHAPES = {'polygon', 'polyline', 'points', 'mask', 'cuboid', 'ellipse'}


def read(path: str) -> BoxTable:
    """Read such a file.

    Args:
        path (str): The XML file, or a ZIP file with ``annotations.xml``.

    Returns:
        BoxTable: Boxes, without those outside. Frames count from 0. ``extra`` has
        ``occluded``, ``keyframe`` (videos), ``name`` (of the picture) and the
        attributes, as ``attribute NAME``.

    Raises:
        ValueError: It is no such file, or a box, which is named, lacks a number.
    """
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            names = [n for n in archive.namelist() if n.endswith('annotations.xml')]
            if len(names) != 1:
                raise ValueError(
                    f'{path!r} must hold one annotations.xml, got {names}.'
                )
            with archive.open(names[0]) as file:
                return _make(path, *_parse(path, file))  # type: ignore[arg-type]
    with open(path, 'rb') as file:
        return _make(path, *_parse(path, file))


def _parse(path: str, file: BinaryIO) -> tuple[list[dict], tuple[int, int] | None]:
    """Collect the boxes of a file, and the size of the video."""
    rows: list[dict[str, Any]] = []
    sizes: set[tuple[int, int]] = set()
    parent: dict[str, str] = {}
    try:
        for event, node in ElementTree.iterparse(file, ('start', 'end')):
            if event == 'start' and node.tag in ('track', 'image'):
                parent = dict(node.attrib, tag=node.tag)
            elif event == 'end' and node.tag == 'box' and parent:
                rows.append(_read_box(path, parent, node))
            elif event == 'end' and node.tag in ('track', 'image'):
                if node.tag == 'image':
                    sizes.add(_read_size(path, node.attrib))
                _refuse_empty(path, node)
                node.clear()
                parent = {}
            elif event == 'end' and node.tag == 'original_size':
                inside = {child.tag: child.text for child in node}
                sizes.add(_read_size(path, inside))
    except ElementTree.ParseError as error:
        raise ValueError(f'{path!r} is no sound XML: {error}.') from error
    return rows, next(iter(sizes)) if len(sizes) == 1 else None


def _read_box(path: str, parent: dict[str, str], node: Any) -> dict[str, Any]:
    """Read a box of a track or of an image."""
    in_track = parent['tag'] == 'track'
    values = {**({} if in_track else {'frame': parent.get('id')}), **node.attrib}
    where = f'{path!r}, {parent["tag"]} {parent.get("id")}, frame {values.get("frame")}'
    attributes = {
        str(child.get('name')): (child.text or '').strip()
        for child in node
        if child.tag == 'attribute'
    }
    found = parent.get('id') if in_track else _find_track(attributes)
    try:
        return dict(
            frame=int(values['frame']),
            track=int(found) if found is not None else -1,
            box=[float(values[name]) for name in _CORNERS],
            label=parent.get('label') if in_track else values.get('label', ''),
            outside=values.get('outside') == '1',
            occluded=int(values.get('occluded', 0)),
            keyframe=int(values.get('keyframe', 1)),
            name=parent.get('name', ''),
            attributes=attributes,
        )
    except KeyError as error:
        raise ValueError(f'{where}: the box lacks {error}.') from error
    except (TypeError, ValueError) as error:
        raise ValueError(f'{where}: {error}.') from error


def _find_track(attributes: dict[str, str]) -> str | None:
    by_name = {name.lower(): value for name, value in attributes.items()}
    found = (by_name[name] for name in _TRACKS if name in by_name)
    return next((value for value in found if value.isdecimal()), None)


def _read_size(path: str, values: Any) -> tuple[int, int]:
    try:
        return int(values['width']), int(values['height'])
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f'{path!r}: a size is no two numbers: {values}.') from error


def _refuse_empty(path: str, node: Any) -> None:
    """Refuse what has other shapes and no box, which nobody would miss."""
    shapes = {child.tag for child in node}
    if shapes & _OTHER_SHAPES and 'box' not in shapes:
        raise ValueError(
            f'{path!r}, {node.tag} {node.get("id")} has {sorted(shapes)} and no box; '
            'persons are cut out by boxes.'
        )


def _make(path: str, rows: list[dict], size: tuple[int, int] | None) -> BoxTable:
    rows = [row for row in rows if not row['outside']]
    rows.sort(key=lambda row: row['frame'])
    extra = {'occluded': [row['occluded'] for row in rows]}
    extra['keyframe'] = [row['keyframe'] for row in rows]
    if any(row['name'] for row in rows):
        extra['name'] = [row['name'] for row in rows]
    for name in dict.fromkeys(n for row in rows for n in row['attributes']):
        extra[f'attribute {name}'] = [row['attributes'].get(name, '') for row in rows]
    return BoxTable(
        frame=np.array([row['frame'] for row in rows], np.int64),
        track=np.array([row['track'] for row in rows], np.int64),
        box=np.array([row['box'] for row in rows], np.float64).reshape(-1, 4),
        score=np.full(len(rows), np.nan),
        label=np.array([row['label'] for row in rows], np.str_),
        extra={name: np.array(column) for name, column in extra.items()},
        first_frame=0,
        picture_size=size,
    )


def write(path: str, table: BoxTable) -> None:
    """Write the form for videos, which CVAT reads as "CVAT 1.1".

    Args:
        path (str): The file.
        table (BoxTable): The boxes. Frames are counted from 0; a box of an unknown
            track is a track of its own. Scores have no place there.
    """
    root = ElementTree.Element('annotations')
    ElementTree.SubElement(root, 'version').text = '1.1'
    if table.picture_size:
        meta = ElementTree.SubElement(root, 'meta')
        original = ElementTree.SubElement(meta, 'original_size')
        for name, value in zip(('width', 'height'), table.picture_size, strict=True):
            ElementTree.SubElement(original, name).text = str(value)
    tracks: dict[int, list[int]] = defaultdict(list)
    free = int(table.track.max(initial=-1)) + 1
    for row in np.argsort(table.frame, kind='stable').tolist():
        track = int(table.track[row])
        if track < 0:
            track, free = free, free + 1
        tracks[track].append(row)
    for track, rows in sorted(tracks.items()):
        label = 'person' if table.label is None else str(table.label[rows[0]])
        node = ElementTree.SubElement(root, 'track', id=str(track), label=label)
        _write_track(node, table, rows)
    ElementTree.indent(root)
    with whole_file(path) as partial:
        ElementTree.ElementTree(root).write(partial, 'utf-8', xml_declaration=True)


def _write_track(node: Any, table: BoxTable, rows: list[int]) -> None:
    """Write the boxes of a track, and where it is not seen."""
    first = table.first_frame or 0
    for place, row in enumerate(rows):
        frame = int(table.frame[row]) - first
        box = _add_box(node, frame, table.box[row], outside=False)
        for name, column in table.extra.items():
            if name in ('occluded', 'keyframe'):
                box.set(name, str(column[row]))
            elif name.startswith('attribute '):
                attribute = ElementTree.SubElement(
                    box, 'attribute', name=name.removeprefix('attribute ')
                )
                attribute.text = str(column[row])
        following = rows[place + 1] if place + 1 < len(rows) else None
        if following is None or table.frame[following] - first > frame + 1:
            _add_box(node, frame + 1, table.box[row], outside=True)


def _add_box(node: Any, frame: int, box: np.ndarray, outside: bool) -> Any:
    corners = (
        (name, f'{value:.10g}') for name, value in zip(_CORNERS, box, strict=True)
    )
    flags = dict(frame=str(frame), keyframe='1', occluded='0')
    flags['outside'] = str(int(outside))
    return ElementTree.SubElement(node, 'box', {**flags, **dict(corners)})
