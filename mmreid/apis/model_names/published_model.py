"""A model by name, as a metafile of ``configs/`` tells of it."""

from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlparse

# Who answers with pages: a browser has to be used, or a program of theirs.
_PAGES = (
    *('drive.google.com', 'docs.google.com', 'pan.baidu.com', 'onedrive.live.com'),
    *('1drv.ms', 'www.dropbox.com', 'mega.nz', 'yadi.sk', 'disk.yandex.com'),
)


class Source(NamedTuple):
    """Where the weights of a model are from (``Converted From``).

    Attributes:
        weights (str): Address of the file, or of a page that leads to it.
        layout (str): How the file names its weights, a layout of the converters.
        code (str): Address of the program.
        license (str): SPDX identifier; ``'NONE'`` where the source has no licence.
        use (str): What the source forbids beyond it: ``''``, ``'research'`` (nothing
            but research is allowed) or ``'agreement'`` (not before an agreement).
        sha256 (str): Of the file, where the source publishes it, else ``''``.
        is_page (bool): Whether a browser is needed to get the file.
        options (tuple[tuple[str, str], ...]): Facts that the file cannot tell.
    """

    weights: str
    layout: str
    code: str
    license: str
    use: str = ''
    sha256: str = ''
    is_page: bool = False
    options: tuple[tuple[str, str], ...] = ()

    @property
    def needs_browser(self) -> bool:
        """Whether the address is of a page, or of a service that sends pages."""
        return self.is_page or urlparse(self.weights).hostname in _PAGES

    @classmethod
    def of(cls, entry: Mapping[str, Any]) -> 'Source':
        """Read the entry of a metafile.

        Args:
            entry (Mapping[str, Any]): ``Converted From``.
        """
        options = entry.get('Options') or {}
        return cls(
            weights=entry['Weights'],
            layout=entry['Layout'],
            code=entry['Code'],
            license=entry['License'],
            use=entry.get('Use', ''),
            sha256=entry.get('SHA256', ''),
            is_page=bool(entry.get('Page', False)),
            options=tuple((key, str(value)) for key, value in options.items()),
        )


class Packaged(NamedTuple):
    """Weights that come with the package (``In Package``).

    Attributes:
        file (str): Name of the file in ``mmreid/apis/weights/packaged/``.
        sha256 (str): Its checksum.
        license (str): SPDX identifier.
    """

    file: str
    sha256: str
    license: str

    @classmethod
    def of(cls, entry: Mapping[str, Any]) -> 'Packaged':
        """Read the entry of a metafile.

        Args:
            entry (Mapping[str, Any]): ``In Package``.
        """
        return cls(entry['File'], entry['SHA256'], entry['License'])


class PublishedModel(NamedTuple):
    """A model by name.

    Attributes:
        name (str): What users type.
        config (str): The config, such as ``'configs/bot/bot_r50_market.py'``.
        collection (str): The method.
        metadata (Mapping[str, Any]): ``Training Data``; for published weights
            ``Parameters`` and ``FLOPs``.
        results (tuple[Mapping[str, Any], ...]): As printed by the source, or measured
            where the weights come with the package.
        source (Source | None): Where weights are from; None where nobody else has
            published any.
        packaged (Packaged | None): Weights that come with the package.
    """

    name: str
    config: str
    collection: str
    metadata: Mapping[str, Any]
    results: tuple[Mapping[str, Any], ...] = ()
    source: Source | None = None
    packaged: Packaged | None = None

    @property
    def has_weights(self) -> bool:
        """Whether there are weights of this name."""
        return self.source is not None or self.packaged is not None

    @classmethod
    def of(cls, entry: Mapping[str, Any]) -> 'PublishedModel':
        """Read the entry of a metafile.

        Args:
            entry (Mapping[str, Any]): One of its ``Models``.
        """
        source, packaged = entry.get('Converted From'), entry.get('In Package')
        return cls(
            name=entry['Name'],
            config=entry['Config'],
            collection=entry['In Collection'],
            metadata=entry.get('Metadata') or {},
            results=tuple(entry.get('Results') or ()),
            source=None if source is None else Source.of(source),
            packaged=None if packaged is None else Packaged.of(packaged),
        )

    def to_dict(self) -> dict[str, Any]:
        """Return what is known of it, for JSON."""
        content = self._asdict()
        for key in ('source', 'packaged'):
            if content[key] is not None:
                content[key] = content[key]._asdict()
        return content
