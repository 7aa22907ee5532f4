'use strict';
// What the page shows, told by its address, so that every view can be shared.
const state = (() => {
  // What the reset button resets.
  const CHOICE = { sort: 'low', by: '0', against: '1', camera: '', person: '', answer: '', search: '', page: '0' };
  const DEFAULTS = { test: '0', ...CHOICE, query: '' };

  function read() {
    const given = new URLSearchParams(location.hash.slice(1));
    const found = {};
    for (const [name, value] of Object.entries(DEFAULTS)) found[name] = given.get(name) ?? value;
    return found;
  }

  function address(changes) {
    const wanted = { ...read(), ...changes };
    const text = new URLSearchParams();
    for (const [name, value] of Object.entries(wanted)) {
      if (name in DEFAULTS && String(value) !== DEFAULTS[name]) text.set(name, value);
    }
    return `#${text}`;
  }

  // Going somewhere is remembered by the browser's back button; typing is not.
  function go(changes, remember = true) {
    const to = address(changes);
    if (to === (location.hash || '#')) return;
    if (remember) location.hash = to;
    else {
      history.replaceState(null, '', to === '#' ? location.pathname + location.search : to);
      window.dispatchEvent(new HashChangeEvent('hashchange'));
    }
  }

  return { read, address, go, CHOICE };
})();
