'use strict';
// Shows what the address asks for, and heeds the keys.
(() => {
  const page = document.title;
  let data = null;
  let shown = null;
  let left = null; // where the list was when a query was opened

  mmreid.complain = (error) => {
    const place = document.querySelector('.test:not([hidden]) .queries');
    place.prepend(mmreid.element('p', { class: 'notice', role: 'alert' }, error.message));
  };

  // Which view is shown, for readers, bookmarks and the browser's history.
  function entitle(section, wanted) {
    const title = wanted.query === '' ? '' : `Query ${wanted.query}`;
    section.querySelector('.queries-title').textContent = title || 'Queries';
    document.title = title ? `${title} · ${page}` : page;
  }

  async function render() {
    const wanted = state.read();
    const section = document.querySelector(`.test[data-test="${CSS.escape(wanted.test)}"]`) ?? document.querySelector('.test');
    const test = section.dataset.test;
    document.querySelectorAll('.test').forEach((each) => { each.hidden = each !== section; });
    document.querySelectorAll('[data-test-link]').forEach((link) => {
      if (link.dataset.testLink === test) link.setAttribute('aria-current', 'page');
      else link.removeAttribute('aria-current');
    });
    data = await mmreid.load(`t${test}/queries`);
    const place = section.querySelector('.queries');
    section.querySelector('.summary').hidden = wanted.query !== '';
    const before = shown;
    shown = wanted;
    entitle(section, wanted);
    if (wanted.query !== '') {
      if (before && before.query === '') left = { query: wanted.query, scroll: scrollY };
      await query.show(place, test, data, wanted);
      if (before && before.query !== wanted.query) {
        section.querySelector('.queries-title').focus({ preventScroll: true });
        scrollTo(0, 0);
      }
      return;
    }
    list.show(place, test, data, wanted);
    if (before && before.query !== '') {
      if (left) scrollTo(0, left.scroll);
      section.querySelector(`[data-query="${CSS.escape(before.query)}"]`)?.focus({ preventScroll: Boolean(left) });
      left = null;
    } else if (before && before.page !== wanted.page) section.querySelector('.queries-title').focus();
  }

  function step(by) {
    const links = [...document.querySelectorAll('.test:not([hidden]) a.query')];
    if (!links.length) return false;
    const at = links.indexOf(document.activeElement);
    links[Math.min(links.length - 1, Math.max(0, at < 0 ? 0 : at + by))].focus();
    return true;
  }

  // By the address, not by the links: keys may be faster than the view.
  function turn(by) {
    const wanted = state.read();
    if (wanted.query === '') return press(by > 0 ? 'next' : 'previous');
    const order = data ? choice.choose(data, wanted) : [];
    const at = order.indexOf(Number(wanted.query));
    if (at < 0 || order[at + by] === undefined) return false;
    state.go({ query: order[at + by] });
    return true;
  }

  function press(name) {
    const link = document.querySelector(`.test:not([hidden]) [data-go="${name}"]`);
    if (link) link.click();
    return Boolean(link);
  }

  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') event.target.closest('input, select')?.blur();
  });
  mmreid.heedKeys(() => {
    if (document.querySelector('dialog[open]')) return {};
    const inList = state.read().query === '';
    return {
      j: () => (inList ? step(1) : turn(1)),
      k: () => (inList ? step(-1) : turn(-1)),
      ArrowDown: () => inList && document.activeElement.matches('a.query') && step(1),
      ArrowUp: () => inList && document.activeElement.matches('a.query') && step(-1),
      ArrowRight: () => turn(1),
      ArrowLeft: () => turn(-1),
      Escape: () => press('back'),
      '/': () => {
        const search = document.querySelector('.test:not([hidden]) input[name="search"]');
        if (!inList || !search) return false;
        search.focus();
        return true;
      },
      '?': () => { document.getElementById('keys').showModal(); return true; },
    };
  });
  document.querySelectorAll('.keys-button').forEach((button) => {
    button.addEventListener('click', () => document.getElementById('keys').showModal());
  });
  window.addEventListener('hashchange', () => render().catch(mmreid.complain));
  render().catch(mmreid.complain);
})();
