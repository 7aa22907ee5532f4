"""What is measured of a page in the browser."""

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
