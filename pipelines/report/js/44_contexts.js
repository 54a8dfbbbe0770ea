// What is listened for, sessions, where plays come from. How complete it is: 46_complete.js.

chart({
  id: 'contexts',
  section: 'contexts',
  title: 'Contexts by month',
  needs: ['contexts_by_month'],
  wide: true,
  draw(view) {
    const told = view.rows('contexts_by_month');
    const present = CONTEXT_ORDER.filter((name) => told.some((row) => row.context === name));
    const months = monthsBetween(told[0].month, told.at(-1).month);
    const share = new Map(told.map((row) => [`${row.month} ${row.context}`, row.share]));
    const now = ofContexts(view);
    const known = view.rows('listening_by_month');
    // An area would slope down to a month of which nothing is known, as if there were less and less.
    const areas = months.length > 2 && months.every((month) => told.some((row) => row.month === month));
    const shape = areas
      ? (name) => ({
        type: 'scatter', mode: 'lines', stackgroup: 'one',
        line: { width: 1, color: view.colours.paper }, fillcolor: view.colours.contexts[name],
      })
      : (name) => ({ type: 'bar', width: 22 * DAY_MS, marker: { color: view.colours.contexts[name] } });
    return {
      caption: `${now.length ? `In ${monthName(view.month)}: ${listed(now.slice(0, 3).map((row) => `${percent(row.share)} ${row.context}`))}. Drawn are shares of the minutes heard; a context is what evidence makes likely.` : nothingInMonth(view)}${underlined(known, 'so shares may be off')}`,
      height: view.narrow ? 380 : 340,
      traces: present.map((name) => ({
        ...shape(name), name, x: months, y: months.map((month) => share.get(`${month} ${name}`) ?? 0),
        hovertemplate: `%{x|%B %Y}: %{y:.0%} ${name}<extra></extra>`,
      })),
      layout: {
        barmode: 'stack', showlegend: true,
        legend: view.narrow ? { y: -0.2, traceorder: 'normal' }
          : { orientation: 'v', x: 1.01, y: 1, xanchor: 'left', traceorder: 'reversed' },
        shapes: [...underMonths(view, known), ...(months.length > 2 ? markAcross(view) : [])],
        yaxis: { tickformat: '.0%', range: [0, 1], showgrid: false },
        xaxis: monthAxis(view),
      },
      table: {
        head: ['Month', 'Context', 'Share', 'Minutes', 'Sessions', 'Mean confidence', ''],
        rows: told.map((row) => [monthName(row.month), row.context, percent(row.share), row.minutes, row.sessions, row.avg_confidence, leastMark(row)]),
      },
    };
  },
});

function monthsBetween(first, last) {
  const months = [];
  for (let month = first; month <= last; month = monthAfter(month)) months.push(month);
  return months;
}

/** The contexts of the chosen month, that of most minutes first. */
function ofContexts(view) {
  return view.rows('contexts_by_month').filter((row) => row.month === view.month)
    .sort((a, b) => b.minutes - a.minutes);
}

chart({
  id: 'contexts-month',
  section: 'contexts',
  title: 'The month’s contexts',
  needs: ['contexts_by_month'],
  draw(view) {
    const now = ofContexts(view);
    if (!now.length) return { empty: nothingInMonth(view) };
    const sure = now.reduce((sum, row) => sum + row.avg_confidence * row.share, 0);
    return {
      caption: `${monthName(view.month)}: ${atLeast(duration(now[0].minutes), now[0].at_least)} of ${now[0].context} in ${plural(now[0].sessions, 'session')}. The labels are sure to ${percent(sure)} on average.${hatchedMeans(now)}`,
      height: 60 + 34 * now.length,
      traces: [{
        type: 'bar', orientation: 'h', y: now.map((row) => row.context), x: now.map((row) => row.minutes / 60),
        marker: hatched(now, now.map((row) => view.colours.contexts[row.context]), view),
        text: now.map((row) => ` ${duration(row.minutes)}, ${percent(row.share)} `),
        textposition: 'outside', cliponaxis: false,
        hovertemplate: '%{y}: %{x:,.1f} hours<extra></extra>',
      }],
      layout: {
        bargap: 0.35, yaxis: { autorange: 'reversed', type: 'category', showgrid: false, ticks: '', ticksuffix: ' ' },
        xaxis: { visible: false, range: [0, now[0].minutes / 60 * (view.narrow ? 1.75 : 1.4)] },
      },
      table: {
        head: ['Context', 'Minutes', 'Share', 'Plays', 'Sessions', 'Mean confidence'],
        rows: now.map((row) => [row.context, row.minutes, percent(row.share), row.plays, row.sessions, row.avg_confidence]),
      },
    };
  },
});

const LENGTHS = [[0, 15, '< 15 min'], [15, 30, '15–30'], [30, 60, '30–60'], [60, 120, '1–2 h'], [120, 240, '2–4 h'], [240, Infinity, '4 h +']];

