"""What MkDocs calls while it builds the site; the work is in ``site_pages``."""

from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page
from site_pages.built_links import find_broken
from site_pages.formulas import to_mathml
from site_pages.links import COPIES, copy_of, lead_to_copies, linked_files, place_of
from site_pages.markers import fill_in


def on_files(files: Files, config: MkDocsConfig, **kwargs: Any) -> Files:
    """Add copies of what pages link to outside of ``docs/``."""
    waiting = [
        (f'docs/{file.src_uri}', fill_in(file.content_string))
        for file in files.documentation_pages()
    ]
    while waiting:
        page, text = waiting.pop()
        for path in linked_files(text, page):
            place = place_of(path)
            if files.get_file_from_path(place) is not None:
                continue
            content = copy_of(path)
            files.append(File.generated(config, place, content=content))
            if path.endswith('.md'):
                waiting.append((path, str(content)))
    return files


def on_page_markdown(markdown: str, page: Page, **kwargs: Any) -> str:
    """Fill in what the code tells, and lead links to the copies."""
    place = page.file.src_uri
    inside = place.removeprefix(f'{COPIES}/')
    path = f'docs/{place}' if inside == place else inside
    return lead_to_copies(fill_in(markdown), path)


def on_page_content(html: str, **kwargs: Any) -> str:
    """Turn formulas into MathML."""
    return to_mathml(html)


def on_post_build(config: MkDocsConfig, **kwargs: Any) -> None:
    """Check all links of the built pages.

    Raises:
        PluginError: One leads nowhere.
    """
    if broken := find_broken(Path(config.site_dir)):
        raise PluginError('\n'.join(['Links that lead nowhere:', *broken]))
