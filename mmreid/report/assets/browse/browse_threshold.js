'use strict';
// The distance below which an answer counts: where it begins, and what moves it.
const threshold = (() => {
  const slider = document.getElementById('threshold');
  const number = document.getElementById('threshold-value');
  const back = document.getElementById('back');
  const STEPS = 1000;
  let value = null; // null until somebody knows one
  let point = null;
  let span = 2;
  let moved = () => {};

  const isIn = (answer) => value === null || answer.distance < value;

  function tell(told) {
    const follows = value === null || (point && value === point.threshold);
    point = told;
    if (point && follows) value = point.threshold;
    show();
  }

  // Distances of some models are all small: the slider reaches as far as the answers do.
  function reach(answers) {
    const last = answers.length ? answers[answers.length - 1].distance : 0;
    const wanted = Math.max(1.05 * last, 2 * (value ?? 0), 1e-6);
    span = Math.min(2, Math.max(wanted, value ?? 0));
    show();
  }

  function rate() {
    if (!point) return 'The gallery has no threshold of its own: "mmreid threshold" finds one, with its error rate.';
    if (value === point.threshold) return `The gallery's own threshold. ${point.meaning}`;
    return `The gallery's own threshold is ${point.threshold.toFixed(4)}; how often this one errs is not known.`;
  }

  function show() {
    const at = value ?? span;
    slider.value = String(Math.round((at / span) * STEPS));
    slider.setAttribute('aria-valuetext', value === null ? 'none' : `distance ${value.toFixed(4)}`);
    if (document.activeElement !== number) number.value = value === null ? '' : value.toFixed(4);
    back.hidden = !point || value === point.threshold;
    document.getElementById('rate').textContent = rate();
    const doubts = document.getElementById('doubts');
    doubts.hidden = !point || !point.warnings.length;
    doubts.querySelector('ul').replaceChildren(...(point?.warnings ?? []).map((text) => mmreid.element('li', {}, text)));
  }

  function move(to) {
    value = to;
    show();
    moved();
  }

  slider.addEventListener('input', () => move((Number(slider.value) / STEPS) * span));
  number.addEventListener('change', () => {
    const typed = Number(number.value);
    if (number.value.trim() && typed >= 0 && typed <= 2) {
      span = Math.max(span, typed);
      move(typed);
    } else show();
  });
  number.addEventListener('blur', show);
  back.addEventListener('click', () => {
    slider.focus();
    move(point.threshold);
  });

  return { isIn, tell, reach, isSet: () => value !== null, heed: (work) => { moved = work; } };
})();
