'use strict';
// A gallery that is searched: what is asked, and what follows from the answer.
(() => {
  const { element } = mmreid;
  const place = (id) => document.getElementById(id);
  let asked = null; // { file } or { entry }
  let found = null; // what the server said
  let gallery = null;
  let turn = 0;

  // The link's token is a cookie now; it does not stay in the address.
  if (new URLSearchParams(location.search).has('token')) history.replaceState(null, '', location.pathname + location.hash);

  function complain(text) {
    place('message').textContent = text;
    place('message').hidden = !text;
  }

  async function ask(address, options = {}) {
    const headers = { 'X-mmreid': '1', ...options.headers };
    let response;
    try {
      response = await fetch(address, { ...options, headers });
    } catch {
      throw new Error('The server does not answer: is mmreid browse still running?');
    }
    const told = await response.json().catch(() => ({ error: `The server answered ${response.status}.` }));
    if (!response.ok) throw new Error(told.error);
    return told;
  }

  async function search() {
    if (!asked) return;
    const mine = ++turn;
    complain('');
    document.body.classList.add('busy');
    try {
      const chosen = conditions.read();
      if (asked.entry !== undefined) chosen.set('entry', asked.entry);
      const told = await ask(`search?${chosen}`, { method: 'POST', body: asked.file });
      if (mine !== turn) return;
      found = told;
      show();
      if (gallery && found.entries !== gallery.entries) tell(await ask('gallery'));
    } catch (error) {
      if (mine === turn) complain(error.message);
    } finally {
      if (mine === turn) document.body.classList.remove('busy');
    }
  }

  function show() {
    place('result').hidden = false;
    const image = place('query');
    image.hidden = false;
    image.src = found.query.upload ? `uploads/${found.query.upload}` : `pictures/${found.query.entry.id}`;
    if (found.query.entry) place('number').value = found.query.entry.id;
    conditions.about(found.query);
    threshold.reach(found.answers);
    answers.show(found.answers, { mark, seek });
    decide();
  }

  function decide() {
    if (!found) return;
    answers.update(found.answers);
    const near = found.answers.filter(threshold.isIn).length;
    const far = found.answers.length - near;
    place('sides').textContent = threshold.isSet() ? `${near} of ${found.answers.length} answers shown are nearer than the threshold, ${far} are not.` : '';
    const first = found.answers[0];
    const source = found.query.entry ? `Entry ${found.query.entry.id}` : 'This picture';
    let verdict = ['Nobody in the gallery fits the conditions.'];
    if (first && !threshold.isIn(first)) verdict = [`${source}: unknown`];
    else if (first) verdict = first.person === null ? [`${source}: somebody without a name`] : [`${source}: person `, element('bdi', {}, first.person)];
    const nearest = first ? `nearest at distance ${first.distance.toFixed(4)}${threshold.isSet() ? '' : '; without a threshold, the nearest counts however far it is'}` : '';
    place('verdict').replaceChildren(element('p', { class: 'verdict' }, ...verdict), element('p', { class: 'faint' }, nearest));
  }

  async function mark(answer, same) {
    const at = found;
    const query = at.query.upload ? { upload: at.query.upload } : { entry: at.query.entry.id };
    try {
      const told = await ask('marks', {
        method: 'POST', headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ ...query, answer: answer.id, same }),
      });
      answer.same = same;
      complain('');
      tellMarks(told.marks);
      if (at === found) answers.update(found.answers);
    } catch (error) {
      complain(error.message);
    }
  }

  function seek(answer) {
    asked = { entry: answer.id };
    history.pushState(null, '', `#entry=${answer.id}`);
    search();
  }

  function take(file) {
    if (!file) return;
    if (gallery && file.size > gallery.largest) {
      complain(`A picture must have at most ${Math.floor(gallery.largest / 2 ** 20)} MB.`);
      return;
    }
    asked = { file };
    if (location.hash) history.pushState(null, '', location.pathname);
    search();
  }

  function tellMarks(count) {
    place('marks').textContent = `${count} ${count === 1 ? 'mark is' : 'marks are'} kept in ${gallery.marks_file}, which "mmreid threshold" takes; the persons of marked pictures are in ${gallery.table_file}, a data set's table.`;
  }

  function tell(told) {
    gallery = told;
    place('about').textContent = `${told.entries.toLocaleString('en')} entries of ${told.persons.toLocaleString('en')} persons${told.model ? `; ${told.model}` : ''}`;
    conditions.tell(told.cameras);
    threshold.tell(told.point);
    tellMarks(told.marks);
    decide();
  }

  place('query').addEventListener('error', (event) => { event.target.hidden = true; });

  const drop = place('drop');
  for (const kind of ['dragenter', 'dragover']) {
    document.addEventListener(kind, (event) => {
      event.preventDefault();
      drop.classList.add('over');
    });
  }
  document.addEventListener('dragleave', (event) => { if (!event.relatedTarget) drop.classList.remove('over'); });
  document.addEventListener('drop', (event) => {
    event.preventDefault();
    drop.classList.remove('over');
    if (event.dataTransfer.files.length) take(event.dataTransfer.files[0]);
    else complain('That is no file: save the picture first, and drop its file.');
  });
  document.addEventListener('paste', (event) => take(event.clipboardData.files[0]));
  // Chosen once more, the same file is asked for again.
  place('file').addEventListener('click', (event) => { event.target.value = ''; });
  place('file').addEventListener('change', (event) => take(event.target.files[0]));
  place('entry').addEventListener('submit', (event) => {
    event.preventDefault();
    seek({ id: Number(place('number').value) });
  });
  place('any').addEventListener('click', () => ask('any-entry').then(seek).catch((error) => complain(error.message)));
  conditions.heed(search);
  threshold.heed(decide);

  mmreid.heedKeys((event) => {
    const always = { o: () => place('file').click() };
    const own = event.target.closest('#answers li');
    if (!own) return always;
    const answer = found.answers[own.dataset.number];
    const judge = (same) => { if (answer.has_file) mark(answer, same); else complain('An entry without a picture of its own cannot be marked.'); };
    return {
      ...always,
      y: () => judge(true), n: () => judge(false), u: () => judge(null), s: () => seek(answer),
      ArrowRight: () => own.nextElementSibling?.focus(), ArrowLeft: () => own.previousElementSibling?.focus(),
      Home: () => own.parentElement.firstElementChild.focus(), End: () => own.parentElement.lastElementChild.focus(),
    };
  });
  function follow() {
    const number = /^#entry=(\d+)$/.exec(location.hash);
    if (number) {
      asked = { entry: Number(number[1]) };
      search();
    }
  }
  window.addEventListener('popstate', follow);
  ask('gallery').then(tell).then(follow).catch((error) => complain(error.message));
})();
