// The page that chooses a command. Its choices, with the lines that they lead to, lie in
// the page as JSON; each select shows what the ones before it have left.
'use strict';
(() => {
  const form = document.getElementById('choose');
  if (!form) return;
  const rows = JSON.parse(document.getElementById('choose-json').textContent);
  const answer = document.getElementById('choose-answer');
  const steps = ['data', 'method', 'size', 'config'];
  const select = (step) => document.getElementById(`choose-${step}`);

  // Offer values, and keep the one that is chosen where it is still among them.
  function offer(step, values, wished) {
    const box = select(step);
    const before = wished ?? box.value;
    box.replaceChildren(...values.map((value) => new Option(value, value)));
    if (values.includes(before)) box.value = before;
    box.disabled = values.length === 1;
    return box.value;
  }

  function show() {
    let left = rows;
    for (const step of steps) {
      const values = [...new Set(left.map((row) => row[step]))];
      const first = select(step).options.length === 0 && step === 'data';
      const value = offer(step, values, first ? 'SynthReID-mini' : undefined);
      left = left.filter((row) => row[step] === value);
    }
    const [row] = left;
    const gpus = offer('gpus', Object.keys(row.lines));
    document.getElementById('choose-lines').textContent = row.lines[gpus].join('\n');
    document.getElementById('choose-folder').textContent =
      `The data is read from ${row.folder}.`;
  }

  form.addEventListener('change', show);
  form.addEventListener('submit', (event) => event.preventDefault());
  show();
  form.hidden = answer.hidden = false;
})();
