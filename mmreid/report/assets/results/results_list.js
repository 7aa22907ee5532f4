'use strict';
// The list of queries: what it is chosen and sorted by, and a page of it as rows.
const list = (() => {
  const { element } = mmreid;
  const { isIn, pair, ahead, choose } = choice;
  const ON_A_PAGE = 25;
  const SIGNS = ['', '✓', '✗', '–', '·'];
  const WORDS = ['', 'right', 'wrong', 'junk', 'ignored'];
  const SORTS = {
    low: 'average precision, lowest first',
    high: 'average precision, highest first',
    late: 'first right answer, latest first',
    camera: 'camera',
    person: 'person',
    data: 'as in the data',
  };
  const PAIRED = ['differ', 'second', 'first'];
  const ANSWERS = {
    '': 'all',
    right: 'first answer right',
    wrong: 'first answer wrong',
    mixed: 'models disagree on it',
    out: 'left out: no right answer',
    explained: 'what models look at was drawn',
  };

  function select(label, name, options, chosen) {
    const made = element('select', { name });
    for (const [value, text] of options) made.append(element('option', { value, selected: value === chosen }, text));
    return element('label', {}, label, made);
  }

  // Sorting by differences names the models, which may change.
  function nameSorts(form, data, wanted) {
    const { by, other } = pair(data, wanted);
    const texts = other ? {
      differ: `difference of ${by.name} and ${other.name}`,
      second: `${other.name} ahead of ${by.name}`,
      first: `${by.name} ahead of ${other.name}`,
    } : {};
    for (const option of form.elements.sort.options) if (texts[option.value]) option.textContent = texts[option.value];
  }

  function controls(data, wanted) {
    const cameras = [...new Set(data.cameras)].sort((a, b) => a - b).map((camera) => [String(camera), camera === -1 ? 'unknown' : String(camera)]);
    const many = cameras.length > 1;
    const models = data.models.map((model, i) => [String(i), model.name]);
    const compared = pair(data, wanted).other !== undefined;
    const sorts = [...Object.entries(SORTS).filter(([name]) => many || name !== 'camera'), ...(compared ? PAIRED.map((name) => [name, name]) : [])];
    const answers = Object.entries(ANSWERS).filter(([name]) => (compared || name !== 'mixed') && (data.explained.length || name !== 'explained'));
    const form = element(
      'form', { class: 'controls', role: 'search', 'aria-label': 'Choose queries' },
      select('Sort by', 'sort', sorts, wanted.sort),
      models.length > 1 ? select('of', 'by', models, wanted.by) : null,
      compared && models.length > 2 ? select('against', 'against', models, wanted.against) : null,
      select('Show', 'answer', answers, wanted.answer),
      many ? select('Camera', 'camera', [['', 'all'], ...cameras], wanted.camera) : null,
      element('label', {}, 'Person', element('input', { name: 'person', inputmode: 'numeric', size: 6, value: wanted.person })),
      element('label', {}, 'Search', element('input', { name: 'search', type: 'search', value: wanted.search, placeholder: 'path or person' })),
      element('button', { type: 'button', class: 'reset', onclick: () => state.go(state.CHOICE) }, 'Reset'),
    );
    form.addEventListener('submit', (event) => event.preventDefault());
    form.addEventListener('change', (event) => state.go({ [event.target.name]: event.target.value, page: '0' }));
    form.addEventListener('input', (event) => {
      if (event.target.tagName === 'INPUT') state.go({ [event.target.name]: event.target.value, page: '0' }, false);
    });
    return form;
  }

  const answersOf = async (test, data, q) => {
    const chunk = await mmreid.load(`t${test}/answers/${data.chunks[q]}`);
    return { models: chunk.answers[q], pictures: chunk.pictures };
  };

  // A picture; in the place of one that cannot be read stands its name.
  function thumbnail(name, text, path, attributes = {}) {
    if (!name) {
      const file = path.slice(path.lastIndexOf('/') + 1);
      const { class: kind = 'thumb', ...rest } = attributes;
      return element('span', { class: `${kind} missing`, role: 'img', 'aria-label': `${text}, no picture`, ...rest }, file || 'no picture');
    }
    return element('img', { class: 'thumb', src: mmreid.picture(name), alt: text, loading: 'lazy', decoding: 'async', width: 64, height: 128, ...attributes });
  }

  // An answer: its picture, and a sign of what the ranking makes of it.
  function answer(pictures, index, distance, verdict) {
    const [person, camera, path, name] = pictures[index];
    const told = `${WORDS[verdict]}, distance ${distance ?? 'infinite'}, ${who(person, camera)}`;
    return element(
      'span', { class: `answer ${WORDS[verdict]}`, title: `${told}\n${path}` },
      thumbnail(name, told, path),
      element('span', { class: 'distance', 'aria-hidden': 'true' }, distanceText(distance)),
      element('span', { class: 'sign', 'aria-hidden': 'true' }, SIGNS[verdict]),
    );
  }

  // How much the compared model has more, told by a sign, a number and words.
  function changeOf(both, q, aloud = false) {
    const change = ahead(both, q);
    if (change === null) return null;
    const even = Math.abs(change) < 0.05;
    const text = even ? '= 0.0' : `${change > 0 ? '▲ +' : '▼ −'}${Math.abs(change).toFixed(1)}`;
    const words = even ? `${both.other.name} and ${both.by.name} have the same average precision`
      : `${both.other.name} has ${Math.abs(change).toFixed(1)} points ${change > 0 ? 'more' : 'less'} than ${both.by.name}`;
    return element('span', { class: `change${even ? ' faint' : ''}`, title: words }, element('span', { 'aria-hidden': 'true' }, text), element('span', { class: aloud ? 'words' : 'spoken' }, words));
  }

  const distanceText = (distance) => (distance === null ? '∞' : distance.toFixed(3));

  // Person and camera in words, where they are known.
  function labels(person, camera) {
    return [person === -1 ? 'nobody (-1)' : `person ${person}`, ...(camera === -1 ? [] : [`camera ${camera}`])];
  }

  const who = (person, camera) => labels(person, camera).join(', ');

  function precisionText(model, q) {
    if (!isIn(model, q)) return 'left out: no right answer';
    return `AP ${(100 * model.precision[q]).toFixed(1)}, first right answer ${model.rank[q]}`;
  }

  function row(test, data, wanted, q) {
    const both = pair(data, wanted);
    const listed = choice.listed(data, wanted);
    const inARow = listed.length > 1 ? 10 : 20;
    const strips = listed.map((model) => element(
      'div', { class: 'strip', role: 'group', 'aria-label': model.name },
      element('div', { class: 'strip-name' }, element('strong', {}, model.name), ` ${precisionText(model, q)}`),
      element('div', { class: 'answers' }),
    ));
    const made = element(
      'li', { class: 'row' },
      element(
        'a', { class: 'query', href: state.address({ query: q }), 'data-query': q },
        thumbnail(data.pictures[q], `query ${q}, ${who(data.persons[q], data.cameras[q])}`, data.paths[q]),
        element(
          'span', { class: 'labels' },
          labels(data.persons[q], data.cameras[q]).flatMap((label) => [label, element('br')]),
          changeOf(both, q),
          data.explained.includes(q) ? element('span', { class: 'explained', title: 'what models look at was drawn' }, 'explained') : null,
        ),
      ),
      element('div', { class: 'strips', onclick: () => state.go({ query: q }) }, strips),
    );
    answersOf(test, data, q).then(({ models, pictures }) => {
      listed.forEach((model, i) => {
        const found = models[data.models.indexOf(model)];
        const place = strips[i].lastElementChild;
        strips[i].classList.toggle('unknown', !found);
        if (!found) place.append(element('span', { class: 'faint' }, 'answers are not known'));
        else found.pictures.slice(0, inARow).forEach((p, n) => place.append(answer(pictures, p, found.distances[n], found.verdicts[n])));
      });
    }).catch(mmreid.complain);
    return made;
  }

  // The rows of a page; where they are sorted by a label, with a line before each group.
  function rowsOf(test, data, wanted, chosen, rows) {
    const column = { camera: data.cameras, person: data.persons }[wanted.sort];
    if (!column) return rows.map((q) => row(test, data, wanted, q));
    return rows.flatMap((q, i) => {
      if (i && column[q] === column[rows[i - 1]]) return [row(test, data, wanted, q)];
      const group = chosen.filter((other) => column[other] === column[q]);
      const means = choice.listed(data, wanted).map((model) => [model.name, choice.mean(model, group)])
        .filter(([, value]) => value !== null).map(([name, value]) => `${name} ${value.toFixed(1)}`);
      const told = `${group.length.toLocaleString('en')} ${group.length === 1 ? 'query' : 'queries'}${means.length ? `, mAP of ${means.join(', ')}` : ''}`;
      return [
        element('li', { class: 'group' }, element('strong', {}, `${wanted.sort} ${column[q]}`), ` ${told}`),
        row(test, data, wanted, q),
      ];
    });
  }

  function pager(count, page) {
    const pages = Math.max(1, Math.ceil(count / ON_A_PAGE));
    const to = (text, number, name) => (number >= 0 && number < pages
      ? element('a', { href: state.address({ page: number }), class: 'page-link', 'data-go': name }, text)
      : element('span', { class: 'page-link faint' }, text));
    return element(
      'nav', { class: 'pager', 'aria-label': 'Pages' },
      to('← previous', page - 1, 'previous'),
      element('span', {}, `page ${page + 1} of ${pages.toLocaleString('en')}`),
      to('next →', page + 1, 'next'),
    );
  }

  function show(place, test, data, wanted) {
    const chosen = choose(data, wanted);
    const last = Math.max(0, Math.ceil(chosen.length / ON_A_PAGE) - 1);
    const page = Math.min(Math.max(0, Math.trunc(Number(wanted.page)) || 0), last);
    const rows = chosen.slice(page * ON_A_PAGE, (page + 1) * ON_A_PAGE);
    const result = element(
      'div', { class: 'result' },
      rows.length ? element('ol', { class: 'rows', start: page * ON_A_PAGE + 1 }, rowsOf(test, data, wanted, chosen, rows)) : element('p', {}, 'No query is like that.'),
      pager(chosen.length, page),
    );
    const count = `${chosen.length.toLocaleString('en')} of ${data.paths.length.toLocaleString('en')} ${data.paths.length === 1 ? 'query' : 'queries'}`;
    const form = place.querySelector('form.controls');
    // The form that is typed into stays; its values follow the address.
    if (form) {
      for (const control of form.elements) if (control.name && control.value !== wanted[control.name]) control.value = wanted[control.name];
      place.querySelectorAll('.result, .query-view').forEach((old) => old.remove());
      form.hidden = false;
      place.append(result);
    } else place.replaceChildren(controls(data, wanted), element('p', { class: 'count', role: 'status' }), result);
    // It stays, too: readers tell what changes in it.
    const status = place.querySelector('.count');
    status.hidden = false;
    if (status.textContent !== count) status.textContent = count;
    nameSorts(place.querySelector('form.controls'), data, wanted);
  }

  return { show, changeOf, answersOf, thumbnail, precisionText, distanceText, labels, SIGNS, WORDS };
})();
