'use strict';
// What every page shares: data and pictures, whether they lie beside the page or inside.
const mmreid = (() => {
  const waiting = new Map();
  const bundled = document.getElementById('pictures');
  const pictures = bundled && JSON.parse(bundled.textContent);

  // Promise of the data of a name. Files are read as scripts: pages that were opened by a
  // double click may fetch nothing.
  function load(name) {
    if (!waiting.has(name)) {
      const entry = {};
      entry.promise = new Promise((resolve, reject) => Object.assign(entry, { resolve, reject }));
      waiting.set(name, entry);
      const inside = document.querySelector(`script[data-name="${CSS.escape(name)}"]`);
      if (inside) {
        entry.resolve(JSON.parse(inside.textContent));
      } else if (bundled) {
        entry.reject(new Error(`There is no ${name} in this page.`));
      } else {
        const script = document.createElement('script');
        script.src = `data/${name}.js`;
        script.onerror = () => entry.reject(new Error(`data/${name}.js is missing beside this page.`));
        document.head.append(script);
      }
    }
    return waiting.get(name).promise;
  }

  function receive(name, value) {
    waiting.get(name).resolve(value);
  }

  function picture(name) {
    return pictures ? pictures[name] : `pictures/${name}`;
  }

  // An element with attributes and children; text is only ever text.
  function element(tag, attributes = {}, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (value === undefined || value === null || value === false) continue;
      if (name.startsWith('on')) made.addEventListener(name.slice(2), value);
      else made.setAttribute(name, value === true ? '' : value);
    }
    made.append(...children.flat().filter((child) => child !== null && child !== undefined));
    return made;
  }

  // Keys that the page answers to, by name, as they are for an event; none while somebody
  // types. What returns false is left to the browser.
  const TYPING = 'select, textarea, input:not([type=checkbox]):not([type=range]):not([type=file])';
  function heedKeys(actionsOf) {
    document.addEventListener('keydown', (event) => {
      if (event.ctrlKey || event.altKey || event.metaKey || event.target.closest(TYPING)) return;
      const action = actionsOf(event)[event.key];
      if (action && action() !== false) event.preventDefault();
    });
  }

  return { load, receive, picture, element, heedKeys };
})();
