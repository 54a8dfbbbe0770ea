// When and how much: hours of the week, days, months, skips.

const HOURS = [...Array(24).keys()];

chart({
  id: 'hours',
  section: 'when',
  title: 'Hours of the week',
  needs: ['listening_by_hour'],
  wide: true,
  draw(view) {
    const hours = view.rows('listening_by_hour');
    const most = hours.reduce((best, row) => (row.minutes > best.minutes ? row : best));
    const minutes = WEEKDAYS.map(() => Array(24).fill(0));
    hours.forEach((row) => { minutes[row.weekday][row.hour] = row.minutes; });
    return {
      caption: `Over all months most is heard on ${WEEKDAYS[most.weekday]}s from ${most.hour} to ${most.hour + 1} o’clock: ${percent(most.share)} of all minutes. ${view.dark ? 'Light' : 'Dark'} is much; an hour counts what ended in it.${hours.some((row) => row.at_least) ? ' Plays may be missing.' : ''}`,
      height: 280,
      traces: [{
        type: 'heatmap', x: HOURS, y: WEEKDAYS.map((name) => name.slice(0, 3)), z: minutes,
        colorscale: view.colours.scale, zmin: 0, showscale: false, xgap: 2, ygap: 2,
        hovertemplate: '%{y}, %{x} o’clock<br>%{z:,.0f} minutes<extra></extra>',
      }],
      layout: {
        yaxis: { autorange: 'reversed', type: 'category', showgrid: false, ticks: '' },
        xaxis: { showgrid: false, ticks: '', tickvals: HOURS.filter((hour) => hour % 3 === 0) },
      },
      table: {
        head: ['Weekday', 'Hour', 'Minutes', 'Plays', ''],
        rows: hours.map((row) => [WEEKDAYS[row.weekday], row.hour, row.minutes, row.plays, leastMark(row)]),
      },
    };
  },
});

chart({
  id: 'calendar',
  section: 'when',
  title: 'Day by day',
  needs: ['listening_by_day'],
  wide: true,
  draw(view) {
    const days = daysUpTo(view, view.narrow ? 6 : 12);
    if (!days.some((row) => row.minutes > 0)) return { empty: nothingInMonth(view) };
    const most = days.reduce((best, row) => (row.minutes > best.minutes ? row : best));
    const silent = days.filter((row) => row.minutes === 0).length;
    return {
      caption: `Of the ${plural(days.length, 'day')} up to ${dayName(days.at(-1).day)} the fullest was ${dayName(most.day)}, with ${atLeast(duration(most.minutes), most.at_least)}; ${silent ? `on ${plural(silent, 'day')} nothing is known to have been heard` : 'there is none without a play'}.${underlined(days)}${days.some(isUntold) ? ' A dot: no play is known.' : ''}`,
      height: 220,
      traces: [calendarTrace(days, view)],
      layout: {
        shapes: leastWeeks(days, view),
        yaxis: { autorange: 'reversed', type: 'category', showgrid: false, ticks: '' },
        xaxis: { type: 'date', showgrid: false, ticks: '', ...namedWeeks(days) },
      },
      table: {
        head: ['Day', 'Minutes', 'Plays', 'Streak in days', ''],
        rows: days.map((row) => [row.day, row.minutes, row.plays, row.streak, leastMark(row)]),
      },
    };
  },
});

/** The days of so many months that end with the chosen one, as far as they are known. */
function daysUpTo(view, months) {
  const [from, to] = [monthAfter(view.month, 1 - months), monthAfter(view.month)];
  return view.rows('listening_by_day').filter((row) => row.day >= from && row.day < to);
}

/** A day without a play, as far as is known: plays may be missing. */
function isUntold(row) {
  return row.at_least && row.minutes === 0;
}

