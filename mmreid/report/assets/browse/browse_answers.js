'use strict';
// The answers, one card each, with what was marked.
const answers = (() => {
  const { element } = mmreid;
  const place = document.getElementById('answers');
  // Seconds since 1970 are shown as a date, too; smaller numbers count from elsewhere.
  const DATES = [1e8, 1e11];

  function time(seconds) {
    const isDate = seconds > DATES[0] && seconds < DATES[1];
    const date = isDate ? ` (${new Date(1000 * seconds).toISOString().replace('T', ' ').slice(0, 19)} UTC)` : '';
    return `${seconds} s${date}`;
  }

  function scores(answer) {
    const chance = answer.probability === undefined ? '' : `, ${(100 * answer.probability).toFixed(1)} % one person`;
    return `distance ${answer.distance.toFixed(4)}${chance}`;
  }

  function facts(answer) {
    const named = (word, text) => element('span', {}, `${word} `, element('bdi', {}, text));
    const told = [answer.person === null ? element('span', {}, 'unnamed') : named('person', answer.person)];
    if (answer.camera !== null) told.push(named('camera', answer.camera));
    if (answer.time !== null) told.push(element('span', {}, time(answer.time)));
    for (const [name, value] of Object.entries(answer.fields)) {
      told.push(element('span', {}, element('bdi', {}, name), ': ', element('bdi', {}, String(value))));
    }
    told.push(element('span', { class: 'faint' }, `entry ${answer.id}`));
    return told;
  }

  function item(answer, number, { mark, seek }) {
    const button = (same, text, label) => element('button', {
      type: 'button', class: `mark ${same}`, disabled: !answer.has_file, 'aria-label': `${label}: answer ${number + 1}`,
      title: answer.has_file ? null : 'only an answer with a picture of its own can be marked',
      onclick: () => mark(answer, answer.same === same ? null : same),
    }, text);
    const who = answer.person === null ? 'unnamed' : `person ${answer.person}`;
    const image = element('img', { alt: `answer ${number + 1}, ${who}`, src: `pictures/${answer.id}`, loading: 'lazy' });
    image.addEventListener('error', () => image.replaceWith(element('span', { class: 'no-picture' }, 'no picture')));
    return element(
      'li', { tabindex: '0', 'data-number': number, title: answer.name || null, 'aria-keyshortcuts': 'y n u s' },
      element('span', { class: 'side' }), image,
      element('span', { class: 'told' }, element('strong', {}, scores(answer)), ...facts(answer)),
      element('span', { class: 'marks' }, button(true, '✓ right', 'right'), button(false, '✗ wrong', 'wrong'),
        element('button', { type: 'button', 'aria-label': `search for answer ${number + 1}`, onclick: () => seek(answer) }, 'search')),
    );
  }

  function show(found, actions) {
    const focus = document.activeElement?.closest?.('#answers li')?.dataset.number;
    place.replaceChildren(...found.map((answer, number) => item(answer, number, actions)));
    if (focus !== undefined) (place.children[focus] ?? place.lastElementChild)?.focus();
    update(found);
  }

  // What changes without a new search: sides of the threshold, and marks.
  function update(found) {
    found.forEach((answer, number) => {
      const card = place.children[number];
      const near = threshold.isIn(answer);
      card.className = near ? 'in' : 'out';
      card.querySelector('.side').textContent = near ? `${number + 1}` : `${number + 1} · too far`;
      for (const same of [true, false]) card.querySelector(`.mark.${same}`).setAttribute('aria-pressed', String(answer.same === same));
    });
  }

  return { show, update };
})();
