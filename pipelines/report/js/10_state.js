// What the report shows now, and how the listener changes it.

const MONTHS = rows('listening_by_month', 'all').map((row) => row.month);

// What listeners ask for first is their own, without what was on for others or for sleep.
const OWN = rows('listening_by_month', 'mine').some((row) => row.plays);
const state = { scope: OWN ? 'mine' : 'all', month: MONTHS.at(-1) ?? null, theme: 'system' };
const listeners = [];

/** Call a function with what has changed, after each change. */
function subscribe(whenChanged) {
  listeners.push(whenChanged);
}

function change(changes) {
  const changed = Object.keys(changes).filter((name) => state[name] !== changes[name]);
  if (!changed.length) return;
  Object.assign(state, changes);
  listeners.forEach((whenChanged) => whenChanged(changed));
}

const PREFERS_DARK = matchMedia('(prefers-color-scheme: dark)');
const NARROW = matchMedia('(max-width: 640px)');
const STILL = matchMedia('(prefers-reduced-motion: reduce)');
let printing = false;

function isDark() {
  if (printing) return false;
  return state.theme === 'dark' || (state.theme === 'system' && PREFERS_DARK.matches);
}

/** The contexts that are heard, and are not counted as mine. */
function leftOut() {
  const mine = new Set(rows('contexts_by_month', 'mine').map((row) => row.context));
  const all = new Set(rows('contexts_by_month', 'all').map((row) => row.context));
  return [...all].filter((context) => !mine.has(context)).sort();
}

function startControls() {
  const select = document.getElementById('month');
  MONTHS.forEach((month) => select.add(new Option(monthName(month), month)));
  select.addEventListener('change', () => change({ month: select.value }));
  onClick('month-before', () => stepMonth(-1));
  onClick('month-after', () => stepMonth(1));
  document.getElementById('months').addEventListener('keydown', (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step) return;
    event.preventDefault();
    stepMonth(step);
  });
  document.querySelector(`input[name=scope][value=${state.scope}]`).checked = true;
  ['scope', 'theme'].forEach((name) => {
    document.getElementById(name).addEventListener('change', (event) =>
      change({ [name]: event.target.value }));
  });
  document.getElementById('controls').hidden = !MONTHS.length;
  subscribe(showControls);
  showControls();
}

function onClick(id, action) {
  document.getElementById(id).addEventListener('click', action);
}

function stepMonth(step) {
  const month = MONTHS[MONTHS.indexOf(state.month) + step];
  if (month) change({ month });
}

function showControls() {
  const at = MONTHS.indexOf(state.month);
  document.getElementById('month').value = state.month ?? '';
  // Not `disabled`: the button would lose the focus of who steps with the keyboard.
  document.getElementById('month-before').setAttribute('aria-disabled', String(at <= 0));
  document.getElementById('month-after')
    .setAttribute('aria-disabled', String(at >= MONTHS.length - 1));
  document.documentElement.dataset.theme = state.theme;
}
