// What kind of recordings are played: albums or singles, explicit or not, long or short. Their years
// belong to 42_taste.js.

const RELEASES = [
  { key: 'album_plays', name: 'albums' },
  { key: 'single_plays', name: 'singles' },
  { key: 'compilation_plays', name: 'compilations' },
];

function releasedOn(row) {
  return total(RELEASES, ({ key }) => row[key]);
}

// Tenths where whole percents would not make a hundred.
function releaseWords(row) {
  const parts = RELEASES.filter(({ key }) => row[key]).map(({ key, name }) => ({ name, share: row[key] / releasedOn(row) }));
  const whole = total(parts, ({ share }) => Math.round(share * 100)) === 100;
  return listed(parts.map(({ name, share }) => `${whole ? percent(share) : inTenths(share)} are from ${name}`));
}

function ofKnown(share, what) {
  return share < 1 ? ` ${what} is known of ${percent(share)} of the plays.` : '';
}

chart({
  id: 'releases',
  section: 'age',
  title: 'Albums, singles, compilations',
  needs: ['content_by_month'],
  draw(view) {
    const months = view.rows('content_by_month').filter(releasedOn);
    const row = months.find((one) => one.month === view.month);
    if (!row) return { empty: `Of no song in ${monthName(view.month)} it is known on what it was released. Polls tell it; exports do not.` };
    const colours = [view.colours.accent, view.colours.second, view.colours.third];
    const share = (one, key) => one[key] / releasedOn(one);
    return {
      traces: RELEASES.map(({ key, name }, at) => ({
        ...barsOver(view, months, {
          name, colour: colours[at], value: (one) => share(one, key), text: (one) => `${percent(share(one, key))} from ${name}`,
        }),
        marker: { color: colours[at], line: parting(view) },
      })),
      layout: overMonths(view, { tickformat: '.0%', range: [0, 1] }, {
        barmode: 'stack', showlegend: true, shapes: [monthMark(view), ...underMonths(view, months)],
      }),
      caption: inWords(
        `Of the plays of ${monthName(view.month)}, ${releaseWords(row)}.`,
        ofKnown(row.album_known_share, 'It'), underlined(months, 'so shares may differ'),
      ),
      table: {
        head: ['Month', ...RELEASES.map(({ name }) => `Plays from ${name}`), 'Known of', ''],
        rows: months.map((one) => [monthName(one.month), ...RELEASES.map(({ key }) => one[key]), percent(one.album_known_share), leastMark(one)]),
      },
    };
  },
});

chart({
  id: 'explicit',
  section: 'age',
  title: 'Explicit songs',
  needs: ['content_by_month'],
  draw(view) {
    const months = view.rows('content_by_month').filter((row) => row.explicit_share !== null);
    if (!months.length) return { empty: 'Of no song it is known whether it is explicit. Polls tell it; exports do not.' };
    const row = months.find((one) => one.month === view.month);
    const most = Math.max(...months.map((one) => one.explicit_share));
    return {
      traces: [lineOver(view, months, {
        name: 'explicit', colour: view.colours.accent, value: (one) => one.explicit_share,
        text: (one) => `${percent(one.explicit_share)} of the plays`,
      })],
      layout: overMonths(view, { tickformat: '.0%', range: [0, Math.max(most * 1.15, 0.1)] }),
      caption: (row
        ? `${percent(row.explicit_share)} of the plays of ${monthName(view.month)} are of songs that are marked explicit.${ofKnown(row.explicit_known_share, 'The mark')}`
        : `Of no song in ${monthName(view.month)} it is known whether it is explicit.`) + hollowMeans(months),
      table: {
        head: ['Month', 'Explicit', 'Known of', ''],
        rows: months.map((one) => [monthName(one.month), percent(one.explicit_share), percent(one.explicit_known_share), leastMark(one)]),
      },
    };
  },
});

const WHOLE_MINUTES = [...Array(11).keys()];

function lengthOf(at) {
  if (at === 0) return 'less than a minute';
  return at === 10 ? '10 minutes or more' : `${at} to ${at + 1} minutes`;
}

function byLength(tableRows) {
  const entries = tableRows.flatMap((row) => row.lengths);
  const all = total(entries, (entry) => entry.plays);
  return WHOLE_MINUTES.map((at) => total(entries.filter((entry) => entry.minutes === at), (entry) => entry.plays) / (all || 1));
}

chart({
  id: 'lengths',
  section: 'age',
  title: 'Length of songs',
  needs: ['content_by_month'],
  draw(view) {
    const nothing = nothingIn(view, 'content_by_month');
    if (nothing) return nothing;
    const row = ofMonth(view, 'content_by_month');
    if (row.avg_length_minutes === null) return { empty: `Of no song in ${monthName(view.month)} the length is known. Polls tell it; exports do not.` };
    const [now, ever] = [byLength([row]), byLength(view.rows('content_by_month'))];
    const told = (shares) => shares.map((one, at) => `${lengthOf(at)}: ${percent(one)} of the plays`);
    const seconds = Math.round(row.avg_length_minutes * 60);
    const middles = WHOLE_MINUTES.map((at) => at + 0.5);
    return {
      traces: [
        {
          type: 'bar', name: monthName(view.month), x: middles, y: now, marker: { color: faded(view.colours.accent, 0.75) },
          hoverinfo: 'text', hovertext: told(now),
        },
        {
          type: 'scatter', mode: 'markers', name: 'all months', x: middles, y: ever, hoverinfo: 'text', hovertext: told(ever),
          marker: { symbol: 'line-ew', size: view.narrow ? 18 : 28, line: { color: view.colours.second, width: 3 } },
        },
      ],
      layout: {
        bargap: 0.12, showlegend: true, legend: below(view, { y: -0.26 }),
        xaxis: {
          range: [-0.1, 11.1], tickvals: WHOLE_MINUTES, ticktext: WHOLE_MINUTES.map((at) => (at === 10 ? '10 +' : String(at))),
          showgrid: false, title: { text: 'minutes' },
        },
        yaxis: { tickformat: '.0%', rangemode: 'tozero', zeroline: false },
      },
      caption: `A song played in ${monthName(view.month)} is ${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')} long on average.${maybeMissing(row)}`,
      table: { head: ['Length', monthName(view.month), 'All months'], rows: WHOLE_MINUTES.map((at) => [lengthOf(at), percent(now[at]), percent(ever[at])]) },
    };
  },
});