/** Names of months at the weeks of their first days; a week is where its Monday is. */
function namedWeeks(days) {
  const firsts = days.filter((row, n) => n === 0 || row.day.endsWith('-01')).map((row) => row.day);
  // What is left of a month before the next needs room for its name.
  const named = firsts.filter((day, n) => n > 0 || !firsts[1] || dayNumber(firsts[1]) - dayNumber(day) > 20);
  const year = (day, n) => (n === 0 || day.slice(5, 7) === '01' ? `<br>${day.slice(0, 4)}` : '');
  return {
    tickvals: named.map(monday),
    ticktext: named.map((day, n) => `${monthShort(day).split(' ')[0]}${year(day, n)}`),
  };
}

function monday(day) {
  return dayAfter(day, -((dayNumber(day) + 3) % 7));
}

/** Lines below weeks in which plays may be missing; a week's cells are centred on its Monday. */
function leastWeeks(days, view) {
  const weeks = days.map((row) => ({ week: monday(row.day), at_least: row.at_least }));
  const touched = weeks.filter((row) => row.at_least);
  const once = touched.filter((row, n) => row.week !== touched[n - 1]?.week);
  const half = (week) => `${dayAfter(week, -4)} 12:00`;
  return leastLines(once, 'week', view)
    .map((line) => ({ ...line, x0: half(line.x0), x1: half(line.x1) }));
}

function calendarTrace(days, view) {
  const last = monday(days.at(-1).day);
  const known = (dayNumber(last) - dayNumber(monday(days[0].day))) / 7 + 1;
  // Half a year at least, so that a few days are not drawn as wide as a page.
  const count = Math.max(known, view.narrow ? 13 : 26);
  const weeks = Array.from({ length: count }, (_, n) => dayAfter(last, 7 * (n + 1 - count)));
  const place = new Map(weeks.map((week, n) => [week, n]));
  const grid = (told, none = null) => {
    const cells = WEEKDAYS.map(() => Array(weeks.length).fill(none));
    days.forEach((row) => {
      cells[(dayNumber(row.day) + 3) % 7][place.get(monday(row.day))] = told(row);
    });
    return cells;
  };
  return {
    type: 'heatmap', x: weeks, y: WEEKDAYS.map((name) => name.slice(0, 3)),
    z: grid((row) => row.minutes), zmin: 0, hoverongaps: false,
    customdata: grid((row) => `${dayName(row.day)}<br>${isUntold(row) ? 'no play is known' : atLeast(duration(row.minutes), row.at_least)}`),
    text: grid((row) => (isUntold(row) ? '·' : ''), ''), texttemplate: '%{text}',
    textfont: { color: view.colours.faint, size: 14 },
    colorscale: view.colours.scale, showscale: false, xgap: 2, ygap: 2,
    hovertemplate: '%{customdata}<extra></extra>',
  };
}

chart({
  id: 'days',
  section: 'when',
  title: 'Minutes a day',
  needs: ['listening_by_day'],
  wide: true,
  draw(view) {
    const days = view.rows('listening_by_day');
    const mean = trailingMean(days.map((row) => row.minutes), 28);
    const last = mean.at(-1);
    return {
      caption: `${last === null ? 'Fewer than 28 days are known: too few for a mean.' : `The mean of the last 28 days is ${atLeast(`${duration(last)} a day`, days.slice(-28).some((row) => row.at_least))}.`}${underlined(days)}`,
      height: 280,
      traces: [
        {
          type: 'bar', name: 'a day', x: days.map((row) => row.day), y: days.map((row) => row.minutes),
          marker: { color: view.colours.quiet, line: { width: 0 } }, width: DAY_MS, offset: 0,
          hovertemplate: '%{x|%-d %B %Y}: %{y:,.0f} minutes<extra></extra>',
        },
        {
          type: 'scatter', mode: 'lines', name: 'mean of the 28 days up to it',
          x: days.map((row) => row.day), y: mean, line: { color: view.colours.accent, width: 2.5 },
          hovertemplate: '%{x|%-d %B %Y}: %{y:,.0f} minutes a day<extra></extra>',
        },
      ],
      layout: {
        bargap: 0, showlegend: true, legend: { y: 1.12, traceorder: 'normal' },
        shapes: [...leastLines(days, 'day', view), monthBand(view)],
        yaxis: { title: { text: 'minutes' }, rangemode: 'tozero' },
        xaxis: dayAxis(days.map((row) => row.day), view),
      },
      table: {
        head: ['Day', 'Minutes', 'Mean of 28 days', ''],
        rows: days.map((row, n) => [row.day, row.minutes, mean[n], leastMark(row)]),
      },
    };
  },
});

