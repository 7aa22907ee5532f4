'use strict';
// Who may answer: cameras, a span of time, fields, and how many.
const conditions = (() => {
  const { element } = mmreid;
  const form = document.getElementById('conditions');
  const place = document.getElementById('cameras');
  let heeded = () => {};
  let own = null; // the camera of the query

  const boxes = () => [...form.querySelectorAll('[name=camera]')];
  const isUnknown = (box) => box.dataset.unknown !== undefined;

  // Of many cameras the few that are in or out are named. Only `not_camera` lets those
  // in whose camera nobody knows.
  function cameras(chosen) {
    const known = boxes().filter((box) => !isUnknown(box));
    const unknown = boxes().find(isUnknown);
    const [on, off] = [known.filter((box) => box.checked), known.filter((box) => !box.checked)];
    if (!off.length && (!unknown || unknown.checked)) return;
    const withUnknown = unknown && unknown.checked;
    if (!on.length && !withUnknown) throw new Error('No camera is chosen.');
    const name = withUnknown || (!unknown && off.length < on.length) ? 'not_camera' : 'camera';
    for (const box of name === 'camera' ? on : off) chosen.append(name, box.value);
  }

  function read() {
    const chosen = new URLSearchParams();
    cameras(chosen);
    for (const name of ['from', 'to', 'k']) if (form.elements[name].value.trim()) chosen.set(name, form.elements[name].value.trim());
    for (const input of form.querySelectorAll('[name=field]')) {
      if (input.value.trim() && !/^[^=]+=/.test(input.value)) throw new Error('A field must be NAME=VALUE.');
      if (input.value.trim()) chosen.append('field', input.value);
    }
    return chosen;
  }

  // Cameras that were off stay off when the gallery has got new ones.
  function tell(listed) {
    const off = new Set(boxes().filter((box) => !box.checked).map((box) => box.value));
    const order = new Intl.Collator('en', { numeric: true });
    const sorted = [...listed].sort((a, b) => (a.name === null) - (b.name === null) || order.compare(a.name ?? '', b.name ?? ''));
    place.replaceChildren(...sorted.map(({ name, entries }) => element(
      'label', { class: 'check' },
      element('input', { type: 'checkbox', name: 'camera', value: name ?? '', 'data-unknown': name === null, checked: !off.has(name ?? '') }),
      element('span', {}, element('bdi', {}, name ?? 'unknown'), element('span', { class: 'faint' }, ` (${entries.toLocaleString('en')})`)),
    )));
    if (!listed.some(({ name }) => name !== null)) place.textContent = 'none is known';
  }

  function about(query) {
    own = query.entry?.camera ?? null;
    form.querySelector('[data-choose=others]').hidden = own === null;
  }

  const CHOICES = { all: () => true, none: () => false, others: (box) => isUnknown(box) || box.value !== own };
  for (const button of form.querySelectorAll('[data-choose]')) {
    button.addEventListener('click', () => {
      for (const box of boxes()) box.checked = CHOICES[button.dataset.choose](box);
      if (button.dataset.choose !== 'none') heeded();
    });
  }
  document.getElementById('more').addEventListener('click', (event) => {
    const input = element('input', { name: 'field', size: '14', placeholder: 'NAME=VALUE' });
    event.currentTarget.before(element('label', {}, 'Field', input));
    input.focus();
  });
  form.addEventListener('submit', (event) => event.preventDefault());
  form.addEventListener('change', () => heeded());

  return { read, tell, about, heed: (work) => { heeded = work; } };
})();
