"""What is measured of a page in the browser."""

from pathlib import Path
from typing import Any

# Of all texts that stand out too little from their ground, what they are.
CONTRASTS = """() => {
  const look = (text) => {
    const c = document.createElement('canvas').getContext('2d');
    c.fillStyle = text; c.fillRect(0, 0, 1, 1);
    return [...c.getImageData(0, 0, 1, 1).data].slice(0, 3).map((v) => v / 255)
      .map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
  };
  const bright = (text) => {
    const [r, g, b] = look(text);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const found = [];
  for (const e of document.querySelectorAll('main *, header *, footer')) {
    const texts = [...e.childNodes].filter((n) => n.nodeType === 3);
    if (!texts.some((n) => n.textContent.trim())) continue;
    if (e.closest('svg') || !e.getClientRects().length) continue;
    let ground = e;
    const see = (g) => getComputedStyle(g).backgroundColor !== 'rgba(0, 0, 0, 0)';
    while (ground && !see(ground)) ground = ground.parentElement;
    const a = bright(getComputedStyle(e).color);
    const b = bright(getComputedStyle(ground ?? document.body).backgroundColor);
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) found.push(`${e.className || e.tagName} ${ratio.toFixed(2)}`);
  }
  return found;
}"""


def check_legible(
    browser: Any, page_folder: Path, scheme: str, ready: str | None = None
) -> None:
    """Assert that a page can be read in a narrow window, with nothing folded away.

    Args:
        browser: Of :func:`browser.start_browser`.
        page_folder (Path): The page.
        scheme (str): ``'light'`` or ``'dark'``.
        ready (str, optional): Selector of what its script shows last. Defaults to
            None: the page has no such script.
    """
    context = browser.new_context(
        color_scheme=scheme, viewport=dict(width=360, height=640)
    )
    page = context.new_page()
    page.goto((page_folder / 'index.html').as_uri())
    page.evaluate("document.querySelectorAll('details').forEach((d) => d.open = true)")
    if ready is not None:
        page.wait_for_selector(ready)
    assert page.evaluate('document.documentElement.scrollWidth') <= 360
    assert page.evaluate(CONTRASTS) == []
    assert page.locator('img:not([alt])').count() == 0
    context.close()
