// What is told at the top in words and numbers: sentences, figures of the month and of all.

function storiesSection() {
  const list = element('ul', { class: 'stories' });
  return {
    id: 'stories', title: 'What is there to tell?', body: [list],
    refresh(view) {
      const stories = [...view.rows('stories')].sort((a, b) => a.place - b.place);
      list.replaceChildren(...stories.map(({ story, sentence: told, at_least: least }) =>
        element('li', { 'data-story': story }, told, ...(least ? [missingNote()] : []))));
      if (!stories.length) list.append(element('li', {}, tooFewToTell(view)));
    },
  };
}

function missingNote() {
  return element('span', { class: 'note' }, ' (plays may be missing)');
}

function tooFewToTell(view) {
  const plays = view.rows('listening_by_month').reduce((sum, row) => sum + row.plays, 0);
  return `${plural(plays, 'play is', 'plays are')} known: too few for a sentence about habits. Let the collector run for some weeks, or import an export.`;
}

function figuresSection() {
  const month = group('month');
  const ever = group('ever');
  return {
    id: 'figures', title: 'How much did you listen?', body: [...month.parts, ...ever.parts],
    refresh(view) {
      const row = ofMonth(view, 'listening_by_month');
      month.show(view.month ? `In ${monthName(view.month)}` : '', monthFigures(row, view), monthRemark(row, view));
      ever.show('In all', everFigures(view), '');
    },
  };
}

/** A heading, a list of figures and a remark below it. */
function group(name) {
  const heading = element('h3', { class: 'group' });
  const list = element('dl', { class: 'figures' });
  const remark = element('p', { class: 'remark' });
  return {
    parts: [heading, list, remark],
    show(title, figures, told) {
      heading.textContent = title;
      heading.hidden = !figures.length && !told;
      list.replaceChildren(...figures.map((figure) => tile(name, figure)));
      remark.textContent = told;
      remark.hidden = !told;
    },
  };
}

function tile(group_, { name, label: title, value, told, least, note }) {
  const output = element('span', {
    class: 'value', 'data-figure': `${group_}-${name}`, 'data-value': value ?? '',
  }, ...(least ? [element('span', { class: 'least' }, 'at least ')] : []), told);
  return element('div', {}, element('dt', {}, title),
    element('dd', {}, output, ...(note ? [element('span', { class: 'note' }, note)] : [])));
}

function monthFigures(row, view) {
  if (!row) return [];
  const least = row.at_least;
  const count = (name, label_) =>
    ({ name, label: label_, value: row[name], told: number(row[name]), least });
  return [
    { name: 'minutes', label: 'Time', value: row.minutes, told: duration(row.minutes), least, note: comparedTo(row, view) },
    count('plays', 'Plays of 30 seconds or more'),
    { name: 'minutes_per_day', label: 'Each day', value: row.minutes_per_day, told: duration(row.minutes_per_day), least },
    { ...count('days_heard', 'Days with a play'), note: `of ${daysKnown(row.month, view)}` },
    count('artists', 'Artists'),
    count('tracks', 'Songs'),
    { ...count('sessions', 'Sessions'), note: 'with a play of 30 seconds or more' },
    skipped(row),
  ];
}

function comparedTo(row, view) {
  const before = view.rows('listening_by_month').find((one) => one.month === monthAfter(row.month, -1));
  // Where plays may be missing in either month, which of them was fuller is not known.
  if (!before?.minutes || before.at_least || row.at_least) return null;
  const change_ = row.minutes / before.minutes - 1;
  if (Math.abs(change_) < 0.005) return 'as much as in the month before';
  return `${percent(Math.abs(change_))} ${change_ > 0 ? 'more' : 'less'} than in the month before`;
}

function daysOf(month) {
  return dayNumber(monthAfter(month)) - dayNumber(month);
}

/** Days of a month from the first play known to the last. */
function daysKnown(month, view) {
  return view.rows('listening_by_day').filter((row) => row.day.startsWith(month.slice(0, 7))).length;
}

function skipped(row) {
  const known = row.skip_share !== null;
  return {
    name: 'skip_share', label: 'Skipped', value: row.skip_share,
    told: known ? percent(row.skip_share) : 'not known',
    note: known ? `${plural(row.skips, 'play')}, as exports tell` : 'only an export tells of skips',
  };
}

function monthRemark(row, view) {
  if (!row || (!row.plays && !row.minutes)) return nothingInMonth(view);
  const told = {
    export: 'An export tells of this month',
    mixed: 'Polls and an export tell of this month',
    polled: 'Polls alone tell of this month: a play that no poll saw is missing, so figures are at least as high',
  }[row.coverage];
  if (row.coverage !== 'polled' && row.at_least) return `${told}, but not of all of it: a gap is open.`;
  return `${told}${row.coverage === 'export' ? ': nothing that Spotify counted is missing' : ''}.`;
}

function nothingInMonth(view) {
  if (!view.month) return '';
  const all = view.rows('listening_by_month', 'all').find((row) => row.month === view.month);
  if (view.scope === 'mine' && all?.plays) {
    const heard = view.rows('contexts_by_month', 'all').filter((row) => row.month === view.month);
    return `All that was heard in ${monthName(view.month)} was ${listed(heard.map((row) => row.context))}: switch to all plays to see it.`;
  }
  if (!all?.at_least) return `Nothing was heard in ${monthName(view.month)}.`;
  return `No play is known in ${monthName(view.month)}, but a gap is open. An export of Spotify that covers it would tell.`;
}

function everFigures(view) {
  const months = view.rows('listening_by_month');
  const days = view.rows('listening_by_day');
  if (!days.length) return [];
  const least = months.some((row) => row.at_least);
  const sum = (name) => months.reduce((total, row) => total + row[name], 0);
  const streak = days.reduce((best, row) => (row.streak > best.streak ? row : best));
  const now = days.at(-1);
  const heard = days.filter((row) => row.plays > 0).length;
  return [
    { name: 'minutes', label: 'Time', value: sum('minutes'), told: duration(sum('minutes')), least },
    { name: 'plays', label: 'Plays', value: sum('plays'), told: number(sum('plays')), least },
    { name: 'days', label: 'Days with a play', value: heard, told: number(heard), least, note: `of ${number(days.length)}` },
    {
      name: 'streak', label: 'Longest streak', value: streak.streak, told: plural(streak.streak, 'day'), least,
      note: now.streak === streak.streak ? 'and it lasts' : `up to ${dayName(streak.day)}; now ${number(now.streak)}`,
    },
  ];
}
