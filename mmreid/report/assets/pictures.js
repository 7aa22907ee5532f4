'use strict';
// What pages that list pictures share: a form chooses which entries are seen.
// names: fields of the form, each with what an entry's data of that name has between
// bars; groups: what is put away where it holds nothing that fits; fits: a further
// condition of an entry.
mmreid.chooseEntries = (names, groups, fits = () => true) => {
  const form = document.getElementById('filter');
  const entries = [...document.querySelectorAll('.entry')];
  form.addEventListener('input', () => {
    let seen = 0;
    for (const entry of entries) {
      entry.hidden = !fits(entry) || !names.every((name) => {
        const wanted = form.elements[name].value.trim();
        return !wanted || entry.dataset[name].includes(`|${wanted}|`);
      });
      seen += !entry.hidden;
    }
    const all = seen === entries.length;
    for (const group of groups) group.hidden = !all && !group.querySelector('.entry:not([hidden])');
    document.getElementById('count').textContent = all ? '' : `${seen.toLocaleString('en')} of ${entries.length.toLocaleString('en')} entries are shown`;
  });
  form.addEventListener('submit', (event) => event.preventDefault());
  return form;
};
