// The switches on top: scope and month. What they change is in state.js; that of colours is in
// screen.js.

import { monthName } from '../text/dates.js';
import { MONTHS } from './carried.js';
import { byId } from './dom.js';
import { change, currentState, subscribe } from './state.js';

export function startControls() {
  const select = /** @type {HTMLSelectElement} */ (byId('month'));
  for (const month of MONTHS) select.add(new Option(monthName(month), month));
  select.addEventListener('change', () => change({ month: select.value }));
  byId('month-before').addEventListener('click', () => stepMonth(-1));
  byId('month-after').addEventListener('click', () => stepMonth(1));
  byId('months').addEventListener('keydown', (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step) return;
    event.preventDefault();
    stepMonth(step);
  });
  const chosen = document.querySelector(`input[name=scope][value=${currentState().scope}]`);
  /** @type {HTMLInputElement} */ (chosen).checked = true;
  byId('scope').addEventListener('change', ({ target }) =>
    change({ scope: /** @type {any} */ (target).value }),
  );
  byId('controls').hidden = !MONTHS.length;
  subscribe(showControls);
  showControls();
}

/** @param {number} step */
function stepMonth(step) {
  const month = MONTHS[MONTHS.indexOf(currentState().month) + step];
  if (month) change({ month });
}

function showControls() {
  const { month } = currentState();
  const at = MONTHS.indexOf(month);
  /** @type {HTMLSelectElement} */ (byId('month')).value = month;
  // Not `disabled`: a button that is would lose the focus of somebody who uses the keyboard.
  byId('month-before').setAttribute('aria-disabled', String(at <= 0));
  byId('month-after').setAttribute('aria-disabled', String(at >= MONTHS.length - 1));
}
