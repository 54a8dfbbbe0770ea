// The switches on top: scope and period. What they change is in state.js; that of colours is in
// screen.js.

import { monthName } from '../text/dates.js';
import { MONTHS } from './carried.js';
import { byId, element } from './dom.js';
import { ALL, likePeriods, PERIODS, periodOfMonth, YEARS } from './period.js';
import { change, currentState, subscribe } from './state.js';

export function startControls() {
  const select = /** @type {HTMLSelectElement} */ (byId('period'));
  if (PERIODS.includes(ALL)) select.add(new Option('All time', ALL));
  for (const year of yearsOfMonths().reverse()) select.append(optionsOfYear(year));
  select.addEventListener('change', () => change({ period: select.value }));
  byId('period-before').addEventListener('click', () => step(-1));
  byId('period-after').addEventListener('click', () => step(1));
  byId('periods').addEventListener('keydown', (event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!by) return;
    event.preventDefault();
    step(by);
  });
  byId('scope').addEventListener('change', ({ target }) =>
    change({ scope: /** @type {any} */ (target).value }),
  );
  byId('controls').hidden = !PERIODS.length;
  subscribe(showControls);
  showControls();
}

function yearsOfMonths() {
  return [...new Set([...YEARS, ...MONTHS.map((month) => month.slice(0, 4))])].sort();
}

/** @param {string} year */
function optionsOfYear(year) {
  const months = MONTHS.filter((month) => month.startsWith(year));
  return element(
    'optgroup',
    { label: year },
    ...(YEARS.includes(year) ? [new Option(`The year ${year}`, year)] : []),
    ...months.map((month) => new Option(monthName(month), periodOfMonth(month))),
  );
}

/** @param {number} by */
function step(by) {
  const { period } = currentState();
  const like = likePeriods(period);
  const next = like[like.indexOf(period) + by];
  if (next) change({ period: next });
}

function showControls() {
  const { period, scope } = currentState();
  const like = likePeriods(period);
  const at = like.indexOf(period);
  const chosen = document.querySelector(`input[name=scope][value=${scope}]`);
  /** @type {HTMLInputElement} */ (chosen).checked = true;
  /** @type {HTMLSelectElement} */ (byId('period')).value = period;
  // Not `disabled`: a button that is would lose the focus of somebody who uses the keyboard.
  byId('period-before').setAttribute('aria-disabled', String(at <= 0));
  byId('period-after').setAttribute('aria-disabled', String(at >= like.length - 1));
}
