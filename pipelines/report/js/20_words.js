// Numbers, dates and names as words.

const LOCALE = 'en-GB';
// Formats are made once: making one takes a hundred times as long as using it.
const NUMBERS = [];
const MONTH_NAME = dateFormat({ month: 'long', year: 'numeric' });
const MONTH_SHORT = dateFormat({ month: 'short', year: 'numeric' });
const DAY_NAME = dateFormat({ day: 'numeric', month: 'long', year: 'numeric' });
const WEEKDAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];

/** 1234.5 as '1,234.5', with at most so many decimals; '–' where it is not known. */
function number(value, decimals = 0) {
  if (value === null || value === undefined) return '–';
  NUMBERS[decimals] ??= new Intl.NumberFormat(LOCALE, { maximumFractionDigits: decimals });
  return NUMBERS[decimals].format(value);
}

/** 0.256 as '26 %', with a blank at which no line ends. A little is never told as nothing, nor almost all as all. */
function percent(share) {
  if (share === null || share === undefined) return '–';
  if (share > 0 && share < 0.005) return '<\u00a01\u00a0%';
  if (share < 1 && share >= 0.995) return '>\u00a099\u00a0%';
  return `${Math.round(share * 100)}\u00a0%`;
}

/** Minutes as '45 minutes' or '12 hours'. */
function duration(minutes) {
  if (minutes === null || minutes === undefined) return '–';
  if (minutes > 0 && minutes < 0.5) return 'less than a minute';
  if (minutes < 90) return plural(Math.round(minutes), 'minute');
  const hours = minutes / 60;
  return hours < 10 ? `${number(hours, 1)} hours` : `${number(Math.round(hours))} hours`;
}

/** plural(1, 'play') is '1 play', plural(2, 'play') '2 plays'. */
function plural(count, one, many = `${one}s`) {
  return `${number(count)} ${count === 1 ? one : many}`;
}

/** 'at least 12 plays' where plays may be missing. */
function atLeast(words, isAtLeast) {
  return isAtLeast ? `at least ${words}` : words;
}

/** The first letter large. */
function sentence(words) {
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** 'a', 'a and b', 'a, b and c'. */
function listed(words) {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}

function dateFormat(parts) {
  return new Intl.DateTimeFormat(LOCALE, { timeZone: 'UTC', ...parts });
}

/** '2026-08-01' as 'August 2026'. */
function monthName(month) {
  return MONTH_NAME.format(Date.parse(month));
}

/** '2026-08-01' as 'Aug 2026'. */
function monthShort(month) {
  return MONTH_SHORT.format(Date.parse(month));
}

/** '2026-08-02' as '2 August 2026'. */
function dayName(day) {
  return DAY_NAME.format(Date.parse(day));
}

/** Text for Plotly, in whose texts tags like <b> and <a> would be drawn. */
function esc(text) {
  return String(text ?? '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    // A template would put a value in place of this.
    .replaceAll('%{', '%&#123;')
    .replace(/\s+/g, ' ');
}

/** Text for Plotly of at most so many signs. */
function short(text, length = 28) {
  const signs = Array.from(String(text ?? ''));
  const cut = signs.length > length ? `${signs.slice(0, length - 1).join('').trimEnd()}…` : text;
  return esc(cut);
}

/** 'Song by Artist', where either may not be known; plain text, not for Plotly. */
function songBy(row) {
  const song = row.track_name ?? 'an unnamed song';
  return row.artist_name ? `${song} by ${row.artist_name}` : song;
}