function trailingMean(values, width) {
  let sum = 0;
  return values.map((value, n) => {
    sum += value - (values[n - width] ?? 0);
    return n + 1 < width ? null : sum / width;
  });
}

chart({
  id: 'months',
  section: 'when',
  title: 'Month by month',
  needs: ['listening_by_month'],
  draw(view) {
    const months = view.rows('listening_by_month');
    const row = ofMonth(view, 'listening_by_month');
    const music = (one) => one.minutes - one.spoken_minutes;
    const spoken = months.some((one) => one.spoken_minutes > 0);
    const [unit, by] = Math.max(...months.map((one) => one.minutes)) < 180 ? ['minutes', 1] : ['hours', 60];
    const part = (name, colour, told) => ({
      type: 'bar', name, x: months.map((one) => one.month), y: months.map((one) => told(one) / by),
      width: 22 * DAY_MS, marker: hatched(months, chosen(months, colour, view), view),
      hovertemplate: `%{x|%B %Y}: %{y:,.0f} ${unit}<extra>${name}</extra>`,
    });
    return {
      caption: `${row ? sentence(`${atLeast(duration(row.minutes), row.at_least)} in ${monthName(view.month)}${row.spoken_minutes ? `, ${duration(row.spoken_minutes)} of them spoken` : ''}.`) : nothingInMonth(view)}${hatchedMeans(months)}`,
      traces: [
        part('music', view.colours.accent, music),
        ...(spoken ? [part('podcasts and audiobooks', view.colours.second, (one) => one.spoken_minutes)] : []),
      ],
      layout: {
        barmode: 'stack', showlegend: spoken, legend: { y: 1.15, traceorder: 'normal' },
        yaxis: { title: { text: unit } },
        xaxis: monthAxis(view),
      },
      table: {
        head: ['Month', 'Minutes', 'Spoken minutes', 'Plays', 'Minutes a day', ''],
        rows: months.map((one) => [monthName(one.month), one.minutes, one.spoken_minutes, one.plays, one.minutes_per_day, leastMark(one)]),
      },
    };
  },
});

chart({
  id: 'skips',
  section: 'when',
  title: 'Skips',
  needs: ['listening_by_month'],
  draw(view) {
    const months = view.rows('listening_by_month');
    const known = months.filter((row) => row.skip_share !== null);
    if (!known.length) {
      return { empty: 'Only Spotify’s export tells what was skipped. Ask Spotify for your extended streaming history, and import it when it comes.' };
    }
    const row = ofMonth(view, 'listening_by_month');
    const told = row?.skip_share ?? null;
    const unknown = row?.coverage === null
      ? nothingInMonth(view) : `No export tells of ${monthName(view.month)}: its skips are not known.`;
    return {
      caption: `${told === null ? unknown : `${percent(told)} of the plays of ${monthName(view.month)} were skipped.`} Known for ${known.length} of ${plural(months.length, 'month')}.`,
      traces: [{
        type: 'bar', x: known.map((one) => one.month), y: known.map((one) => one.skip_share),
        width: 22 * DAY_MS, marker: { color: chosen(known, view.colours.third, view) },
        hovertemplate: '%{x|%B %Y}: %{y:.0%} skipped<extra></extra>',
      }],
      layout: {
        yaxis: { tickformat: '.0%', title: { text: 'of the plays' }, rangemode: 'tozero' },
        xaxis: monthAxis(view),
      },
      table: {
        head: ['Month', 'Skipped', 'Share', 'Plays of less than 30 seconds'],
        rows: months.map((one) => [monthName(one.month), one.skips, percent(one.skip_share), one.short_plays]),
      },
    };
  },
});
