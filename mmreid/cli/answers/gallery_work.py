"""What each action of ``mmreid gallery`` calls."""

import shlex
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mmreid.cli.answers.models import make_inferencer


def conditions(args: Namespace) -> dict[str, Any]:
    """Return the conditions that were given, as a filter takes them."""
    given = dict(
        cameras=args.camera,
        not_cameras=args.not_camera,
        persons=args.person,
        not_persons=args.not_person,
    )
    if args.time:
        given['time'] = tuple(args.time)
    fields: dict[str, list[Any]] = {}
    for name, readings in args.field:
        fields.setdefault(name, []).extend(readings)
    given['fields'] = fields or None
    return {name: value for name, value in given.items() if value is not None}


def changes(args: Namespace) -> dict[str, Any]:
    """Return the labels to change, by the gallery's names."""
    given = dict(
        persons=args.person, cameras=args.camera, times=args.time, paths=args.path
    )
    return {name: value for name, value in given.items() if value is not None}


def _where(args: Namespace) -> Any:
    from mmreid.search import Filter

    given = conditions(args)
    return Filter(**given) if given else None


def _open(args: Namespace, read_only: bool = False) -> Any:
    from mmreid.search import open_gallery

    return open_gallery(args.gallery, read_only=read_only)


def _model_words(args: Namespace) -> list[str]:
    return [args.model, *([args.checkpoint] if args.checkpoint else [])]


def _create(args: Namespace) -> dict[str, Any]:
    from mmreid.search import create_gallery

    # A file is to be found from other folders too.
    words = [
        str(Path(w).resolve()) if Path(w).is_file() else w for w in _model_words(args)
    ]
    inferencer = make_inferencer(args, args.model)
    with create_gallery(
        args.gallery,
        inferencer.dim,
        model_key=inferencer.model_key,
        model_name=shlex.join(words),
        dtype=args.dtype,
    ) as gallery:
        return dict(created=args.gallery, dim=gallery.dim, model=gallery.model_name)


def _take(args: Namespace, gallery: Any) -> Any:
    """Read or compute the vectors of the command line."""
    from mmreid.apis.galleries import sources
    from mmreid.progress import ProgressBar

    if args.features:
        return sources.read_features(args.features, args.half or 'all')
    words = sources.model_words(gallery)
    if args.model:
        words = _model_words(args)
    if not words:
        raise ValueError(f'{args.gallery} does not tell its model; name it by --model.')
    args.checkpoint = words[1] if len(words) > 1 else None
    inferencer = make_inferencer(args, words[0])
    progress = ProgressBar('embedding')
    taken = sources.embed_pictures(inferencer, args.sources, progress)
    if taken.failures and not len(taken.vectors):
        reasons = '\n'.join(map(str, taken.failures))
        raise ValueError(f'No picture could be embedded:\n{reasons}')
    return taken


def _failures(taken: Any) -> list[dict[str, Any]]:
    return [dict(source=f.source, reason=f.reason) for f in taken.failures]


def _add(args: Namespace) -> dict[str, Any]:
    from mmreid.apis.galleries.labels import read_labels

    with _open(args) as gallery:
        taken = _take(args, gallery)
        labels = taken.labels | read_labels(taken.paths, args.table, args.pattern)
        paths = [str(Path(path).resolve()) if path else None for path in taken.paths]
        ids = gallery.add(
            taken.vectors, model_key=taken.model_key, paths=paths, **labels
        )
        return dict(
            added=len(ids),
            first_id=int(ids[0]) if len(ids) else None,
            last_id=int(ids[-1]) if len(ids) else None,
            entries=len(gallery),
            failures=_failures(taken),
        )


def _search(args: Namespace) -> dict[str, Any]:
    from mmreid.apis.galleries.drawing import draw_answers

    with _open(args, read_only=True) as gallery:
        taken = _take(args, gallery)
        answers = gallery.search(
            taken.vectors,
            args.k,
            model_key=taken.model_key,
            where=_where(args),
            rerank={'candidates': max(200, args.k)} if args.rerank else None,
        )
    queries = [
        _query(taken.paths[row], answers, row) for row in range(len(answers.ids))
    ]
    if args.show:
        draw_answers(args.show, taken.paths, answers, f'{args.gallery}: nearest')
    known = answers.known
    return dict(
        queries=queries,
        unknown=0 if known is None else int((~known).sum()),
        failures=_failures(taken),
    )


def _query(path: str, answers: Any, row: int) -> dict[str, Any]:
    known = answers.known
    found = [
        vars(entry) | answers.numbers(row, place)
        for place, entry in enumerate(answers.entries[row])
    ]
    return dict(
        query=path, known=None if known is None else bool(known[row]), answers=found
    )


def _remove(args: Namespace) -> dict[str, Any]:
    with _open(args) as gallery:
        where = None if args.ids else _where(args)
        removed = gallery.remove(args.ids or None, where)
        return dict(removed=removed, entries=len(gallery))


def _update(args: Namespace) -> dict[str, Any]:
    with _open(args) as gallery:
        new = {name: [value] * len(args.ids) for name, value in changes(args).items()}
        gallery.update(args.ids, **new)
    return dict(updated=len(args.ids))


def _info(args: Namespace) -> dict[str, Any]:
    with _open(args, read_only=True) as gallery:
        return gallery.info()


def _compact(args: Namespace) -> dict[str, Any]:
    with _open(args) as gallery:
        before = gallery.info()['bytes']
        gallery.compact()
        return dict(bytes_before=before, bytes=gallery.info()['bytes'])


def _reindex(args: Namespace) -> dict[str, Any]:
    import numpy as np

    with _open(args) as gallery:
        gallery.reindex(args.kind, **dict(args.option))
        ids = np.array([entry.id for entry in gallery.entries()], np.int64)
        size = min(args.queries, len(ids))
        sample = np.random.default_rng(0).choice(ids, size, replace=False)
        recall = gallery.measure_recall(gallery.vectors(sample), args.k)
        return dict(kind=args.kind, queries=size, **{f'recall@{args.k}': recall})


def _export(args: Namespace) -> dict[str, Any]:
    from mmreid.files import write_rows

    with _open(args, read_only=True) as gallery:
        entries = [*gallery.entries(_where(args))]
    names = sorted({name for entry in entries for name in entry.fields})
    head = ['id', 'path', 'person', 'camera', 'time']
    rows = (
        [*(getattr(entry, name) for name in head), *map(entry.fields.get, names)]
        for entry in entries
    )
    write_rows(args.out, [*head, *names], rows)
    return dict(out=str(args.out), entries=len(entries))


def _copy(args: Namespace) -> dict[str, Any]:
    from mmreid.progress import ProgressBar
    from mmreid.search import copy_gallery, create_gallery, open_gallery

    with _open(args, read_only=True) as source:
        try:
            target = open_gallery(args.target)
        except FileNotFoundError:
            target = create_gallery(
                args.target,
                source.dim,
                model_key=source.model_key,
                model_name=source.model_name,
                dtype=source.dtype,
            )
        with target:
            bar, count = ProgressBar('copying'), len(source)
            old, _ = copy_gallery(source, target, lambda done: bar(done, count))
            return dict(copied=len(old), entries=len(target))


ACTIONS: dict[str, Callable[[Namespace], dict[str, Any]]] = dict(
    create=_create,
    add=_add,
    search=_search,
    remove=_remove,
    update=_update,
    info=_info,
    compact=_compact,
    reindex=_reindex,
    export=_export,
    copy=_copy,
)
