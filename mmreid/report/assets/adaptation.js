'use strict';
// Clusters of an adaptation: pictures are shown as they come near, and chosen.
(() => {
  const form = document.getElementById('filter');
  const entries = [...document.querySelectorAll('.entry')];
  const groups = [...document.querySelectorAll('.part, .part details')];
  // A page may have thousands of pictures; only those that somebody nears are decoded.
  const watcher = new IntersectionObserver((seen) => {
    for (const { isIntersecting, target } of seen) {
      if (!isIntersecting) continue;
      target.src = mmreid.picture(target.dataset.picture);
      watcher.unobserve(target);
    }
  }, { rootMargin: '600px' });
  for (const image of document.querySelectorAll('img[data-picture]')) watcher.observe(image);

  function choose() {
    let seen = 0;
    for (const entry of entries) {
      entry.hidden = !['cameras', 'clusters'].every((name) => {
        const wanted = form.elements[name].value.trim();
        return !wanted || entry.dataset[name].includes(`|${wanted}|`);
      });
      seen += !entry.hidden;
    }
    const all = seen === entries.length;
    for (const group of groups) group.hidden = !all && !group.querySelector('.entry:not([hidden])');
    document.getElementById('count').textContent = all ? '' : `${seen.toLocaleString('en')} of ${entries.length.toLocaleString('en')} entries are shown`;
  }
  form.addEventListener('input', choose);
  form.addEventListener('submit', (event) => event.preventDefault());
})();