/** What is usual among sessions: the median, unless there are too few to speak of one. */
function lengthsInWords(sessions) {
  const lengths = sessions.map((row) => row.minutes).sort((one, other) => one - other);
  const longest = duration(lengths.at(-1));
  if (lengths.length < 3) return `the longest had ${longest} of listening`;
  const [below, above] = [Math.floor, Math.ceil].map((round) => lengths[round((lengths.length - 1) / 2)]);
  return `${duration((below + above) / 2)} of listening in the median, ${longest} in the longest`;
}

chart({
  id: 'sessions',
  section: 'contexts',
  title: 'How long sessions last',
  needs: ['sessions'],
  draw(view) {
    const now = view.rows('sessions').filter((row) =>
      row.local_date.slice(0, 7) === view.month.slice(0, 7) && (row.mine || view.scope === 'all'));
    if (!now.length) return { empty: nothingInMonth(view) };
    const present = CONTEXT_ORDER.filter((name) => now.some((row) => row.context === name));
    const count = (name, [from, to]) =>
      now.filter((row) => row.context === name && row.minutes >= from && row.minutes < to).length;
    return {
      caption: `${plural(now.length, 'session')} began in ${monthName(view.month)}${view.scope === 'mine' ? ' and were mostly yours' : ''}: ${lengthsInWords(now)}.`,
      traces: present.map((name) => ({
        type: 'bar', name, x: LENGTHS.map((bin) => bin[2]), y: LENGTHS.map((bin) => count(name, bin)),
        marker: { color: view.colours.contexts[name], line: { color: view.colours.paper, width: 1 } },
        hovertemplate: `%{x}: %{y} of ${name}<extra></extra>`,
      })),
      layout: {
        barmode: 'stack', bargap: 0.25, showlegend: true, legend: { y: -0.16, traceorder: 'normal' },
        yaxis: { title: { text: 'sessions' }, rangemode: 'tozero', ...(now.length < 8 && { dtick: 1 }) },
        xaxis: { type: 'category', showgrid: false, ticks: '' },
      },
      table: {
        head: ['Heard', ...present, 'Together'],
        rows: LENGTHS.map((bin) => {
          const counts = present.map((name) => count(name, bin));
          return [bin[2], ...counts, counts.reduce((sum, one) => sum + one, 0)];
        }),
      },
    };
  },
});

chart({
  id: 'played-from',
  section: 'contexts',
  title: 'Played from',
  needs: ['played_from_by_month'],
  wide: true,
  draw(view) {
    const now = view.rows('played_from_by_month').filter((row) => row.month === view.month);
    if (!now.length) return { empty: nothingInMonth(view) };
    const places = now.filter((row) => row.played_from_type !== null);
    if (!places.length) {
      return { empty: `Nothing tells from where the plays of ${monthName(view.month)} were started: exports do not say it, and polls only for some plays.` };
    }
    const untold = now.filter((row) => row.played_from_type === null).reduce((sum, row) => sum + row.share, 0);
    const name = (row) => row.played_from_name ?? `${row.played_from_type} without a name`;
    return {
      caption: `${monthName(view.month)}: most came from the ${places[0].played_from_type} ${name(places[0])}, ${atLeast(duration(places[0].minutes), places[0].at_least)}.${untold ? ` For ${percent(untold)} of the minutes nothing tells it.` : ''}${hatchedMeans(places)}`,
      height: 50 + 32 * places.length,
      traces: [{
        type: 'bar', orientation: 'h', y: places.map((_, n) => n), x: places.map((row) => row.minutes / 60),
        marker: hatched(places, places.map((row) => placeColour(row, view)), view),
        text: places.map((row) => ` ${duration(row.minutes)} (${esc(row.played_from_type)}) `),
        customdata: places.map((row) => esc(name(row))),
        textposition: 'outside', cliponaxis: false,
        hovertemplate: '%{customdata}: %{x:,.1f} hours<extra></extra>',
      }],
      layout: {
        bargap: 0.35,
        yaxis: {
          autorange: 'reversed', showgrid: false, ticks: '', ticksuffix: ' ', zeroline: false,
          tickvals: places.map((_, n) => n), ticktext: places.map((row) => short(name(row), view.narrow ? 16 : 44)),
        },
        xaxis: { visible: false, range: [0, places[0].minutes / 60 * (view.narrow ? 2.4 : 1.3)] },
      },
      table: {
        head: ['Kind', 'Name', 'Minutes', 'Share', 'Plays'],
        rows: now.map((row) => [row.played_from_type ?? 'not told', row.played_from_name, row.minutes, percent(row.share), row.plays]),
      },
    };
  },
});

function placeColour(row, view) {
  const { accent, second, third, quiet } = view.colours;
  return { playlist: accent, album: second, artist: third }[row.played_from_type] ?? quiet;
}
