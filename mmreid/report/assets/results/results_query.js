'use strict';
// One query: its models side by side, all their answers, and what they look at.
const query = (() => {
  const { element } = mmreid;

  function fact(name, value) {
    return [element('dt', {}, name), element('dd', {}, value)];
  }

  function answerItem(pictures, found, n) {
    const [person, camera, path, name] = pictures[found.pictures[n]];
    const verdict = found.verdicts[n];
    const distance = found.distances[n];
    const text = `answer ${n + 1}, ${list.WORDS[verdict]}`;
    const labels = list.labels(person, camera);
    return element(
      'li', { class: `answer big ${list.WORDS[verdict]}`, tabindex: '0', title: path },
      list.thumbnail(name, text, path),
      element('span', { class: 'sign', 'aria-hidden': 'true' }, list.SIGNS[verdict]),
      element('span', { class: 'told' }, element('strong', {}, list.distanceText(distance)), ...labels.flatMap((label) => [element('br'), label]),
        element('span', { class: 'file' }, path.slice(path.lastIndexOf('/') + 1))),
    );
  }

  function column(model, found, pictures, q, looks) {
    const items = [];
    let inside = true;
    const limit = model.threshold;
    (found ? found.pictures : []).forEach((_, n) => {
      if (limit !== null && inside && (found.distances[n] ?? Infinity) >= limit) {
        items.push(element('li', { class: 'limit' }, `threshold ${limit.toPrecision(4)}: from here on unknown`));
        inside = false;
      }
      items.push(answerItem(pictures, found, n));
    });
    if (limit !== null && inside && items.length) {
      items.push(element('li', { class: 'limit' }, `threshold ${limit.toPrecision(4)}: all of these are nearer`));
    }
    return element(
      'section', { class: 'column', 'aria-label': model.name },
      element('h3', {}, model.name),
      element('p', { class: 'faint' }, list.precisionText(model, q)),
      looks.length ? element('div', { class: 'looks' }, looks.map((look) => element(
        'figure', {},
        element('img', { src: mmreid.picture(look.picture), alt: look.text || look.title, loading: 'lazy' }),
        element('figcaption', {}, look.title),
      ))) : element('div'),
      found ? element('ol', { class: 'answers all' }, items) : element('p', {}, ['Answers are not known.', ...model.missing].join(' ')),
    );
  }

  // A label that leads to all queries that have it.
  function among(name, value) {
    return element('a', { href: state.address({ ...state.CHOICE, query: '', sort: 'low', [name]: value }), title: `all queries of ${name} ${value}` }, String(value));
  }

  async function show(place, test, data, wanted) {
    const q = Number(wanted.query);
    place.querySelectorAll('form.controls, .count').forEach((each) => { each.hidden = true; });
    if (!(q in data.paths)) {
      place.replaceChildren(element('p', { class: 'notice query-view' }, `There is no query ${wanted.query}.`), element('a', { href: state.address({ query: '' }) }, 'Back to the list'));
      return;
    }
    const [{ models, pictures }, explained] = await Promise.all([
      list.answersOf(test, data, q), mmreid.load(`t${test}/explanations`),
    ]);
    if (state.read().query !== wanted.query) return; // gone on meanwhile
    const order = choice.choose(data, wanted);
    const at = order.indexOf(q);
    const go = (text, to, name) => (to === undefined ? element('span', { class: 'faint' }, text)
      : element('a', { href: state.address({ query: to }), 'data-go': name }, text));
    const looks = explained[q] ?? [];
    const both = choice.pair(data, wanted);
    // Those that are compared come first among many.
    const first = new Set([...choice.listed(data, wanted), ...data.models]);
    const change = list.changeOf(both, q, true);
    const view = element(
      'article', { class: 'query-view' },
      element('nav', { class: 'pager', 'aria-label': 'Queries' },
        element('a', { href: state.address({ query: '' }), 'data-go': 'back' }, '↑ all queries'),
        go('← previous', order[at - 1], 'previous'), go('next →', at < 0 ? undefined : order[at + 1], 'next')),
      element('div', { class: 'asked' },
        list.thumbnail(data.pictures[q], 'the query', data.paths[q], { class: 'thumb large' }),
        element('dl', {}, fact('Person', among('person', data.persons[q])), fact('Camera', data.cameras[q] === -1 ? 'unknown' : among('camera', data.cameras[q])), fact('Picture', data.paths[q]),
          at < 0 ? fact('In the list', 'no: the filter leaves it out') : fact('In the list', `${(at + 1).toLocaleString('en')} of ${order.length.toLocaleString('en')}`),
          change ? [element('dt', {}, 'Difference'), element('dd', {}, change)] : null)),
      element('div', { class: 'columns' }, [...first].map((model) => column(
        model, models[data.models.indexOf(model)], pictures, q, looks.filter((look) => look.model === model.name)))),
    );
    place.querySelectorAll('.result, .query-view, :scope > p:not(.count)').forEach((old) => old.remove());
    place.append(view);
  }

  return { show };
})();
