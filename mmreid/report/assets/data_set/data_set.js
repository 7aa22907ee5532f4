'use strict';
// Pictures of a data set: chosen by part, camera and person; suspects are corrected.
(() => {
  const place = (id) => document.getElementById(id);
  for (const image of document.querySelectorAll('img[data-picture]')) image.src = mmreid.picture(image.dataset.picture);

  const groups = [...document.querySelectorAll('[data-kind], .part')];
  const kindOf = (entry) => entry.closest('[data-kind]').dataset.kind;
  const form = mmreid.chooseEntries(['parts', 'cameras', 'persons'], groups, (entry) => ['', kindOf(entry)].includes(form.elements.kind.value));
  // A kind that is chosen is opened.
  form.elements.kind.addEventListener('input', ({ target }) => {
    for (const group of groups) {
      if (target.value && group.dataset.kind === target.value && 'open' in group) group.open = true;
    }
  });

  const suspects = [...document.querySelectorAll('.suspect')];
  if (!suspects.length) return;
  // Kept between visits where the browser keeps anything of pages from files.
  let key = '';
  const kept = new Map();
  function remember() {
    try {
      localStorage.setItem(key, JSON.stringify([...kept]));
    } catch { /* the page still works, and saving a file does too */ }
    tell();
  }
  // What was marked of suspects that are no longer on the page is kept, and not saved.
  function tell() {
    const marked = suspects.filter((suspect) => kept.has(nameOf(suspect))).length;
    place('saved').textContent = `${marked} ${marked === 1 ? 'correction' : 'corrections'}`;
  }
  const nameOf = (suspect) => `${suspect.dataset.part} ${suspect.dataset.path}`;
  function show(suspect) {
    const chosen = kept.get(nameOf(suspect)) ?? '';
    for (const button of suspect.querySelectorAll('[data-choice]')) button.setAttribute('aria-pressed', String(button.dataset.choice === chosen));
    suspect.classList.toggle('corrected', chosen !== '');
  }
  function correct(suspect, choice) {
    if (choice) kept.set(nameOf(suspect), choice);
    else kept.delete(nameOf(suspect));
    show(suspect);
    remember();
  }
  for (const suspect of suspects) {
    for (const button of suspect.querySelectorAll('[data-choice]')) button.addEventListener('click', () => correct(suspect, button.dataset.choice));
  }
  mmreid.load('suspects').then((told) => {
    key = `mmreid corrections ${told.key}`;
    recall();
    window.addEventListener('storage', (event) => event.key === key && recall());
  });
  // Another window of the same page may have marked more.
  function recall() {
    kept.clear();
    try {
      for (const [name, choice] of JSON.parse(localStorage.getItem(key) ?? '[]')) kept.set(name, choice);
    } catch { /* nothing is kept */ }
    suspects.forEach(show);
    tell();
  }

  const cell = (text) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  place('save').addEventListener('click', () => {
    const lines = [['path', 'part', 'person', 'suggestion', 'score', 'correction']];
    for (const suspect of suspects) {
      const { path, part, person, suggestion, score } = suspect.dataset;
      lines.push([path, part, person, suggestion, score, kept.get(nameOf(suspect)) ?? '']);
    }
    const text = lines.map((line) => `${line.map(cell).join(',')}\n`).join('');
    const link = mmreid.element('a', { href: URL.createObjectURL(new Blob([text], { type: 'text/csv' })), download: 'corrections.csv' });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  });
  mmreid.heedKeys((event) => {
    const seen = suspects.filter((suspect) => !suspect.hidden);
    const own = event.target.closest('.suspect');
    const step = (by) => (seen[seen.indexOf(own) + by] ?? (own ? null : seen[0]))?.focus();
    const actions = { j: () => step(1), k: () => step(-1) };
    if (own) Object.assign(actions, { y: () => correct(own, own.dataset.suggestion), x: () => correct(own, 'junk'), u: () => correct(own, '') });
    return actions;
  });
})();
