// The page: its sections in order, drawn when they come near, and drawn anew on a change.

const SHELLS = [];
const TOP = [];

function startPage() {
  document.getElementById('theme').hidden = false;
  const main = document.getElementById('main');
  if (!MONTHS.length) {
    main.append(element('p', { class: 'empty' }, 'No play is known yet. Log in and let the collector run for some hours, or import an export of Spotify; then make the report anew.'));
    return;
  }
  TOP.push(storiesSection(), figuresSection());
  TOP.forEach(({ id, title, body }) => main.append(section(id, title, ...body)));
  SECTIONS.forEach(({ id, title }) => {
    const shells = CHARTS.filter((one) => one.section === id).map(shell);
    if (!shells.length) return;
    const grid = element('div', { class: 'grid' }, ...shells.map(({ figure }) => figure));
    main.append(section(id, title, grid));
    SHELLS.push(...shells);
  });
  main.before(contents());
  showPeriod();
}

function contents() {
  const links = [...document.querySelectorAll('main section')].map(({ id, firstChild }) =>
    element('li', {}, element('a', { href: `#${id}` }, firstChild.textContent)));
  return element('nav', { class: 'contents', 'aria-label': 'Contents' }, element('ol', {}, ...links));
}

function showPeriod() {
  const days = rows('listening_by_day', 'all');
  if (!days.length) return;
  const [first, last] = [days[0].day, days.at(-1).day];
  document.getElementById('period').textContent = first === last
    ? dayName(first) : `${dayName(first)} to ${dayName(last)}`;
}

/** Tell what is shown: to the eye beside the switch and on paper, to the ear after a change. */
function showMeaning() {
  const out = listed(leftOut());
  const meaning = state.scope === 'mine'
    ? `Mine: ${out ? `without ${out}` : 'nothing is left out'}.` : `All: ${out ? `with ${out}` : 'the same as mine'}.`;
  document.getElementById('meaning').textContent = meaning;
  document.getElementById('printed').textContent =
    state.month ? `${meaning} Figures of a month are those of ${monthName(state.month)}.` : '';
}

function announce(changed) {
  if (!changed.includes('scope') && !changed.includes('month')) return;
  const plays = state.scope === 'all' ? 'all plays' : 'my plays';
  document.getElementById('status').textContent = `Showing ${plays}, ${monthName(state.month)}.`;
}

function refreshAll() {
  const view = viewNow();
  TOP.forEach((one) => one.refresh(view));
  SHELLS.forEach((one) => refresh(one, view));
  SECTIONS.forEach(({ id }) => foldEmpty(SHELLS.filter((one) => one.declared.section === id)));
  SHELLS.filter((one) => one.near).forEach(paint);
}

/** A section says only once why there is nothing. */
function foldEmpty(shells) {
  const told = new Set();
  shells.filter((one) => one.shown.empty).forEach(({ empty, shown }) => {
    if (told.has(shown.empty)) empty.textContent = 'The same goes for this.';
    told.add(shown.empty);
  });
}

function watch() {
  const byFigure = new Map(SHELLS.map((one) => [one.figure, one]));
  const observer = new IntersectionObserver((entries) => entries.forEach((entry) => {
    const one = byFigure.get(entry.target);
    one.near = entry.isIntersecting;
    if (one.near) paint(one);
  }), { rootMargin: '400px' });
  SHELLS.forEach(({ figure }) => observer.observe(figure));
}

/** On paper all charts are drawn, in light colours and as wide as the sheet. */
function startPrinting() {
  const print = (now) => {
    printing = now;
    document.documentElement.classList.toggle('printing', now);
    document.documentElement.dataset.theme = now ? 'light' : state.theme;
    refreshAll();
    SHELLS.filter((one) => now || one.near).forEach(paint);
  };
  addEventListener('beforeprint', () => print(true));
  addEventListener('afterprint', () => print(false));
}

startControls();
startPage();
showMeaning();
refreshAll();
watch();
subscribe(refreshAll);
subscribe(showMeaning);
subscribe(announce);
PREFERS_DARK.addEventListener('change', refreshAll);
NARROW.addEventListener('change', refreshAll);
startPrinting();
