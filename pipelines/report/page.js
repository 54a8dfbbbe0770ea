// Built from js/ by `make js`: change it there.
"use strict";
(() => {
  // charts/layout.js
  var FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif';
  var CONFIG = {
    displayModeBar: false,
    responsive: true,
    doubleClick: false,
    showTips: false
  };
  function withDefaults(layout, height, colours) {
    const { ink, faint, grid, paper } = colours;
    const font = { family: FONT, size: 12, color: ink };
    const axis = {
      gridcolor: grid,
      linecolor: grid,
      zerolinecolor: grid,
      tickcolor: grid,
      tickfont: { color: faint },
      title: { font: { color: faint, size: 12 } },
      fixedrange: true,
      automargin: true
    };
    const base = {
      height,
      autosize: true,
      dragmode: false,
      hovermode: "closest",
      showlegend: false,
      font,
      paper_bgcolor: "rgba(0,0,0,0)",
      plot_bgcolor: "rgba(0,0,0,0)",
      separators: ".,",
      margin: { l: 8, r: 8, t: 8, b: 8 },
      legend: { orientation: "h", y: -0.15, x: 0, itemclick: false, itemdoubleclick: false },
      hoverlabel: { bgcolor: paper, bordercolor: faint, font, align: "left", namelength: -1 }
    };
    for (const key of ["xaxis", "yaxis", ...Object.keys(layout)]) {
      if (/^[xy]axis\d*$/.test(key)) base[key] = axis;
    }
    return mergedLayout(base, layout);
  }
  function mergedLayout(base, over) {
    const result = { ...base };
    for (const [key, value] of Object.entries(over)) {
      const under = base[key];
      result[key] = isObject(value) ? mergedLayout(isObject(under) ? under : {}, value) : value;
    }
    return result;
  }
  function isObject(value) {
    return typeof value === "object" && value !== null && !Array.isArray(value);
  }

  // charts/draw.js
  function draw(chart, rows2, options) {
    const view = viewOf(rows2, options);
    if (chart.needs.some((table) => !view.rows(table).length)) {
      return { empty: chart.without ?? nothingKnown(view) };
    }
    const drawing2 = chart.draw(view);
    if (drawing2.empty !== void 0) return drawing2;
    const { layout, height = 300, steps } = drawing2;
    const complete = (own) => withDefaults(own, height, options.colours);
    return {
      ...drawing2,
      height,
      layout: complete(layout),
      config: CONFIG,
      steps: steps && {
        ...steps,
        draw: (at) => {
          const step = steps.draw(at);
          return { ...step, layout: complete(step.layout) };
        }
      }
    };
  }
  function viewOf(rows2, options) {
    return {
      ...options,
      rows: (table, scope = options.scope) => rows2(table, scope),
      months: monthsOf(rows2)
    };
  }
  function monthsOf(rows2) {
    return rows2("listening_by_month", "all").map((row) => row.month);
  }
  function nothingKnown(view) {
    if (!view.months.length) return "No play is known yet. Collect some, or import an export.";
    if (view.scope === "mine" && !view.rows("listening_by_month").length) {
      return "All that was heard counts as left out. Switch to all, or label a session otherwise.";
    }
    return "The tables have nothing to show here yet.";
  }

  // data/lists.js
  function lastOf(values) {
    return values[values.length - 1];
  }

  // data/dates.js
  var DAY_MS = 864e5;
  function isoDay(days) {
    return new Date(days * DAY_MS).toISOString().slice(0, 10);
  }
  function dayNumber(day) {
    return Date.parse(`${day}T00:00Z`) / DAY_MS;
  }
  function dayAfter(day, days = 1) {
    return isoDay(dayNumber(day) + days);
  }
  function monthAfter(month, months = 1) {
    const [year2, number2] = month.split("-").map(Number);
    return new Date(Date.UTC(year2, number2 - 1 + months, 1)).toISOString().slice(0, 10);
  }
  function daysOf(month) {
    return dayNumber(monthAfter(month)) - dayNumber(month);
  }
  function monthsBetween(first, last) {
    const months = [];
    for (let month = first; month <= last; month = monthAfter(month)) months.push(month);
    return months;
  }
  function monday(day) {
    return dayAfter(day, -((dayNumber(day) + 3) % 7));
  }
  function isoInstant(minutes) {
    return `${new Date(minutes * 6e4).toISOString().slice(0, 16)}Z`;
  }
  function earliest(days) {
    return [...days].sort()[0];
  }
  function latest(days) {
    return lastOf([...days].sort());
  }

  // text/numbers.js
  var LOCALE = "en-GB";
  var NUMBERS = [];
  function number(value, decimals = 0) {
    if (value === null || value === void 0) return "–";
    NUMBERS[decimals] ??= new Intl.NumberFormat(LOCALE, { maximumFractionDigits: decimals });
    return NUMBERS[decimals].format(value);
  }
  function percent(share) {
    if (share === null || share === void 0) return "–";
    if (share > 0 && share < 5e-3) return "< 1 %";
    if (share < 1 && share >= 0.995) return "> 99 %";
    return `${Math.round(share * 100)} %`;
  }
  function inTenths(value) {
    if (value === null) return "0 %";
    return value > 0 && value < 5e-4 ? "< 0.1 %" : `${number(100 * value, 1)} %`;
  }
  function duration(minutes) {
    if (minutes === null || minutes === void 0) return "–";
    if (minutes > 0 && minutes < 0.5) return "less than a minute";
    if (minutes < 90) return plural(Math.round(minutes), "minute");
    const hours = minutes / 60;
    return hours < 10 ? `${number(hours, 1)} hours` : `${number(Math.round(hours))} hours`;
  }
  function plural(count, one, many = `${one}s`) {
    return `${number(count)} ${count === 1 ? one : many}`;
  }
  function atLeast(words, isAtLeast) {
    return isAtLeast ? `at least ${words}` : words;
  }
  function partOf(part, all, what) {
    if (all === 1) return `${part ? "" : "not "}the one ${what}`;
    return part === all ? `all ${number(all)} ${what}s` : `${part ? number(part) : "none"} of ${number(all)} ${what}s`;
  }

  // text/dates.js
  var MONTH_NAME = dateFormat({ month: "long", year: "numeric" });
  var MONTH_SHORT = dateFormat({ month: "short", year: "numeric" });
  var DAY_NAME = dateFormat({ day: "numeric", month: "long", year: "numeric" });
  var WEEKDAYS = [
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday"
  ];
  function dateFormat(parts) {
    return new Intl.DateTimeFormat(LOCALE, { timeZone: "UTC", ...parts });
  }
  function monthName(month) {
    return MONTH_NAME.format(Date.parse(month));
  }
  function monthShort(month) {
    return MONTH_SHORT.format(Date.parse(month));
  }
  function dayName(day) {
    return DAY_NAME.format(Date.parse(day));
  }
  function hourName(hour) {
    return `${String(hour % 24).padStart(2, "0")}:00`;
  }
  function clock(instant) {
    return `${dayName(instant.slice(0, 10))}, ${instant.slice(11, 16)}`;
  }

  // text/names.js
  function escaped(text) {
    return String(text ?? "").replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll("%{", "%&#123;").replaceAll("$", "&#36;").replace(/\s+/g, " ");
  }
  function shortened(text, length = 28) {
    const signs = [...text ?? ""];
    if (signs.length <= length) return escaped(text);
    const beginning = signs.slice(0, length - 1).join("");
    return escaped(`${beginning.trimEnd()}…`);
  }
  function songBy(row) {
    const song = row.track_name ?? "an unnamed song";
    return row.artist_name ? `${song} by ${row.artist_name}` : song;
  }
  function songTitle(row) {
    return row.track_name || "an unnamed song";
  }
  function artistName(row) {
    return row.artist_name || "an unnamed artist";
  }
  function songLabel(row, { narrow }) {
    if (narrow || !row.artist_name) return row.track_name ?? "an unnamed song";
    return `${row.track_name ?? "an unnamed song"} · ${row.artist_name}`;
  }

  // text/sentences.js
  function capitalized(words) {
    return words.charAt(0).toUpperCase() + words.slice(1);
  }
  function joinWords(words) {
    return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
  }
  function joinSentences(...sentences) {
    return sentences.map((one) => (one || "").trim()).filter(Boolean).join(" ");
  }

  // charts/colours.js
  var LIGHT = {
    dark: false,
    paper: "#fbfaf7",
    ink: "#1d2125",
    faint: "#5b6269",
    grid: "#e3e0d8",
    accent: "#17607a",
    second: "#a35607",
    third: "#7a4a8c",
    quiet: "#868c92",
    scale: [
      [0, "#efece4"],
      [0.25, "#bdd5da"],
      [0.5, "#74a9b6"],
      [0.75, "#2f7890"],
      [1, "#0e465a"]
    ],
    contexts: {
      sleep: "#4b4f95",
      kids: "#c07a0a",
      workout: "#bd4334",
      focus: "#2a70ae",
      party: "#a43c86",
      relaxation: "#23806d",
      everyday: "#7d848b"
    },
    series: ["#2a70ae", "#c07a0a", "#23806d", "#a43c86", "#4b4f95", "#bd4334", "#7d848b"]
  };
  var DARK = {
    dark: true,
    paper: "#15181b",
    ink: "#ebe8e1",
    faint: "#a4a9ae",
    grid: "#2c3135",
    accent: "#74bcd6",
    second: "#e6a03c",
    third: "#c79bdc",
    quiet: "#6f767c",
    scale: [
      [0, "#1f2428"],
      [0.25, "#1f4856"],
      [0.5, "#2c7389"],
      [0.75, "#5ba9c1"],
      [1, "#c0e6f0"]
    ],
    contexts: {
      sleep: "#8f94e6",
      kids: "#eeb04c",
      workout: "#f0867a",
      focus: "#6fb0ee",
      party: "#dc86c6",
      relaxation: "#5cc6b0",
      everyday: "#9ea5ac"
    },
    series: ["#6fb0ee", "#eeb04c", "#5cc6b0", "#dc86c6", "#8f94e6", "#f0867a", "#9ea5ac"]
  };
  function withOpacity(hex, alpha) {
    return `rgba(${channels(hex).join(", ")}, ${alpha})`;
  }
  function shade(hex, at, count) {
    return withOpacity(hex, count < 2 ? 1 : 0.34 + 0.66 * at / (count - 1));
  }
  function blend(colour, other, share) {
    const others = channels(other);
    const mixed = channels(colour).map((one, n) => Math.round(one * (1 - share) + others[n] * share));
    return `rgb(${mixed})`;
  }
  function channels(hex) {
    return [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
  }

  // charts/parts/cut.js
  function knownOf(view, month) {
    return view.rows("listening_by_month", "all").find((row) => row.month === month);
  }
  function isWhole(view, month) {
    return knownOf(view, month)?.whole ?? false;
  }
  function knownDaysWords(view, month = view.month) {
    const row = knownOf(view, month);
    if (!row || row.whole) return "";
    const are = row.known_days === 1 ? "is" : "are";
    return ` Of ${monthName(month)}, ${row.known_days} of ${plural(daysOf(month), "day")} ${are} known.`;
  }
  function markedIfCut(view, rows2) {
    return rows2.map((row) => ({ ...row, at_least: row.at_least || !isWhole(view, row.month) }));
  }

  // charts/parts/rows.js
  function rowOfMonth(view, table) {
    const rows2 = view.rows(table);
    return (
      /** @type {Row<T> | undefined} */
      rows2.find((row) => row.month === view.month)
    );
  }
  function emptyMonth(view) {
    return { empty: `No music is known in ${monthName(view.month)}. Choose another month.` };
  }
  function emptyMonthWords(view) {
    if (!view.month) return "";
    const all = view.rows("listening_by_month", "all").find((row) => row.month === view.month);
    if (view.scope === "mine" && all?.plays) {
      const heard = view.rows("contexts_by_month", "all").filter((row) => row.month === view.month);
      const contexts = joinWords(heard.map((row) => row.context));
      return `All that was heard in ${monthName(view.month)} was ${contexts}: switch to all plays to see it.`;
    }
    if (!all?.at_least) return `Nothing was heard in ${monthName(view.month)}.`;
    return `No play is known in ${monthName(view.month)}, but a gap is open. An export of Spotify that covers it would tell.`;
  }
  function sumOf(entries, value) {
    return entries.reduce((sum, entry) => sum + (value(entry) || 0), 0);
  }

  // charts/artists/top.js
  function artistKey(row) {
    return row.artist_id ?? row.artist_name.toLowerCase();
  }
  function topArtists(view, month, ranks) {
    return view.rows("top_artists_by_month").filter((row) => row.month === month && row.rank <= ranks);
  }
  function stayedWords(stayed, now, month, before) {
    if (now.length === 1)
      return `The one artist of ${month} was ${stayed ? "" : "not "}among ${before}.`;
    const were = stayed === 1 ? "was" : "were";
    const among = `${stayed || "none"} ${were} among ${before}${stayed ? " too" : ""}`;
    return `Of the ${now.length} most played artists of ${month}, ${among}.`;
  }
  function firstN(count) {
    return count === 1 ? "first" : `first ${count}`;
  }

  // charts/artists/flow.js
  var FLOW_ARTISTS = 8;
  var FLOW_HEIGHT = 500;
  var FLOW_PAD = 10;
  var OTHERS = null;
  function flowMonths(view) {
    const months = (view.narrow ? [-1, 0] : [-2, -1, 0]).map((away) => monthAfter(view.month, away));
    const unknown = months.findLastIndex((month) => !topArtists(view, month, 1).length);
    return months.slice(unknown + 1);
  }
  function flowNodes(view, months) {
    return months.flatMap((month, column) => [
      ...topArtists(view, month, FLOW_ARTISTS).map((row) => ({
        row,
        key: artistKey(row),
        name: artistName(row),
        column,
        month
      })),
      { key: OTHERS, name: "others", column, month }
    ]).map((node, index) => ({ ...node, index }));
  }
  function flowLinks(nodes, columns) {
    const links = [];
    const flow = (from, to, value) => {
      if (value > 0) links.push({ from, to, value, kept: from.key === to.key });
    };
    for (let column = 1; column < columns; column += 1) {
      const [before, after] = [column - 1, column].map(
        (at) => nodes.filter((node) => node.column === at)
      );
      for (const node of after) {
        const same = before.find((other) => other.key === node.key);
        if (same && node.row) flow(same, node, keptPlays(same, node));
        flow(lastOf(before), node, playsOf(node) - keptPlays(same, node));
      }
      for (const node of before) {
        const same = after.find((other) => other.key === node.key);
        flow(node, lastOf(after), playsOf(node) - keptPlays(node, same));
      }
    }
    return links;
  }
  function playsOf(node) {
    return node?.row?.plays ?? 0;
  }
  function keptPlays(before, after) {
    return Math.min(playsOf(before), playsOf(after));
  }
  function placeNodes(nodes, links, columns) {
    const through = (node, end) => sumOf(
      links.filter((link) => link[end] === node),
      (link) => link.value
    );
    const sizes = nodes.map((node) => Math.max(through(node, "from"), through(node, "to")));
    const inColumn = (column) => nodes.filter((node) => node.column === column);
    const gap = FLOW_PAD / (FLOW_HEIGHT * 0.9);
    const scale = Math.min(
      ...Array.from({ length: columns }, (_, at) => inColumn(at)).map(
        (column) => (1 - gap * (column.length - 1)) / sumOf(column, (node) => sizes[node.index])
      )
    );
    return nodes.map((node) => {
      const above = inColumn(node.column).filter((other) => other.index < node.index);
      const top2 = sumOf(above, (other) => sizes[other.index] * scale + gap);
      const inside = (value) => Math.min(Math.max(value, 1e-3), 0.999);
      return {
        x: inside(node.column / (columns - 1)),
        y: inside(top2 + sizes[node.index] * scale / 2)
      };
    });
  }
  function flowTrace(view, months) {
    const { series, quiet, ink } = view.colours;
    const all = flowNodes(view, months);
    const links = flowLinks(all, months.length);
    const nodes = all.filter((node) => links.some((link) => link.from === node || link.to === node));
    nodes.forEach((node, index) => {
      node.index = index;
    });
    const places = placeNodes(nodes, links, months.length);
    const stayed = [...new Set(links.filter((link) => link.kept).map((link) => link.from.key))];
    const colour = (node) => stayed.includes(node.key) ? series[stayed.indexOf(node.key) % series.length] : quiet;
    const about = ({ row, name, month }) => row ? `${escaped(name)}<br>${monthName(month)}: ${atLeast(plural(row.plays, "play"), row.at_least)}` : `${monthName(month)}: what artists outside of the first ${FLOW_ARTISTS} lost or gained`;
    return {
      type: "sankey",
      arrangement: "fixed",
      textfont: { color: ink, size: 12 },
      domain: { y: [0, 0.93] },
      node: {
        label: nodes.map((node) => shortened(node.name, view.narrow ? 17 : 26)),
        color: nodes.map(colour),
        x: places.map((place) => place.x),
        y: places.map((place) => place.y),
        pad: FLOW_PAD,
        thickness: 10,
        line: { width: 0 },
        customdata: nodes.map(about),
        hovertemplate: "%{customdata}<extra></extra>"
      },
      link: {
        source: links.map((link) => link.from.index),
        target: links.map((link) => link.to.index),
        value: links.map((link) => link.value),
        color: links.map(
          (link) => link.kept ? withOpacity(colour(link.to), 0.38) : withOpacity(quiet, 0.16)
        ),
        customdata: links.map(
          ({ from, to, value }) => `${escaped(from.name)} → ${escaped(to.name)}: ${plural(value, "play")}`
        ),
        hovertemplate: "%{customdata}<extra></extra>"
      }
    };
  }
  var artistFlowChart = {
    id: "artist-flow",
    title: "Artists from month to month",
    needs: ["top_artists_by_month"],
    wide: true,
    draw(view) {
      if (!rowOfMonth(view, "top_artists_by_month")) return emptyMonth(view);
      const months = flowMonths(view);
      if (months.length < 2) {
        return {
          empty: joinSentences(
            `No music is known in the month before ${monthName(view.month)},`,
            "so nobody can have come or gone since. Choose a later month."
          )
        };
      }
      const [before, now] = months.slice(-2).map((month) => topArtists(view, month, FLOW_ARTISTS));
      const stayed = now.filter(
        (row) => before.some((other) => artistKey(other) === artistKey(row))
      ).length;
      return {
        data: [flowTrace(view, months)],
        layout: {
          margin: { l: 2, r: 2, t: 4, b: 14 },
          annotations: months.map((month, at) => ({
            text: `<b>${monthName(month)}</b>`,
            showarrow: false,
            xref: "paper",
            yref: "paper",
            y: 1,
            yanchor: "top",
            x: at / (months.length - 1),
            xanchor: at === 0 ? "left" : at === months.length - 1 ? "right" : "center"
          }))
        },
        height: FLOW_HEIGHT,
        caption: joinSentences(
          stayedWords(
            stayed,
            now,
            monthName(view.month),
            `the ${firstN(before.length)} of ${monthName(months[months.length - 2])}`
          ),
          "The more plays in a month, the higher the artist’s bar;",
          "grey is what came from other artists or went to them.",
          now.some((row) => row.at_least) && "Plays may be missing.",
          ...months.map((month) => knownDaysWords(view, month))
        ),
        table: {
          head: ["Month", "Rank", "Artist", "Plays", "Rank before"],
          rows: months.flatMap(
            (month) => topArtists(view, month, FLOW_ARTISTS).map((row) => [
              monthName(month),
              row.rank,
              artistName(row),
              atLeast(number(row.plays), row.at_least),
              row.rank_before ?? "not played"
            ])
          )
        }
      };
    }
  };

  // charts/artists/moves.js
  function moveSigns(rows2) {
    const known = rows2.some((row) => row.rank_before !== null);
    return (row) => known ? moveSign(row) : "";
  }
  function moveSignsMean(rows2) {
    return rows2.some((row) => row.rank_before !== null) ? " Behind the plays: how many ranks up or down since the month before; + was not played then." : "";
  }
  function moveSign(row) {
    if (row.rank_before === null) return "+";
    const change2 = row.change ?? 0;
    if (change2 === 0) return "=";
    return change2 > 0 ? `▲ ${change2}` : `▼ ${-change2}`;
  }

  // charts/artists/race.js
  var MOST_RUNNERS = 200;
  function runnersOf(view) {
    const all = view.rows("top_artists_by_month").filter((row) => row.rank <= 10);
    const runners = new Map(all.map((row) => [artistKey(row), row]));
    const { series, paper } = view.colours;
    return {
      all: [...runners].map(([key, row], at) => ({
        key,
        name: artistName(row),
        colour: blend(series[at % series.length], paper, view.colours.dark ? 0.55 : 0.68)
      })),
      places: Math.max(...all.map((row) => row.rank)),
      most: Math.max(...all.map((row) => row.plays)),
      glide: runners.size <= MOST_RUNNERS && !view.still
    };
  }
  function raceOf(view, month, { all, places, most, glide }) {
    const top2 = new Map(topArtists(view, month, 10).map((row) => [artistKey(row), row]));
    const shown = all.map((one) => ({ ...one, row: top2.get(one.key) })).filter(({ row }) => glide || row);
    const named = (name) => shortened(name, view.narrow ? 22 : 34);
    const mark = moveSigns([...top2.values()]);
    return {
      data: [
        {
          type: "bar",
          orientation: "h",
          marker: { color: shown.map(({ colour }) => colour) },
          // Who is not among the ten waits below the picture, named already: a new text would fly in.
          y: shown.map(({ row }) => row?.rank ?? places + 3),
          x: shown.map(({ row }) => row?.plays ?? most / 10),
          text: shown.map(
            ({ row, name }) => ` ${named(name)}   ${row ? `${number(row.plays)}   ${mark(row)} ` : ""}`
          ),
          textposition: "inside",
          insidetextanchor: "start",
          constraintext: "none",
          textangle: 0,
          textfont: { color: view.colours.ink },
          insidetextfont: { color: view.colours.ink },
          hoverinfo: "text",
          hovertext: shown.map(
            ({ row }) => row ? `${escaped(artistName(row))}: ${atLeast(plural(row.plays, "play"), row.at_least)}` : ""
          )
        }
      ],
      layout: {
        bargap: 0.22,
        ...glide && { transition: { duration: 450, easing: "cubic-in-out" } },
        xaxis: { range: [0, most], visible: false },
        yaxis: {
          range: [places + 0.6, 0.4],
          tickvals: [...Array(places).keys()].map((at) => at + 1),
          showgrid: false,
          zeroline: false,
          ticks: ""
        }
      }
    };
  }
  function raceWords(view, month) {
    const now = topArtists(view, month, 10);
    if (!now.length) {
      return { caption: `No music is known in ${monthName(month)}.`, table: { head: [], rows: [] } };
    }
    const [first] = now;
    return {
      caption: joinSentences(
        `In ${monthName(month)}, ${artistName(first)} came first`,
        `with ${atLeast(plural(first.plays, "play"), first.at_least)}.`,
        moveSignsMean(now),
        knownDaysWords(view, month)
      ),
      table: {
        head: ["Rank", "Artist", "Plays", "Moved"],
        rows: now.map((row) => [
          row.rank,
          artistName(row),
          atLeast(number(row.plays), row.at_least),
          moveSign(row)
        ])
      }
    };
  }
  var artistRaceChart = {
    id: "artist-race",
    title: "The ten most played artists",
    needs: ["top_artists_by_month"],
    draw(view) {
      if (!topArtists(view, view.month, 10).length) return emptyMonth(view);
      const race = runnersOf(view);
      const step = (month) => ({ ...raceOf(view, month, race), ...raceWords(view, month) });
      const steps = {
        labels: view.months.map(monthName),
        at: view.months.indexOf(view.month),
        interval: 900,
        /** @param {number} at */
        draw: (at) => step(view.months[at])
      };
      return {
        ...step(view.month),
        // With one month there is nothing to play.
        ...view.months.length > 1 && { steps },
        height: 40 + 36 * race.places
      };
    }
  };

  // charts/parts/bars.js
  function barList(view, entries, { colour, marks = view.colours.ink, room = 1.3 }) {
    const most = Math.max(...entries.map((entry) => entry.value)) || 1;
    const places = entries.map((_, at) => at);
    return {
      height: 50 + 30 * Math.max(entries.length, 2),
      data: [
        {
          type: "bar",
          orientation: "h",
          y: places,
          x: entries.map((entry) => entry.value),
          marker: { color: entries.map((entry) => entry.colour ?? colour) },
          text: entries.map((entry) => entry.mark),
          textposition: "outside",
          cliponaxis: false,
          textfont: { color: marks },
          hoverinfo: "text",
          hovertext: entries.map((entry) => entry.text)
        }
      ],
      layout: {
        bargap: 0.4,
        xaxis: { range: [0, most * room], visible: false },
        yaxis: nameAxis(
          view,
          entries.map((entry) => entry.name)
        )
      }
    };
  }
  function nameAxis(view, names) {
    return {
      type: "linear",
      tickvals: names.map((_, at) => at),
      zeroline: false,
      showgrid: false,
      ticks: "",
      ticktext: names.map((name) => `${shortened(name, view.narrow ? 18 : 32)} `),
      tickfont: { color: view.colours.ink },
      range: [names.length - 0.4, -0.6]
    };
  }
  function barRoom(view, entries) {
    const most = Math.max(...entries.map((entry) => entry.value)) || 1;
    const width = view.narrow ? 160 : 320;
    const rooms = entries.map(
      ({ value, mark }) => value / most * (width / (width - 8 * mark.length - 8))
    );
    return Math.max(...rooms, 1.1);
  }

  // charts/parts/missing.js
  function hatched(rows2, colour, view) {
    return {
      color: colour,
      pattern: {
        shape: rows2.map((row) => row.at_least ? "/" : ""),
        // Colour is drawn as broad lines: Plotly lets each bar have its own only in those.
        fillmode: "replace",
        fgcolor: colour,
        bgcolor: view.colours.paper,
        size: 6,
        solidity: 0.72
      }
    };
  }
  function hatchedMeans(rows2, hence = "so it is at least that much") {
    return rows2.some((row) => row.at_least) ? ` Hatched: plays may be missing, ${hence}.` : "";
  }
  function hollow(rows2, colour, view, size = 6) {
    return {
      size,
      color: rows2.map((row) => row.at_least ? view.colours.paper : colour),
      line: { color: colour, width: 1.5 }
    };
  }
  function hollowMeans(rows2) {
    return rows2.some((row) => row.at_least) ? " Hollow: plays may be missing." : "";
  }
  function missingLines(rows2, key, view) {
    const after = (day) => key === "month" ? monthAfter(day) : dayAfter(day, key === "week" ? 7 : 1);
    const spans = [];
    for (const row of rows2.filter((one) => one.at_least)) {
      const from = row[key];
      const before = lastOf(spans);
      if (before?.to === from) before.to = after(from);
      else spans.push({ from, to: after(from) });
    }
    return spans.map(({ from, to }) => ({
      type: "line",
      xref: "x",
      yref: "paper",
      x0: from,
      x1: to,
      y0: 0,
      y1: 0,
      line: { color: view.colours.second, width: 3 }
    }));
  }
  function underlinedMeans(rows2, hence = "so it is at least that much") {
    return rows2.some((row) => row.at_least) ? ` Underlined: plays may be missing, ${hence}.` : "";
  }
  function missingMonths(view, rows2) {
    return missingLines(rows2, "month", view).map((line) => ({
      ...line,
      x0: dayAfter(line.x0, -15),
      x1: dayAfter(line.x1, -15)
    }));
  }
  function atLeastCell(row) {
    return row.at_least ? "at least" : "";
  }
  function missingNote(row) {
    return row.at_least ? " Plays may be missing." : "";
  }

  // charts/artists/songs.js
  var songsChart = {
    id: "songs",
    title: "The ten most played songs",
    needs: ["top_tracks_by_month"],
    draw(view) {
      const songs = view.rows("top_tracks_by_month").filter((row) => row.month === view.month);
      if (!songs.length) return emptyMonth(view);
      const mark = moveSigns(songs);
      const entries = songs.map((row) => ({
        name: songTitle(row),
        value: row.plays,
        mark: ` ${number(row.plays)}  ${mark(row)}`.trimEnd(),
        text: `${escaped(songBy(row))}<br>${atLeast(plural(row.plays, "play"), row.at_least)}, ` + duration(row.minutes)
      }));
      const [first] = songs;
      const list = barList(view, entries, {
        colour: view.colours.accent,
        room: barRoom(view, entries)
      });
      const [bars3] = list.data;
      return {
        ...list,
        data: [{ ...bars3, marker: hatched(songs, view.colours.accent, view) }],
        caption: joinSentences(
          `In ${monthName(view.month)}, ${songBy(first)} came first`,
          `with ${atLeast(plural(first.plays, "play"), first.at_least)}.`,
          moveSignsMean(songs),
          knownDaysWords(view),
          hatchedMeans(songs)
        ),
        table: {
          head: ["Rank", "Song", "Artist", "Plays", "Minutes", "Rank before", ""],
          rows: songs.map((row) => [
            row.rank,
            row.track_name,
            row.artist_name,
            row.plays,
            row.minutes,
            row.rank_before,
            atLeastCell(row)
          ])
        }
      };
    }
  };

  // charts/change/artists-half-year.js
  var FURTHER = 11.4;
  function climbLine({ row, was }, colour) {
    const inTen = was && was.rank <= 10;
    const before = was ? `rank ${was.rank}` : "below rank 30 or not played";
    return {
      type: "scatter",
      mode: "lines+markers",
      x: [0, 1],
      y: [inTen ? was.rank : FURTHER, row.rank],
      line: { color: colour, width: inTen ? 2.5 : 1, dash: inTen ? "solid" : "dot" },
      marker: { color: colour, size: 7, opacity: [inTen ? 1 : 0, 1] },
      hoverinfo: "text",
      hovertext: `${escaped(row.artist_name)}: ${before} then, ${row.rank} now`
    };
  }
  function ranksBeside(view, rows2, x) {
    return rows2.map((row) => ({
      ...beside(x, row.rank),
      text: shortened(artistName(row), view.narrow ? 14 : 26)
    }));
  }
  function beside(x, y) {
    return { x, y, xanchor: x ? "left" : "right", xshift: x ? 8 : -8, showarrow: false };
  }
  var artistsHalfYearChart = {
    id: "artists-half-year",
    title: "Artists now, and six months ago",
    needs: ["top_artists_by_month"],
    draw(view) {
      if (!rowOfMonth(view, "top_artists_by_month")) return emptyMonth(view);
      const ago = monthAfter(view.month, -6);
      const [now, then] = [topArtists(view, view.month, 10), topArtists(view, ago, 30)];
      if (!then.length) {
        const words = `No music is known in ${monthName(ago)}, six months before`;
        return { empty: `${words} ${monthName(view.month)}. Choose a later month.` };
      }
      const climbers = now.map((row) => ({
        row,
        was: then.find((one) => artistKey(one) === artistKey(row))
      }));
      const stayed = climbers.filter(({ was }) => was && was.rank <= 10);
      const { series, quiet, faint } = view.colours;
      const colour = (one) => stayed.includes(one) ? series[stayed.indexOf(one) % series.length] : quiet;
      const font = { color: faint };
      const tenThen = then.filter((row) => row.rank <= 10);
      return {
        data: climbers.map((one) => climbLine(one, colour(one))),
        layout: {
          xaxis: { range: view.narrow ? [-1.7, 2.7] : [-0.95, 1.95], visible: false },
          yaxis: { range: [12, -0.3], visible: false },
          annotations: [
            { ...beside(0, 0), text: `<b>${monthShort(ago)}</b>`, font },
            { ...beside(1, 0), text: `<b>${monthShort(view.month)}</b>`, font },
            { ...beside(0, FURTHER), text: "further down", font },
            ...ranksBeside(view, tenThen, 0),
            ...ranksBeside(view, now, 1)
          ]
        },
        height: 400,
        caption: joinSentences(
          stayedWords(
            stayed.length,
            now,
            monthName(view.month),
            `the ${firstN(Math.min(then.length, 10))} of ${monthName(ago)}`
          ),
          (now[0].at_least || then[0].at_least) && "Plays may be missing, so ranks may differ.",
          knownDaysWords(view, ago),
          knownDaysWords(view)
        ),
        table: {
          head: ["Artist", `Rank in ${monthName(view.month)}`, `Rank in ${monthName(ago)}`],
          rows: climbers.map(({ row, was }) => [
            artistName(row),
            row.rank,
            was?.rank ?? "below 30 or not played"
          ])
        }
      };
    }
  };

  // charts/parts/axes.js
  function dayAxis(days, view) {
    const [first, last] = [days[0], lastOf(days)];
    const count = dayNumber(last) - dayNumber(first) + 1;
    const pad = Math.max(1, Math.ceil(count / 200));
    return {
      type: "date",
      showgrid: false,
      nticks: view.narrow ? 4 : 9,
      tickformat: count > 270 ? "%b\n%Y" : "%-d %b\n%Y",
      range: [dayAfter(first, -pad), dayAfter(last, pad + 1)],
      ...count < 8 && { tickvals: days }
    };
  }
  function countAxis(most, title) {
    return { ...most < 8 && { dtick: 1 }, title: { text: title } };
  }
  function legendBelow(more = {}) {
    return { orientation: "h", x: 0, y: -0.2, yanchor: "top", traceorder: "normal", ...more };
  }
  function legendEntry(name, colour) {
    return { type: "bar", name, x: [null], y: [null], marker: { color: colour }, hoverinfo: "skip" };
  }

  // charts/parts/known.js
  var ENOUGH = 0.5;
  function wellKnown(rows2) {
    return rows2.filter((row) => row.known_share >= ENOUGH);
  }
  function tooLittleKnown(row, what) {
    return joinSentences(
      `${what} of ${percent(row.known_share)} of the plays of ${monthName(row.month)} is known:`,
      "too few to speak of the month. It takes half of them."
    );
  }
  function knownShareNote(row) {
    return row.known_share < 1 ? ` Known for ${percent(row.known_share)} of the month’s plays, and told of these.` : "";
  }
  function knownShareWords(share, what) {
    return share < 1 ? ` ${what} is known of ${percent(share)} of the month’s plays.` : "";
  }

  // charts/parts/months.js
  function markAcross(view) {
    const { ink, paper } = view.colours;
    const line = (color, width) => ({ ...monthMark(view), layer: "above", line: { color, width } });
    return [line(paper, 5), line(ink, 1.5)];
  }
  function monthMark(view) {
    return {
      type: "line",
      xref: "x",
      yref: "paper",
      x0: view.month,
      x1: view.month,
      y0: 0,
      y1: 1,
      line: { color: view.colours.faint, width: 1, dash: "dot" },
      layer: "below"
    };
  }
  function monthBand(view) {
    return {
      type: "rect",
      xref: "x",
      yref: "paper",
      x0: view.month,
      x1: monthAfter(view.month),
      y0: 0,
      y1: 1,
      fillcolor: view.colours.grid,
      line: { width: 0 },
      layer: "below"
    };
  }
  function monthColours(rows2, colour, view) {
    const pale = blend(colour, view.colours.paper, 0.34);
    return rows2.map((row) => row.month === view.month ? colour : pale);
  }
  function monthAxis(view, more = {}) {
    const { months } = view;
    const most = view.narrow ? 4 : 6;
    const isLong = months.length > 40;
    const januaries = months.filter((month) => month.slice(5, 7) === "01");
    const named = isLong ? thinnedOut(januaries, most * 2) : thinnedOut(months, most);
    return {
      type: "date",
      showgrid: false,
      ticks: "",
      ...more,
      range: [dayAfter(months[0], -18), dayAfter(lastOf(months), 18)],
      tickvals: named,
      ticktext: named.map(
        (month) => isLong ? month.slice(0, 4) : monthShort(month).replace(" ", "<br>")
      )
    };
  }
  function thinnedOut(values, most) {
    const step = Math.ceil(values.length / most);
    return values.filter((_, at) => (values.length - 1 - at) % step === 0);
  }
  function overMonths(view, yaxis, more = {}) {
    return {
      xaxis: monthAxis(view),
      yaxis: { rangemode: "tozero", zeroline: false, ...yaxis },
      shapes: [monthMark(view)],
      legend: legendBelow(),
      ...more
    };
  }
  function sharesOverMonths(view, rows2) {
    return overMonths(
      view,
      { tickformat: ".0%", range: [0, 1] },
      {
        barmode: "stack",
        showlegend: true,
        shapes: [monthMark(view), ...missingMonths(view, rows2)]
      }
    );
  }
  function lineOver(view, rows2, { name, value, text, colour, dash, symbol = "circle" }) {
    const byMonth = new Map(rows2.map((row) => [row.month, row]));
    const places = view.months.map((month) => byMonth.get(month) ?? null);
    const marks = places.map((row) => row ?? { at_least: false });
    return {
      type: "scatter",
      mode: "lines+markers",
      name,
      x: view.months,
      y: places.map((row) => row && value(row)),
      connectgaps: false,
      line: { color: colour, width: 2, dash },
      marker: { ...hollow(marks, colour, view, view.months.length > 48 ? 4 : 6), symbol },
      hoverinfo: "text",
      hovertext: places.map((row) => row ? `${monthName(row.month)}: ${text(row)}` : "")
    };
  }
  function barsOver(view, rows2, { name, value, text, colour }) {
    return {
      type: "bar",
      name,
      x: rows2.map((row) => row.month),
      y: rows2.map(value),
      // Without a width the bar of a history of one month would be as narrow as a millisecond.
      width: 26 * DAY_MS,
      marker: hatched(rows2, colour, view),
      hoverinfo: "text",
      hovertext: rows2.map((row) => `${monthName(row.month)}: ${text(row)}`)
    };
  }
  function stackBorder(view) {
    return { color: view.colours.paper, width: view.months.length > (view.narrow ? 24 : 48) ? 0 : 1 };
  }

  // charts/change/genres.js
  var NO_GENRES = "Of no play the genre is known. Spotify does not tell apps genres any more; fetch the reference data, as the README says, and the songs that are in it get theirs.";
  var TOO_FEW_GENRES = "The genres of less than half of the plays are known, in every month: too few to speak of one. Fetch fuller reference data.";
  function mainGenres(rows2, count) {
    const plays3 = /* @__PURE__ */ new Map();
    for (const { genre, plays: more } of rows2) plays3.set(genre, (plays3.get(genre) ?? 0) + more);
    return [...plays3].sort((one, other) => other[1] - one[1]).slice(0, count).map(([genre]) => genre);
  }
  function streamTraces(view, months, genres, shareOf2) {
    const heights = months.map((month) => sumOf(genres, (genre) => shareOf2(genre, month)));
    const bed = {
      type: "scatter",
      mode: "lines",
      stackgroup: "stream",
      x: months,
      y: heights.map((height) => 1 - height / 2),
      line: { width: 0 },
      fillcolor: "rgba(0, 0, 0, 0)",
      hoverinfo: "skip",
      showlegend: false
    };
    return [
      bed,
      ...genres.map((genre, at) => {
        const colour = view.colours.series[at];
        return {
          type: "scatter",
          mode: "lines",
          stackgroup: "stream",
          name: shortened(genre, 20),
          x: months,
          y: months.map((month) => shareOf2(genre, month)),
          hoveron: "points+fills",
          hoverinfo: "text",
          line: { color: view.colours.paper, width: 1.5 },
          fillcolor: withOpacity(colour, 0.8),
          hovertext: months.map(
            (month) => `${escaped(genre)}, ${monthName(month)}: ${percent(shareOf2(genre, month))} of the plays of a known genre`
          )
        };
      })
    ];
  }
  function barTraces(view, firsts, genres, shareOf2) {
    return genres.map((genre, at) => ({
      ...barsOver(view, firsts, {
        name: shortened(genre, 20),
        value: (row) => shareOf2(genre, row.month),
        text: (row) => `${percent(shareOf2(genre, row.month))} ${escaped(genre)}`,
        colour: view.colours.series[at]
      }),
      marker: { color: withOpacity(view.colours.series[at], 0.8), line: stackBorder(view) }
    }));
  }
  var genresChart = {
    id: "genres",
    title: "The flow of genres",
    needs: ["genres_by_month"],
    without: NO_GENRES,
    wide: true,
    draw(view) {
      const told = view.rows("genres_by_month");
      const all = wellKnown(told);
      if (!all.length) return { empty: TOO_FEW_GENRES };
      const months = view.months.filter((month) => all.some((row) => row.month === month));
      const genres = mainGenres(all, 7);
      const shares = new Map(all.map((row) => [`${row.month} ${row.genre}`, row.share]));
      const shareOf2 = (genre, month) => shares.get(`${month} ${genre}`) ?? 0;
      const firsts = all.filter((row) => row.rank === 1);
      const first = told.find((row) => row.rank === 1 && row.month === view.month);
      if (months.length < 2) return fewGenres(view, told);
      const flows = monthsBetween(months[0], lastOf(months)).length === months.length;
      return {
        data: flows ? streamTraces(view, months, genres, shareOf2) : barTraces(view, firsts, genres, shareOf2),
        layout: {
          xaxis: monthAxis(view),
          showlegend: true,
          legend: legendBelow({ y: -0.14 }),
          shapes: [...markAcross(view), ...missingMonths(view, firsts)],
          ...flows ? { yaxis: streamAxis(months, genres, shareOf2) } : { barmode: "stack", yaxis: { tickformat: ".0%", rangemode: "tozero" } }
        },
        height: 360,
        caption: joinSentences(
          genreWords(view, first),
          "The seven most played genres are drawn; a play counts for up to three.",
          flows ? "The wider, the more plays." : "The higher, the more plays.",
          months.length < view.months.length && "Months in which the genres of less than half of the plays are known are left out.",
          underlinedMeans(all, "so shares may differ")
        ),
        table: {
          head: ["Month", ...genres],
          rows: months.map((month) => [
            monthName(month),
            ...genres.map((genre) => percent(shareOf2(genre, month)))
          ])
        }
      };
    }
  };
  function streamAxis(months, genres, shareOf2) {
    const widest = Math.max(
      ...months.map((month) => sumOf(genres, (genre) => shareOf2(genre, month)))
    );
    return { visible: false, range: [1 - widest * 0.52, 1 + widest * 0.52] };
  }
  function genreWords(view, first) {
    if (!first) return `Of no play in ${monthName(view.month)} the genre is known.`;
    if (first.known_share < ENOUGH) return tooLittleKnown(first, "The genre");
    const known = first.known_share < 1 ? `of known genre; that is known for ${percent(first.known_share)} of them` : "of the month";
    return joinSentences(
      `In ${monthName(view.month)}, ${first.genre} came first,`,
      `with ${percent(first.share)} of the plays ${known}.`
    );
  }
  function fewGenres(view, all) {
    const shown = wellKnown(all).filter((row) => row.month === view.month).sort((one, other) => one.rank - other.rank).slice(0, 10);
    if (!shown.length) {
      const first = all.find((row) => row.rank === 1 && row.month === view.month);
      return { empty: `${genreWords(view, first)} Choose another month.` };
    }
    const entries = shown.map((row) => ({
      name: row.genre,
      value: row.share,
      mark: percent(row.share),
      text: `${escaped(row.genre)}: ${plural(row.plays, "play")}`
    }));
    return {
      ...barList(view, entries, { colour: view.colours.accent }),
      caption: joinSentences(genreWords(view, shown[0]), missingNote(shown[0])),
      table: {
        head: ["Genre", "Plays", "Share"],
        rows: shown.map((row) => [row.genre, row.plays, percent(row.share)])
      }
    };
  }

  // charts/change/taste-overlap.js
  function circleDistance(one, other, shared) {
    const common = (distance) => {
      if (distance >= one + other) return 0;
      if (distance <= Math.abs(one - other)) return Math.PI * Math.min(one, other) ** 2;
      const wedge = (r, s) => {
        const angle = Math.acos((distance ** 2 + r ** 2 - s ** 2) / (2 * distance * r));
        return r ** 2 * (angle - Math.sin(2 * angle) / 2);
      };
      return wedge(one, other) + wedge(other, one);
    };
    let [near, far] = [0, one + other];
    for (let halving = 0; halving < 40; halving += 1) {
      const middle = (near + far) / 2;
      if (common(middle) > shared) near = middle;
      else far = middle;
    }
    return far;
  }
  function venn(view, row, y) {
    const radius = (entries) => Math.sqrt(entries / Math.PI);
    const unit = 1 / radius(Math.max(row.short_entries, row.long_entries, 1));
    const [left, right] = [radius(row.short_entries) * unit, radius(row.long_entries) * unit];
    const distance = circleDistance(left, right, row.in_both * unit ** 2);
    const start = -(left + distance + right) / 2;
    const [x, x2] = [start + left, start + left + distance];
    const circle = (middle, r, colour) => ({
      type: "circle",
      x0: middle - r,
      x1: middle + r,
      y0: y - r,
      y1: y + r,
      fillcolor: withOpacity(colour, 0.22),
      line: { color: colour, width: 2 }
    });
    const { accent, second } = view.colours;
    const parts = [
      {
        from: start,
        to: Math.max(x2 - right, start),
        count: row.short_entries - row.in_both,
        outside: start - 0.15
      },
      {
        from: Math.max(x2 - right, start),
        to: Math.min(x + left, x2 + right),
        count: row.in_both,
        outside: 0
      },
      {
        from: Math.min(x + left, x2 + right),
        to: x2 + right,
        count: row.long_entries - row.in_both,
        outside: x2 + right + 0.15
      }
    ];
    return {
      shapes: [circle(x, left, accent), circle(x2, right, second)],
      annotations: parts.filter((part) => part.count).map((part) => ({
        // Beside the circles where its part is too thin for a number.
        x: part.to - part.from < 0.3 ? part.outside : (part.from + part.to) / 2,
        y,
        text: number(part.count),
        showarrow: false,
        font: { size: 15 }
      }))
    };
  }
  function overlapWords({ kind, in_both: both, short_entries: all }) {
    const many = both ? number(both) : "none";
    return `${many} of the ${number(all)} most played ${kind === "tracks" ? "songs" : "artists"}`;
  }
  function spotifyWords(row) {
    if (!row || row.in_both === row.short_entries) return "";
    return joinSentences(
      `Of the ${plural(row.short_entries, "song")} first in Spotify’s own list of four weeks,`,
      `${number(row.in_both)} are in its list of a year.`
    );
  }
  function yearWords(view) {
    const from = monthAfter(view.month, -11);
    const known = view.months.filter((month) => month >= from && month <= view.month).length;
    return known === 12 ? "the twelve months up to it" : `the ${known} months known up to it`;
  }
  var tasteOverlapChart = {
    id: "taste-overlap",
    title: "Now, and for long",
    needs: ["taste_overlap"],
    draw(view) {
      const all = view.rows("taste_overlap").filter((row) => row.month === view.month);
      if (view.month === view.months[0]) {
        return {
          empty: joinSentences(
            `Nothing is known before ${monthName(view.month)},`,
            "so what you like now is all that you like for long. Choose a later month."
          )
        };
      }
      const kinds = ["tracks", "artists"].map((kind) => all.find((row) => row.kind === kind && row.told_by === "plays")).filter((row) => row !== void 0);
      if (!kinds.length) return emptyMonth(view);
      const spotify = all.find((row) => row.kind === "tracks" && row.told_by === "spotify");
      const drawings = kinds.map((row, at) => venn(view, row, -at * 2.7));
      const { accent, second, ink } = view.colours;
      const titles = kinds.map((row, at) => ({
        x: 0,
        y: 1.12 - at * 2.7,
        yanchor: "bottom",
        showarrow: false,
        font: { color: ink },
        text: row.kind === "tracks" ? "<b>songs</b>" : "<b>artists</b>"
      }));
      const keyed = (name, colour) => ({
        type: "scatter",
        mode: "markers",
        x: [null],
        y: [null],
        name,
        marker: { size: 12, color: withOpacity(colour, 0.22), line: { color: colour, width: 2 } }
      });
      return {
        data: [
          keyed(`most played in ${monthShort(view.month)}`, accent),
          keyed(`in ${yearWords(view)}`, second)
        ],
        layout: {
          showlegend: true,
          legend: legendBelow({ y: 0, x: 0.5, xanchor: "center" }),
          xaxis: { range: [-2.2, 2.2], visible: false },
          yaxis: { range: [-1.15 - (kinds.length - 1) * 2.7, 1.5], visible: false, scaleanchor: "x" },
          shapes: drawings.flatMap((one) => one.shapes),
          annotations: [...titles, ...drawings.flatMap((one) => one.annotations)]
        },
        height: 90 + (view.narrow ? 190 : 210) * kinds.length,
        caption: joinSentences(
          capitalized(`${joinWords(kinds.map(overlapWords))} of ${monthName(view.month)}`),
          `are also among the most played of ${yearWords(view)}.`,
          spotifyWords(spotify),
          missingNote(kinds[0])
        ),
        table: {
          head: ["What", "Told by", "Now", "For long", "In both", "In both, of all in either"],
          rows: all.map((row) => [
            row.kind,
            row.told_by,
            row.short_entries,
            row.long_entries,
            row.in_both,
            percent(row.overlap)
          ])
        }
      };
    }
  };

  // charts/completeness/gaps.js
  var SOURCES = {
    export: "an export: complete",
    cut: "an export, of a part of the month",
    lacking: "an export, with an open gap",
    mixed: "polls and an export",
    polled: "polls alone: at least",
    scrobbled: "scrobbles alone: at least",
    lost: "nothing: an open gap",
    silent: "nothing was heard"
  };
  function sourceOf({ coverage, at_least: least, whole }) {
    if (coverage === null) return least ? "lost" : "silent";
    if (coverage === "export" && least) return "lacking";
    if (coverage === "export" && !whole) return "cut";
    return (
      /** @type {Source} */
      coverage
    );
  }
  var gapsChart = {
    id: "gaps",
    title: "What tells of each month",
    needs: ["listening_by_month"],
    wide: true,
    draw(view) {
      const months = view.rows("listening_by_month", "all");
      const gaps = view.rows("gaps");
      const open = gaps.filter((gap) => gap.closed_at === null);
      const axis = monthAxis(view);
      return {
        caption: joinSentences(coverageWords(months), gapWords(gaps, open)),
        height: 200,
        data: [...coverageTraces(months, view), ...open.length ? [gapTrace(open, view)] : []],
        layout: {
          barmode: "overlay",
          bargap: 0,
          showlegend: true,
          legend: { y: -0.42, traceorder: "normal" },
          yaxis: { visible: false, range: [0, 1.45] },
          xaxis: {
            ...axis,
            tickvals: axis.tickvals.map(middleOfMonth),
            range: [months[0].month, monthAfter(lastOf(months).month)]
          }
        },
        table: {
          head: ["Month", "Told by", "Hours of open gaps", "Days known"],
          rows: months.map((row) => [
            monthName(row.month),
            SOURCES[sourceOf(row)],
            hoursLost(open, row.month),
            `${row.known_days} of ${daysOf(row.month)}`
          ])
        }
      };
    }
  };
  function coverageTraces(months, view) {
    return (
      /** @type {Source[]} */
      Object.keys(SOURCES).flatMap((kind) => {
        const same = months.filter((row) => sourceOf(row) === kind);
        return same.length ? [coverageTrace(same, kind, view)] : [];
      })
    );
  }
  var PATTERNS = { cut: ".", lacking: "\\", mixed: "-", polled: "/", scrobbled: ".", lost: "." };
  function coverageTrace(months, kind, view) {
    const { accent, quiet, faint, grid, paper } = view.colours;
    const colours = { polled: quiet, scrobbled: quiet, lost: quiet, silent: grid };
    const colour = colours[kind] ?? accent;
    const pale = kind === "lost" || kind === "silent";
    return {
      type: "bar",
      name: SOURCES[kind],
      x: months.map((row) => middleOfMonth(row.month)),
      y: months.map(() => 1),
      width: months.map((row) => daysOf(row.month) * DAY_MS * 0.94),
      marker: {
        color: colour,
        line: { color: faint, width: pale ? 1 : 0 },
        pattern: {
          shape: PATTERNS[kind] ?? "",
          fillmode: "replace",
          fgcolor: colour,
          bgcolor: paper,
          size: 6,
          solidity: kind === "lost" ? 0.3 : 0.72
        }
      },
      customdata: months.map((row) => monthName(row.month)),
      hovertemplate: `%{customdata}: ${SOURCES[kind]}<extra></extra>`
    };
  }
  function middleOfMonth(month) {
    return dayAfter(month, daysOf(month) / 2);
  }
  function gapTrace(gaps, view) {
    const texts = gaps.map(
      (gap) => `${clock(gap.gap_start)} to ${clock(gap.gap_end)} UTC: ${plural(hoursOfGap(gap), "hour")}`
    );
    return {
      type: "scatter",
      mode: "lines+markers",
      name: "an open gap",
      x: gaps.flatMap((gap) => [gap.gap_start, gap.gap_end, null]),
      y: gaps.flatMap(() => [1.2, 1.2, null]),
      line: { color: view.colours.second, width: 4 },
      marker: {
        symbol: "line-ns",
        size: 10,
        color: view.colours.second,
        line: { color: view.colours.second, width: 2 }
      },
      text: texts.flatMap((text) => [text, text, null]),
      hovertemplate: "%{text}<extra>an open gap</extra>"
    };
  }
  function coverageWords(months) {
    const complete = months.filter((row) => !row.at_least && row.whole).length;
    const skips = months.some((row) => row.skips !== null) ? "" : " Nothing tells of skips.";
    if (complete === months.length) {
      return `All figures are complete: exports tell of every month.${skips}`;
    }
    const cut = months.filter((row) => !row.whole && !row.at_least);
    const are = complete === 1 ? "is" : "are";
    return joinSentences(
      complete ? `${complete} of ${plural(months.length, "month")} ${are} complete.` : "No month is complete.",
      months.some((row) => row.at_least) && "Where plays may be missing, figures are “at least”.",
      cut.length > 0 && `${joinWords(cut.map((row) => monthName(row.month)))} ${cut.length === 1 ? "begins or ends" : "begin or end"} in the middle of what is known.`,
      skips
    );
  }
  function gapWords(gaps, open) {
    const closed = gaps.length - open.length;
    const before = closed ? ` ${capitalized(plural(closed, "gap has", "gaps have"))} been closed since.` : "";
    if (!open.length) return `No gap is open.${before}`;
    const hours = plural(sumOf(open, hoursOfGap), "hour");
    const first = monthName(monthOf(open[0].gap_start));
    const last = monthName(monthOf(lastOf(open).gap_end));
    const where = first === last ? `in ${first}` : `from ${first} to ${last}`;
    return joinSentences(
      open.length === 1 ? "One gap is open," : `${number(open.length)} gaps are open,`,
      `${hours} ${where}: what was heard then is not known.`,
      `Import an export to close ${open.length === 1 ? "it" : "them"}.`,
      before
    );
  }
  function monthOf(instant) {
    return `${instant.slice(0, 7)}-01`;
  }
  function hoursOfGap(gap) {
    return Math.max(1, hoursBetween(gap.gap_start, gap.gap_end));
  }
  function hoursLost(gaps, month) {
    const end = `${monthAfter(month)}T00:00Z`;
    const lost = gaps.map(
      ({ gap_start: from, gap_end: to }) => Math.max(0, hoursBetween(from < month ? `${month}T00:00Z` : from, to < end ? to : end))
    );
    return sumOf(lost, (hours) => hours) || "";
  }
  function hoursBetween(from, to) {
    return Math.round((Date.parse(to) - Date.parse(from)) / 36e5);
  }

  // charts/contexts/contexts-month.js
  var contextsMonthChart = {
    id: "contexts-month",
    title: "The month’s contexts",
    needs: ["contexts_by_month"],
    draw(view) {
      const now = contextsOfMonth(view);
      if (!now.length) return { empty: emptyMonthWords(view) };
      const [first] = now;
      const sure = sumOf(now, (row) => row.avg_confidence * row.share);
      const colours = now.map((row) => view.colours.contexts[row.context]);
      return {
        caption: joinSentences(
          `${first.share > 0.5 ? "Most" : "The largest part"} of ${monthName(view.month)} was`,
          `${first.context}:`,
          `${atLeast(duration(first.minutes), first.at_least)},`,
          `with ${plural(first.sessions, "session")} of that context.`,
          `The labels of the month’s minutes have a confidence of ${percent(sure)} on average.`,
          hatchedMeans(now)
        ),
        height: 60 + 34 * now.length,
        data: [
          {
            type: "bar",
            orientation: "h",
            y: now.map((row) => row.context),
            x: now.map((row) => row.minutes / 60),
            marker: hatched(now, colours, view),
            text: now.map((row) => ` ${duration(row.minutes)}, ${percent(row.share)} `),
            textposition: "outside",
            cliponaxis: false,
            hovertemplate: "%{y}: %{x:,.1f} hours<extra></extra>"
          }
        ],
        layout: {
          bargap: 0.35,
          yaxis: {
            autorange: "reversed",
            type: "category",
            showgrid: false,
            ticks: "",
            ticksuffix: " "
          },
          xaxis: { visible: false, range: [0, first.minutes / 60 * (view.narrow ? 1.75 : 1.4)] }
        },
        table: {
          head: ["Context", "Minutes", "Share", "Plays", "Sessions", "Mean confidence"],
          rows: now.map((row) => [
            row.context,
            row.minutes,
            percent(row.share),
            row.plays,
            row.sessions,
            row.avg_confidence
          ])
        }
      };
    }
  };
  function contextsOfMonth(view) {
    return view.rows("contexts_by_month").filter((row) => row.month === view.month).sort((a, b) => b.minutes - a.minutes);
  }

  // charts/contexts/order.js
  var CONTEXT_ORDER = [
    "everyday",
    "focus",
    "relaxation",
    "party",
    "workout",
    "kids",
    "sleep"
  ];

  // charts/contexts/contexts.js
  var contextsChart = {
    id: "contexts",
    title: "Contexts by month",
    needs: ["contexts_by_month"],
    wide: true,
    draw(view) {
      const all = view.rows("contexts_by_month");
      const present = CONTEXT_ORDER.filter((name) => all.some((row) => row.context === name));
      const months = monthsBetween(all[0].month, lastOf(all).month);
      const share = new Map(all.map((row) => [`${row.month} ${row.context}`, row.share]));
      const now = contextsOfMonth(view);
      const shares = now.slice(0, 3).map((row) => `${percent(row.share)} ${row.context}`);
      const known = view.rows("listening_by_month");
      const areas = months.length > 2 && months.every((month) => all.some((row) => row.month === month));
      const area = (name) => ({
        type: "scatter",
        mode: "lines",
        stackgroup: "one",
        line: { width: 1, color: view.colours.paper },
        fillcolor: view.colours.contexts[name]
      });
      const bars3 = (name) => ({
        type: "bar",
        width: 22 * DAY_MS,
        marker: { color: view.colours.contexts[name] }
      });
      return {
        caption: joinSentences(
          ...now.length ? [
            `Of the minutes heard in ${monthName(view.month)}: ${joinWords(shares)}.`,
            "A context is what evidence makes likely."
          ] : [emptyMonthWords(view)],
          underlinedMeans(known, "so shares may be off")
        ),
        height: view.narrow ? 380 : 340,
        data: present.map((name) => ({
          ...areas ? area(name) : bars3(name),
          name,
          x: months,
          y: months.map((month) => share.get(`${month} ${name}`) ?? 0),
          hovertemplate: `%{x|%B %Y}: %{y:.0%} ${name}<extra></extra>`
        })),
        layout: {
          barmode: "stack",
          showlegend: true,
          legend: view.narrow ? { y: -0.2, traceorder: "normal" } : { orientation: "v", x: 1.01, y: 1, xanchor: "left", traceorder: "reversed" },
          shapes: [...missingMonths(view, known), ...months.length > 2 ? markAcross(view) : []],
          yaxis: { tickformat: ".0%", range: [0, 1], showgrid: false },
          xaxis: monthAxis(view)
        },
        table: {
          head: ["Month", "Context", "Share", "Minutes", "Sessions", "Mean confidence", ""],
          rows: all.map((row) => [
            monthName(row.month),
            row.context,
            percent(row.share),
            row.minutes,
            row.sessions,
            row.avg_confidence,
            atLeastCell(row)
          ])
        }
      };
    }
  };

  // charts/contexts/played-from.js
  var playedFromChart = {
    id: "played-from",
    title: "Played from",
    needs: ["played_from_by_month"],
    wide: true,
    draw(view) {
      const now = view.rows("played_from_by_month").filter((row) => row.month === view.month);
      if (!now.length) return { empty: emptyMonthWords(view) };
      const places = now.filter((row) => row.played_from_type !== null);
      if (!places.length) {
        return {
          empty: joinSentences(
            `Nothing tells from where the plays of ${monthName(view.month)} were started:`,
            "exports do not say it, and polls only for some plays."
          )
        };
      }
      const [first] = places;
      const unknown = sumOf(
        now.filter((row) => row.played_from_type === null),
        (row) => row.share
      );
      const colours = places.map((row) => placeColour(row, view));
      return {
        caption: joinSentences(
          `${monthName(view.month)}: most came from the ${first.played_from_type} ${placeName(first)},`,
          `${atLeast(duration(first.minutes), first.at_least)}.`,
          unknown > 0 && `For ${percent(unknown)} of the minutes nothing tells it.`,
          hatchedMeans(places)
        ),
        height: 50 + 32 * places.length,
        data: [
          {
            type: "bar",
            orientation: "h",
            y: places.map((_, n) => n),
            x: places.map((row) => row.minutes / 60),
            marker: hatched(places, colours, view),
            text: places.map(
              (row) => ` ${duration(row.minutes)} (${escaped(row.played_from_type)}) `
            ),
            customdata: places.map((row) => escaped(placeName(row))),
            textposition: "outside",
            cliponaxis: false,
            hovertemplate: "%{customdata}: %{x:,.1f} hours<extra></extra>"
          }
        ],
        layout: {
          bargap: 0.35,
          yaxis: {
            autorange: "reversed",
            showgrid: false,
            ticks: "",
            ticksuffix: " ",
            zeroline: false,
            tickvals: places.map((_, n) => n),
            ticktext: places.map((row) => shortened(placeName(row), view.narrow ? 16 : 44))
          },
          xaxis: { visible: false, range: [0, first.minutes / 60 * (view.narrow ? 2.4 : 1.3)] }
        },
        table: {
          head: ["Kind", "Name", "Minutes", "Share", "Plays"],
          rows: now.map((row) => [
            row.played_from_type ?? "not told",
            row.played_from_name,
            row.minutes,
            percent(row.share),
            row.plays
          ])
        }
      };
    }
  };
  function placeName(row) {
    return row.played_from_name ?? `${row.played_from_type} without a name`;
  }
  function placeColour(row, view) {
    const { accent, second, third, quiet } = view.colours;
    const colours = { playlist: accent, album: second, artist: third };
    return colours[row.played_from_type ?? ""] ?? quiet;
  }

  // charts/contexts/sessions.js
  var LENGTHS = [
    [0, 15, "< 15 min"],
    [15, 30, "15–30"],
    [30, 60, "30–60"],
    [60, 120, "1–2 h"],
    [120, 240, "2–4 h"],
    [240, Infinity, "4 h +"]
  ];
  function lengthsInWords(sessions) {
    const lengths = sessions.map((row) => row.minutes).sort((one, other) => one - other);
    const longest = duration(lastOf(lengths));
    if (lengths.length < 3) return `the longest had ${longest} of listening`;
    const [below, above] = [Math.floor, Math.ceil].map(
      (round) => lengths[round((lengths.length - 1) / 2)]
    );
    return `${duration((below + above) / 2)} of listening in the median, ${longest} in the longest`;
  }
  var sessionsChart = {
    id: "sessions",
    title: "How long sessions last",
    needs: ["sessions"],
    draw(view) {
      const now = view.rows("sessions").filter(
        (row) => row.local_date.slice(0, 7) === view.month.slice(0, 7) && (row.mine || view.scope === "all")
      );
      if (!now.length) return { empty: emptyMonthWords(view) };
      const when = monthName(view.month) + (view.scope === "mine" ? " and were mostly yours" : "");
      const present = CONTEXT_ORDER.filter((name) => now.some((row) => row.context === name));
      const count = (name, [from, to]) => now.filter((row) => row.context === name && row.minutes >= from && row.minutes < to).length;
      return {
        caption: `${plural(now.length, "session")} began in ${when}: ${lengthsInWords(now)}.`,
        data: present.map((name) => ({
          type: "bar",
          name,
          x: LENGTHS.map((bin) => bin[2]),
          y: LENGTHS.map((bin) => count(name, bin)),
          marker: {
            color: view.colours.contexts[name],
            line: { color: view.colours.paper, width: 1 }
          },
          hovertemplate: `%{x}: %{y} of ${name}<extra></extra>`
        })),
        layout: {
          barmode: "stack",
          bargap: 0.25,
          showlegend: true,
          legend: { y: -0.16, traceorder: "normal" },
          yaxis: {
            title: { text: "sessions" },
            rangemode: "tozero",
            ...now.length < 8 && { dtick: 1 }
          },
          xaxis: { type: "category", showgrid: false, ticks: "" }
        },
        table: {
          head: ["Heard", ...present, "Together"],
          rows: LENGTHS.map((bin) => {
            const counts = present.map((name) => count(name, bin));
            return [bin[2], ...counts, sumOf(counts, (one) => one)];
          })
        }
      };
    }
  };

  // charts/listening/calendar.js
  var calendarChart = {
    id: "calendar",
    title: "Day by day",
    needs: ["listening_by_day"],
    wide: true,
    draw(view) {
      const days = daysUpTo(view, view.narrow ? 6 : 12);
      if (!days.some((row) => row.minutes > 0)) return { empty: emptyMonthWords(view) };
      const most = days.reduce((best, row) => row.minutes > best.minutes ? row : best);
      const silent = days.filter((row) => row.minutes === 0 && row.known).length;
      const unknown = days.filter(isSilentUnknown).length;
      const least = days.some((row) => row.at_least) ? ", as far as is known" : "";
      return {
        caption: joinSentences(
          `Of the ${plural(days.length, "day")} up to ${dayName(lastOf(days).day)}`,
          `the fullest was ${dayName(most.day)},`,
          `with ${atLeast(duration(most.minutes), most.at_least)};`,
          silent ? `on ${plural(silent, "day")} nothing was heard${least}.` : "on every day that is known something was heard.",
          unknown > 0 && `Of ${plural(unknown, "day")} nothing is known.`,
          underlinedMeans(days),
          unknown > 0 && "A dot: nothing is known."
        ),
        height: 220,
        data: [calendarTrace(days, view)],
        layout: {
          shapes: missingWeeks(days, view),
          yaxis: { autorange: "reversed", type: "category", showgrid: false, ticks: "" },
          xaxis: { type: "date", showgrid: false, ticks: "", ...namedWeeks(days) }
        },
        table: {
          head: ["Day", "Minutes", "Plays", "Streak in days", ""],
          rows: days.map((row) => [row.day, row.minutes, row.plays, row.streak, atLeastCell(row)])
        }
      };
    }
  };
  function daysUpTo(view, months) {
    const [from, to] = [monthAfter(view.month, 1 - months), monthAfter(view.month)];
    return view.rows("listening_by_day").filter((row) => row.day >= from && row.day < to);
  }
  function isSilentUnknown(row) {
    return !row.known && row.minutes === 0;
  }
  function namedWeeks(days) {
    const firsts = days.filter((row, n) => n === 0 || row.day.endsWith("-01")).map((row) => row.day);
    const named = firsts.filter(
      (day, n) => n > 0 || !firsts[1] || dayNumber(firsts[1]) - dayNumber(day) > 20
    );
    const year2 = (day, n) => n === 0 || day.slice(5, 7) === "01" ? `<br>${day.slice(0, 4)}` : "";
    return {
      tickvals: named.map(monday),
      ticktext: named.map((day, n) => `${monthShort(day).split(" ")[0]}${year2(day, n)}`)
    };
  }
  function missingWeeks(days, view) {
    const weeks = days.map((row) => ({ week: monday(row.day), at_least: row.at_least }));
    const touched = weeks.filter((row) => row.at_least);
    const once = touched.filter((row, n) => row.week !== touched[n - 1]?.week);
    const half = (week) => `${dayAfter(week, -4)} 12:00`;
    return missingLines(once, "week", view).map((line) => ({
      ...line,
      x0: half(line.x0),
      x1: half(line.x1)
    }));
  }
  function calendarTrace(days, view) {
    const last = monday(lastOf(days).day);
    const known = (dayNumber(last) - dayNumber(monday(days[0].day))) / 7 + 1;
    const count = Math.max(known, view.narrow ? 13 : 26);
    const weeks = Array.from({ length: count }, (_, n) => dayAfter(last, 7 * (n + 1 - count)));
    const place = new Map(weeks.map((week, n) => [week, n]));
    const grid = (value, none) => {
      const cells = WEEKDAYS.map(() => Array(weeks.length).fill(none));
      for (const row of days) {
        const week = place.get(monday(row.day)) ?? 0;
        cells[(dayNumber(row.day) + 3) % 7][week] = value(row);
      }
      return cells;
    };
    const heard = (row) => isSilentUnknown(row) ? "nothing is known" : atLeast(duration(row.minutes), row.at_least);
    return {
      type: "heatmap",
      x: weeks,
      y: WEEKDAYS.map((name) => name.slice(0, 3)),
      z: grid((row) => row.minutes, null),
      zmin: 0,
      hoverongaps: false,
      customdata: grid((row) => `${dayName(row.day)}<br>${heard(row)}`, null),
      text: grid((row) => isSilentUnknown(row) ? "·" : "", ""),
      texttemplate: "%{text}",
      textfont: { color: view.colours.faint, size: 14 },
      colorscale: view.colours.scale,
      showscale: false,
      xgap: 2,
      ygap: 2,
      hovertemplate: "%{customdata}<extra></extra>"
    };
  }

  // charts/listening/days.js
  var WINDOW = 28;
  var daysChart = {
    id: "days",
    title: "Minutes a day",
    needs: ["listening_by_day"],
    wide: true,
    draw(view) {
      const days = view.rows("listening_by_day");
      const minutes = days.map((row) => row.minutes);
      const mean2 = trailingMean(days);
      const last = lastOf(mean2);
      const lately = days.slice(-WINDOW);
      const known = lately.filter((row) => row.known);
      const isLeast = known.some((row) => row.at_least);
      const which = known.length === WINDOW ? `the ${WINDOW} days up to ${dayName(lastOf(days).day)}` : `those ${known.length} of the ${WINDOW} days up to ${dayName(lastOf(days).day)} that are known`;
      return {
        caption: joinSentences(
          last === null ? `Of the last ${WINDOW} days, ${known.length} are known: too few for a mean.` : `The mean of ${which} is ${atLeast(`${duration(last)} a day`, isLeast)}.`,
          days.some((row) => !row.known) && "Days that an open gap touches are in no mean; there is no line where they are more than half.",
          underlinedMeans(days)
        ),
        height: 280,
        data: [
          {
            type: "bar",
            name: "a day",
            x: days.map((row) => row.day),
            y: minutes,
            marker: { color: view.colours.quiet, line: { width: 0 } },
            width: DAY_MS,
            offset: 0,
            hovertemplate: "%{x|%-d %B %Y}: %{y:,.0f} minutes<extra></extra>"
          },
          {
            type: "scatter",
            mode: "lines",
            name: "mean of the 28 days up to it",
            connectgaps: false,
            x: days.map((row) => row.day),
            y: mean2,
            line: { color: view.colours.accent, width: 2.5 },
            hovertemplate: "%{x|%-d %B %Y}: %{y:,.0f} minutes a day<extra></extra>"
          }
        ],
        layout: {
          bargap: 0,
          showlegend: true,
          legend: { y: 1.12, traceorder: "normal" },
          shapes: [...missingLines(days, "day", view), monthBand(view)],
          yaxis: { title: { text: "minutes" }, rangemode: "tozero" },
          xaxis: dayAxis(
            days.map((row) => row.day),
            view
          )
        },
        table: {
          head: ["Day", "Minutes", "Mean of 28 days", ""],
          rows: days.map((row, n) => [row.day, row.minutes, mean2[n], atLeastCell(row)])
        }
      };
    }
  };
  function trailingMean(days) {
    let [sum, count] = [0, 0];
    const add = (row, sign) => {
      if (!row?.known) return;
      sum += sign * row.minutes;
      count += sign;
    };
    return days.map((row, n) => {
      add(row, 1);
      add(days[n - WINDOW], -1);
      return n + 1 < WINDOW || !row.known || count * 2 < WINDOW ? null : sum / count;
    });
  }

  // charts/listening/hours.js
  var HOURS = [...Array(24).keys()];
  function periodWords(months) {
    if (months.length < 2) return months.length ? `In ${monthName(months[0])}` : "Over all months";
    return `From ${monthName(months[0])} to ${monthName(lastOf(months))}`;
  }
  var hoursChart = {
    id: "hours",
    title: "Hours of the week",
    needs: ["listening_by_hour"],
    wide: true,
    draw(view) {
      const hours = view.rows("listening_by_hour");
      const most = hours.reduce((best, row) => row.minutes > best.minutes ? row : best);
      const minutes = WEEKDAYS.map(() => Array(24).fill(0));
      for (const row of hours) minutes[row.weekday][row.hour] = row.minutes;
      return {
        caption: joinSentences(
          periodWords(view.months),
          `you heard most on ${WEEKDAYS[most.weekday]}s`,
          `from ${hourName(most.hour)} to ${hourName(most.hour + 1)}:`,
          `${percent(most.share)} of all minutes.`,
          `${view.colours.dark ? "Light" : "Dark"} is much; a play counts in the hour in which it ended.`,
          hours.some((row) => row.at_least) && "Plays may be missing."
        ),
        height: 280,
        data: [
          {
            type: "heatmap",
            x: HOURS,
            y: WEEKDAYS.map((name) => name.slice(0, 3)),
            z: minutes,
            colorscale: view.colours.scale,
            zmin: 0,
            showscale: false,
            xgap: 2,
            ygap: 2,
            hovertemplate: "%{y}, %{x}:00 to %{x}:59<br>%{z:,.0f} minutes<extra></extra>"
          }
        ],
        layout: {
          yaxis: { autorange: "reversed", type: "category", showgrid: false, ticks: "" },
          xaxis: {
            showgrid: false,
            ticks: "",
            tickvals: HOURS.filter((hour) => hour % 3 === 0),
            ticktext: HOURS.filter((hour) => hour % 3 === 0).map(hourName)
          }
        },
        table: {
          head: ["Weekday", "Hour", "Minutes", "Plays", ""],
          rows: hours.map((row) => [
            WEEKDAYS[row.weekday],
            row.hour,
            row.minutes,
            row.plays,
            atLeastCell(row)
          ])
        }
      };
    }
  };

  // charts/listening/months.js
  var monthsChart = {
    id: "months",
    title: "Month by month",
    needs: ["listening_by_month"],
    draw(view) {
      const months = view.rows("listening_by_month");
      const row = rowOfMonth(view, "listening_by_month");
      const marked = markedIfCut(view, months);
      const hasSpoken = months.some((one) => one.spoken_minutes > 0);
      const inMinutes2 = Math.max(...months.map((one) => one.minutes)) < 180;
      const unit = inMinutes2 ? "minutes" : "hours";
      const part = (name, colour, minutes) => ({
        type: "bar",
        name,
        x: months.map((one) => one.month),
        y: months.map((one) => minutes(one) / (inMinutes2 ? 1 : 60)),
        width: 22 * DAY_MS,
        marker: hatched(marked, monthColours(months, colour, view), view),
        hovertemplate: `%{x|%B %Y}: %{y:,.0f} ${unit}<extra>${name}</extra>`
      });
      return {
        caption: joinSentences(
          row ? minutesInWords(row) : emptyMonthWords(view),
          row && row.minutes > 0 && knownDaysWords(view),
          marked.some((one) => one.at_least) && "Hatched: plays may be missing, or not all days are known, so it is at least that much."
        ),
        data: [
          part("music", view.colours.accent, (one) => one.minutes - one.spoken_minutes),
          ...hasSpoken ? [part("podcasts and audiobooks", view.colours.second, (one) => one.spoken_minutes)] : []
        ],
        layout: {
          barmode: "stack",
          showlegend: hasSpoken,
          legend: { y: 1.15, traceorder: "normal" },
          yaxis: { title: { text: unit } },
          xaxis: monthAxis(view)
        },
        table: {
          head: ["Month", "Minutes", "Spoken minutes", "Plays", "Minutes a day", "", "Days known"],
          rows: months.map((one) => [
            monthName(one.month),
            one.minutes,
            one.spoken_minutes,
            one.plays,
            one.minutes_per_day,
            atLeastCell(one),
            one.known_days
          ])
        }
      };
    }
  };
  function minutesInWords(row) {
    const minutes = atLeast(duration(row.minutes), row.at_least);
    const spoken = row.spoken_minutes ? `, ${duration(row.spoken_minutes)} of them spoken` : "";
    return capitalized(`${minutes} in ${monthName(row.month)}${spoken}.`);
  }

  // charts/listening/skips.js
  var skipsChart = {
    id: "skips",
    title: "Skips",
    needs: ["listening_by_month"],
    draw(view) {
      const months = view.rows("listening_by_month");
      const known = months.filter((row2) => row2.skip_share !== null);
      if (!known.length) {
        return {
          empty: joinSentences(
            "Only Spotify’s export tells what was skipped.",
            "Ask Spotify for your extended streaming history, and import it when it comes."
          )
        };
      }
      const row = rowOfMonth(view, "listening_by_month");
      const share = row?.skip_share ?? null;
      const unknown = row?.coverage === null ? emptyMonthWords(view) : `No export tells of ${monthName(view.month)}: its skips are not known.`;
      return {
        caption: joinSentences(
          share === null ? unknown : `Of the plays of music in ${monthName(view.month)} of which an export tells, ${percent(share)} were skipped.`,
          `Skips are known for ${known.length} of ${plural(months.length, "month")}.`
        ),
        data: [
          {
            type: "bar",
            x: known.map((one) => one.month),
            y: known.map((one) => one.skip_share),
            width: 22 * DAY_MS,
            marker: { color: monthColours(known, view.colours.third, view) },
            hovertemplate: "%{x|%B %Y}: %{y:.0%} skipped<extra></extra>"
          }
        ],
        layout: {
          yaxis: { tickformat: ".0%", title: { text: "of the plays" }, rangemode: "tozero" },
          xaxis: monthAxis(view)
        },
        table: {
          head: ["Month", "Skipped", "Share", "Plays of less than 30 seconds"],
          rows: months.map((one) => [
            monthName(one.month),
            one.skips,
            percent(one.skip_share),
            one.short_plays
          ])
        }
      };
    }
  };

  // charts/playlists/chosen.js
  function playlistsInOrder(rows2) {
    return withSongs(rows2("playlist_summary", "all"), rows2("playlist_weights", "all"));
  }
  function chosenPlaylist(view) {
    const all = withSongs(view.rows("playlist_summary"), view.rows("playlist_weights"));
    return all.find((one) => one.playlist_id === view.playlist) ?? all[0];
  }
  function withSongs(playlists, songs) {
    const known = new Set(songs.map((row) => row.playlist_id));
    return playlists.filter((one) => known.has(one.playlist_id)).sort((one, other) => one.rank - other.rank);
  }
  function playlistName(playlist) {
    return playlist?.name || "a playlist without a name";
  }
  function quoted(playlist) {
    return playlist.name ? `“${playlist.name}”` : "the playlist without a name";
  }
  function optionName(playlist) {
    return `${playlistName(playlist)} (${number(playlist.items)})`;
  }
  function rowsOfPlaylist(rows2, playlist) {
    return rows2.filter((row) => row.playlist_id === playlist.playlist_id);
  }
  function ofPlaylist(draw2) {
    return (view) => {
      const playlist = chosenPlaylist(view);
      return playlist ? draw2(view, playlist) : { empty: "No playlist with a song in it was read yet." };
    };
  }

  // charts/playlists/dna.js
  var UNKNOWN = "The genre and the sound of too few songs in this playlist are known. Fetch the reference data, as the README says, and the songs that are in it get theirs.";
  var MANY = 100;
  function aspectOf(view, playlist, aspect) {
    return rowsOfPlaylist(view.rows("playlist_dna"), playlist).filter((row) => row.aspect === aspect).sort((one, other) => one.rank - other.rank);
  }
  function isEnough(playlist, coverage) {
    return coverage >= ENOUGH || coverage * playlist.songs >= MANY;
  }
  function coverageWords2(row, what) {
    return row.items_coverage < 1 ? `${what} is known for ${percent(row.items_coverage)} of its items, and told of these.` : "";
  }
  var SHARES_HEAD = ["Items", "Of the items", "Different songs", "Of the songs"];
  function sharesCells(row) {
    return [row.items, percent(row.items_share), row.songs, percent(row.songs_share)];
  }

  // charts/playlists/artists.js
  var playlistArtistsChart = {
    id: "playlist-artists",
    title: "Its artists",
    needs: ["playlist_summary"],
    draw: ofPlaylist((view, playlist) => {
      const artists = aspectOf(view, playlist, "artist").slice(0, 10);
      const [first] = artists;
      if (!first) return { empty: "The artist of no song in this playlist is known." };
      const entries = artists.map((row) => ({
        name: row.value,
        value: row.items,
        mark: ` ${number(row.items)} `,
        text: `${escaped(row.value)}: ${plural(row.items, "item")}, ${plural(row.songs, "song")}`
      }));
      return {
        ...barList(view, entries, { colour: view.colours.accent, room: barRoom(view, entries) }),
        caption: joinSentences(
          `${plural(first.values, "artist")} come first in the songs of ${quoted(playlist)};`,
          `${first.value} most often: ${plural(first.items, "item")} of ${plural(first.songs, "song")},`,
          `${percent(first.items_share)} of all.`,
          coverageWords2(first, "The artist")
        ),
        table: {
          head: ["Artist", ...SHARES_HEAD],
          rows: artists.map((row) => [row.value, ...sharesCells(row)])
        }
      };
    })
  };

  // charts/playlists/decades.js
  var playlistDecadesChart = {
    id: "playlist-decades",
    title: "Its decades",
    needs: ["playlist_summary"],
    draw: ofPlaylist((view, playlist) => {
      const rows2 = aspectOf(view, playlist, "decade");
      const [most] = rows2;
      if (!most || !isEnough(playlist, most.songs_coverage)) {
        return { empty: "The year of release of too few songs in this playlist is known." };
      }
      const decades = [...rows2].sort((one, other) => Number(one.value) - Number(other.value));
      const year2 = aspectOf(view, playlist, "average").find((row) => row.value === "release_year");
      return {
        data: [
          {
            type: "bar",
            x: decades.map((row) => `${row.value}s`),
            y: decades.map((row) => row.items_share),
            marker: { color: view.colours.accent },
            text: decades.map((row) => percent(row.items_share)),
            textposition: "outside",
            textangle: 0,
            cliponaxis: false,
            textfont: { size: view.narrow ? 10 : 11 },
            hoverinfo: "text",
            hovertext: decades.map(
              (row) => `${row.value}s: ${plural(row.items, "item")}, ${plural(row.songs, "song")}`
            )
          }
        ],
        layout: {
          bargap: 0.3,
          xaxis: { type: "category", showgrid: false, ticks: "", tickangle: view.narrow ? -60 : 0 },
          yaxis: { visible: false, rangemode: "tozero" }
        },
        caption: joinSentences(
          `${percent(most.items_share)} of the items in ${quoted(playlist)} are of songs from the ${most.value}s.`,
          year2 !== void 0 && year2.items_mean !== null && `The mean year is ${Math.round(year2.items_mean)}.`,
          coverageWords2(most, "The year")
        ),
        table: {
          head: ["Decade", ...SHARES_HEAD],
          rows: decades.map((row) => [`${row.value}s`, ...sharesCells(row)])
        }
      };
    })
  };

  // charts/playlists/duplicates.js
  var KINDS = [
    { key: "same_id", name: "same id", colour: "accent" },
    { key: "same_isrc", name: "same ISRC, other id", colour: "third" },
    { key: "probable", name: "probable, by name", colour: "quiet" }
  ];
  var duplicatesChart = {
    id: "playlist-duplicates",
    title: "Duplicates",
    needs: ["playlist_summary"],
    draw: ofPlaylist((view, playlist) => {
      const counts = KINDS.map(({ key }) => playlist[key]);
      if (!counts.some(Boolean)) {
        return {
          empty: `No song stands in ${quoted(playlist)} twice, by its id, its ISRC or its name.`
        };
      }
      const entries = KINDS.map(({ key, name, colour }) => ({
        name,
        value: playlist[key],
        mark: ` ${number(playlist[key])} `,
        text: `${plural(playlist[key], "item")} too many: ${name}`,
        colour: view.colours[colour]
      }));
      const rows2 = rowsOfPlaylist(view.rows("playlist_duplicates"), playlist).sort(
        (one, other) => one.group_id - other.group_id || one.position - other.position
      );
      return {
        ...barList(view, entries, { colour: view.colours.accent, room: barRoom(view, entries) }),
        caption: joinSentences(
          cleanUpWords(playlist),
          playlist.probable > 0 && `${plural(playlist.probable, "more item is", "more items are")} probably the same song as another, by artist, title and length: a clean-up leaves them, unless you say otherwise.`,
          "Live takes, remixes and the like are other songs.",
          rows2.length > 0 && "The table has examples of each sort."
        ),
        table: {
          head: ["Song", "Artist", "Place", "Sort", "Why", "Kept, if one keeps", "Why that one"],
          rows: rows2.map((row) => [
            row.track_name,
            row.artist_name,
            row.position,
            KINDS.find(({ key }) => key === row.match)?.name ?? row.match,
            row.reason,
            keptBy(row),
            row.kept_reason
          ])
        }
      };
    })
  };
  function cleanUpWords(playlist) {
    const { same_id: ids, same_isrc: isrcs } = playlist;
    const items = playlist.items ?? 0;
    if (!ids && !isrcs) return "";
    return joinSentences(
      `Of the ${plural(items, "item")} in ${quoted(playlist)},`,
      `${number(ids)} repeat the id of another, and ${number(isrcs)} its recording under another id:`,
      `a clean-up would keep ${number(items - ids - isrcs)}.`,
      "Where you repeat songs on purpose, these are weights, not errors."
    );
  }
  function keptBy(row) {
    const policies = [
      row.kept_first_added && "the first added",
      row.kept_last_added && "the last added",
      row.kept_best && "the best"
    ].filter((policy) => typeof policy === "string");
    return policies.length ? joinWords(policies) : "not kept";
  }

  // charts/playlists/genres.js
  var playlistGenresChart = {
    id: "playlist-genres",
    title: "Its genres",
    needs: ["playlist_summary"],
    draw: ofPlaylist((view, playlist) => {
      const genres = aspectOf(view, playlist, "genre").slice(0, 10);
      const [first] = genres;
      if (!first || !isEnough(playlist, first.songs_coverage)) return { empty: UNKNOWN };
      const entries = genres.map((row) => ({
        name: row.value,
        value: row.items_share ?? 0,
        mark: ` ${percent(row.items_share)} `,
        text: `${escaped(row.value)}: ${plural(row.items, "item")}, ${plural(row.songs, "song")}`
      }));
      return {
        ...barList(view, entries, { colour: view.colours.accent, room: barRoom(view, entries) }),
        caption: joinSentences(
          `${percent(first.items_share)} of the items in ${quoted(playlist)} are ${first.value}.`,
          coverageWords2(first, "The genre"),
          "A song counts for up to three genres.",
          first.values > genres.length && `Drawn are the first of ${plural(first.values, "genre")}.`
        ),
        table: {
          head: ["Genre", ...SHARES_HEAD],
          rows: genres.map((row) => [row.value, ...sharesCells(row)])
        }
      };
    })
  };

  // charts/playlists/history.js
  var historyChart = {
    id: "playlist-history",
    title: "What came and went",
    needs: ["playlist_summary"],
    draw: ofPlaylist((view, playlist) => {
      const readings = playlist.changes;
      if (!readings.length) {
        return {
          empty: `Nothing is known to have come into ${quoted(playlist)} or gone: it takes two readings that differ.`
        };
      }
      const last = lastOf(readings);
      const { accent, second } = view.colours;
      const days = readings.map((one) => one.read_on);
      const bars3 = (name, color, items, side) => ({
        type: "bar",
        name,
        x: days,
        y: items.map((one) => one * side),
        width: 0.8 * 864e5,
        marker: { color },
        hoverinfo: "text",
        hovertext: items.map((one, at) => `${dayName(days[at])}: ${plural(one, "item")} ${name}`)
      });
      const rows2 = rowsOfPlaylist(view.rows("playlist_history"), playlist).sort(
        (one, other) => other.read_on.localeCompare(one.read_on)
      );
      return {
        data: [
          bars3(
            "came",
            accent,
            readings.map((one) => one.came),
            1
          ),
          bars3(
            "went",
            second,
            readings.map((one) => one.went),
            -1
          )
        ],
        layout: {
          barmode: "relative",
          showlegend: true,
          legend: legendBelow(),
          xaxis: dayAxis(days, view),
          yaxis: { title: { text: "items" }, zeroline: true }
        },
        caption: joinSentences(
          `The reading of ${dayName(last.read_on)} found ${plural(last.came, "item")} in ${quoted(playlist)} that ${last.came === 1 ? "was" : "were"} not there before,`,
          `and ${number(last.went)} gone.`,
          "A bar has the day of the reading that found the change.",
          rows2.length > 0 && "The table has the latest changes."
        ),
        table: {
          head: ["Found on", "Song", "Artist", "What", "Before", "After"],
          rows: rows2.map((row) => [
            dayName(row.read_on),
            row.track_name,
            row.artist_name,
            changeWords(row),
            row.before,
            row.after
          ])
        }
      };
    })
  };
  var CHANGES = {
    came: "came",
    went: "went",
    more: "stands there more often",
    fewer: "less often"
  };
  function changeWords(row) {
    return row.exchanged ? "the same song under another id" : CHANGES[row.change] ?? row.change;
  }

  // charts/playlists/plays.js
  var VERDICTS = {
    overplayed: "overplayed",
    as_weighted: "as weighted",
    underplayed: "underplayed",
    too_few: "too few to tell",
    never_played: "never played"
  };
  function verdictColour({ verdict }, { colours }) {
    const { accent, second, quiet } = colours;
    return verdict === "overplayed" ? accent : verdict === "underplayed" ? second : quiet;
  }
  function playsBesideWeights(view, playlist, songs) {
    const { grid, faint, ink } = view.colours;
    const entries = songs.map((row) => ({
      name: `${number(row.occurrences)} × ${songLabel(row, view)}`,
      value: Math.max(row.expected_plays, row.plays_since),
      // The colour says it too.
      mark: ` ${number(row.plays_since)}${view.narrow ? "" : `, ${VERDICTS[row.verdict]}`} `,
      text: playsWords(row, playlist).join("<br>")
    }));
    const most = Math.max(...entries.map((entry) => entry.value)) || 1;
    const y = songs.map((_, at) => at);
    const hover = { hoverinfo: "text", hovertext: entries.map((entry) => entry.text) };
    const bar = { type: "bar", orientation: "h", y, showlegend: false, ...hover };
    return {
      data: [
        {
          ...bar,
          x: songs.map((row) => row.expected_plays),
          width: 0.62,
          marker: { color: grid, line: { color: faint, width: 1 } },
          showlegend: true,
          name: "plays that its weight would make"
        },
        {
          ...bar,
          x: songs.map((row) => row.plays_since),
          width: 0.3,
          marker: { color: songs.map((row) => verdictColour(row, view)) },
          name: "plays"
        },
        // Behind the longer of the two bars.
        {
          type: "scatter",
          mode: "text",
          x: entries.map((entry) => entry.value),
          y,
          text: entries.map((entry) => entry.mark),
          textposition: "middle right",
          textfont: { color: ink },
          cliponaxis: false,
          hoverinfo: "skip",
          showlegend: false
        },
        ...keys(songs, view)
      ],
      layout: {
        barmode: "overlay",
        showlegend: true,
        legend: legendBelow({ y: 0 }),
        xaxis: { visible: false, range: [0, most * barRoom(view, entries)] },
        yaxis: nameAxis(
          view,
          entries.map((entry) => entry.name)
        )
      },
      height: 110 + 32 * Math.max(songs.length, 2)
    };
  }
  function keys(songs, view) {
    const verdicts = new Set(
      songs.map(
        ({ verdict }) => verdict === "overplayed" || verdict === "underplayed" ? verdict : "others"
      )
    );
    return [...verdicts].map(
      (verdict) => legendEntry(
        verdict === "others" ? "its plays" : `its plays, ${verdict}`,
        verdictColour({ verdict }, view)
      )
    );
  }
  function playsWords(row, playlist) {
    return [
      escaped(songBy(row)),
      `${plural(row.occurrences, "time")} in the playlist: ${shuffleShare(row, playlist)} of a true shuffle`,
      `${plural(row.plays_since, "play")} since it was added; its weight would make ` + number(row.expected_plays, 1)
    ];
  }
  var PLAYS_HEAD = [
    ...["Song", "Artist", "Times in the playlist", "Of a shuffle", "Plays since it was added"],
    ...["Of these plays", "Plays that its weight would make", "Plays ever", ""]
  ];
  function playsCells(row, playlist) {
    return [
      row.track_name,
      row.artist_name,
      row.occurrences,
      shuffleShare(row, playlist),
      row.plays_since,
      row.plays_share === null ? "–" : inTenths(row.plays_share),
      number(row.expected_plays, 1),
      row.plays,
      VERDICTS[row.verdict] ?? row.verdict
    ];
  }
  function neverPlayed(playlist) {
    return `No play of a song in ${quoted(playlist)} is known.`;
  }
  function shuffleShare(row, playlist) {
    return inTenths(row.occurrences / playlist.song_items);
  }
  function playsMissing(rows2) {
    return rows2.some((row) => row.at_least) && "Plays may be missing.";
  }

  // charts/playlists/over-and-under.js
  var EACH = 6;
  var overAndUnderChart = {
    id: "playlist-over-and-under",
    title: "Overplayed and underplayed",
    needs: ["playlist_summary", "playlist_weights"],
    draw: ofPlaylist((view, playlist) => {
      const all = rowsOfPlaylist(view.rows("playlist_weights"), playlist);
      const beyond = (row) => row.plays_since - row.expected_plays;
      const over = all.filter((row) => row.verdict === "overplayed").sort((one, other) => beyond(other) - beyond(one)).slice(0, EACH);
      const under = all.filter((row) => row.verdict === "underplayed").sort((one, other) => beyond(one) - beyond(other)).slice(0, EACH);
      const songs = [...over, ...under];
      if (playlist.never_played === playlist.songs) return { empty: neverPlayed(playlist) };
      if (!songs.length) {
        return {
          empty: `No song in ${quoted(playlist)} is played so much more or less than it weighs that chance would not explain it.`
        };
      }
      return {
        ...playsBesideWeights(view, playlist, songs),
        caption: joinSentences(
          over.length > 0 && `${songBy(over[0])} is overplayed: ${plural(over[0].plays_since, "play")}, where its weight would make ${number(over[0].expected_plays, 1)}.`,
          under.length > 0 && `${songBy(under[0])} is underplayed: ${plural(under[0].plays_since, "play")}, where its weight would make ${number(under[0].expected_plays, 1)}.`,
          `Shown are up to ${EACH} of each, those that are farthest from their weight.`,
          playsMissing(songs)
        ),
        table: { head: PLAYS_HEAD, rows: songs.map((row) => playsCells(row, playlist)) }
      };
    })
  };

  // charts/playlists/overlap.js
  var FEW = 3;
  var MOST = { wide: 30, narrow: 8 };
  var overlapChart = {
    id: "playlist-overlap",
    title: "What playlists have in common",
    needs: ["playlist_summary"],
    wide: true,
    draw(view) {
      const pairs = view.rows("playlist_overlap");
      const of = pairsOf(pairs);
      const all = playlistsInOrder(view.rows);
      if (all.length < 2) return { empty: "It takes two playlists with songs in them." };
      const shown = drawnPlaylists(view, all, of);
      const [closest] = pairs.filter((one) => one.in_both).sort((one, other) => (other.jaccard ?? 0) - (one.jaccard ?? 0));
      const names = new Map(all.map((one) => [one.playlist_id, one]));
      const name = (id) => playlistName(names.get(id));
      const drawing2 = shown.length <= FEW ? bars(view, shown, of) : matrix(view, shown, of);
      return {
        ...drawing2,
        caption: joinSentences(
          closest ? `“${name(closest.playlist_a)}” and “${name(closest.playlist_b)}” have most in common: ${plural(closest.in_both, "song")}, which are ${percent(closest.jaccard)} of all songs in the two.` : "No two of them have a song in common.",
          shown.length > FEW && "Each field: how many percent of the songs in the playlist of its row are in that of its column too.",
          shown.length < all.length && `Drawn are ${shown.length} of ${all.length} playlists.`
        ),
        table: {
          head: [
            ...["Playlist A", "Playlist B", "In both", "Only in A", "Only in B"],
            ...["Jaccard", "Of A in B", "Of B in A"]
          ],
          rows: [...pairs].sort((one, other) => other.in_both - one.in_both).map((one) => [
            name(one.playlist_a),
            name(one.playlist_b),
            one.in_both,
            one.only_in_a,
            one.only_in_b,
            percent(one.jaccard),
            percent(one.containment_a),
            percent(one.containment_b)
          ])
        }
      };
    }
  };
  function pairsOf(pairs) {
    const found = new Map(
      pairs.flatMap((one) => [
        [`${one.playlist_a} ${one.playlist_b}`, { ...one, share: one.containment_a }],
        [`${one.playlist_b} ${one.playlist_a}`, { ...one, share: one.containment_b }]
      ])
    );
    return (one, other) => found.get(`${one.playlist_id} ${other.playlist_id}`);
  }
  function drawnPlaylists(view, all, of) {
    const room = view.narrow ? MOST.narrow : MOST.wide;
    const chosen = chosenPlaylist(view);
    if (all.length <= room || !chosen) return all.slice(0, room);
    const closeness = (one) => one === chosen ? 2 : of(chosen, one)?.jaccard ?? 0;
    const near = [...all].sort((one, other) => closeness(other) - closeness(one)).slice(0, room);
    return all.filter((one) => near.includes(one));
  }
  function matrix(view, playlists, of) {
    const count = playlists.length;
    const side = view.narrow ? 30 : count > 20 ? 27 : 34;
    const z = playlists.map(
      (row) => playlists.map((column) => row === column ? null : of(row, column)?.share ?? 0)
    );
    return {
      data: [
        {
          type: "heatmap",
          z,
          zmin: 0,
          zmax: 1,
          xgap: 2,
          ygap: 2,
          colorscale: view.colours.scale,
          showscale: false,
          hoverongaps: false,
          text: z.map((line) => line.map((one) => one === null ? "" : fieldWords(one))),
          texttemplate: "%{text}",
          textfont: { size: view.narrow || count > 20 ? 10 : 12 },
          hoverinfo: "text",
          hovertext: playlists.map(
            (row) => playlists.map((column) => pairWords(row, column, of(row, column)))
          )
        }
      ],
      layout: {
        xaxis: {
          side: "top",
          tickvals: playlists.map((_, at) => at),
          ticktext: playlists.map((_, at) => at + 1),
          tickangle: 0,
          showgrid: false,
          zeroline: false,
          ticks: ""
        },
        yaxis: {
          ...nameAxis(view, []),
          tickvals: playlists.map((_, at) => at),
          ticktext: playlists.map(
            (one, at) => `${shortened(playlistName(one), view.narrow ? 12 : 32)} ${at + 1} `
          ),
          range: [count - 0.5, -0.5]
        }
      },
      height: 50 + side * count
    };
  }
  function fieldWords(share) {
    if (share > 0 && share < 5e-3) return "&lt;1";
    return share < 1 && share >= 0.995 ? "&gt;99" : String(Math.round(100 * share));
  }
  function pairWords(row, column, pair) {
    if (!pair) return "";
    return [
      `${plural(pair.in_both, "song")} in both: ${percent(pair.share)} of ${escaped(playlistName(row))}`,
      `are in ${escaped(playlistName(column))} too`,
      `${percent(pair.jaccard)} of all songs in the two`
    ].join("<br>");
  }
  function bars(view, playlists, of) {
    const pairs = playlists.flatMap(
      (one, at) => playlists.slice(at + 1).map((other) => ({ one, other, pair: of(one, other) }))
    );
    const told = pairs.map(({ one, other, pair }) => {
      const both = pair?.in_both ?? 0;
      return {
        name: `${playlistName(one)} and ${playlistName(other)}`,
        parts: [one.songs - both, both, other.songs - both],
        words: [`only in ${playlistName(one)}`, "in both", `only in ${playlistName(other)}`]
      };
    });
    const { accent, second, third } = view.colours;
    const places = told.map((_, at) => at);
    return {
      data: ["only in the first", "in both", "only in the second"].map((name, part) => ({
        type: "bar",
        orientation: "h",
        name,
        y: places,
        x: told.map(({ parts }) => parts[part]),
        marker: { color: [accent, third, second][part] },
        text: told.map(({ parts }) => parts[part] ? number(parts[part]) : ""),
        textposition: "inside",
        insidetextanchor: "middle",
        textangle: 0,
        hoverinfo: "text",
        hovertext: told.map(
          ({ parts, words }) => `${plural(parts[part], "song")} ${escaped(words[part])}`
        )
      })),
      layout: {
        barmode: "stack",
        bargap: 0.4,
        showlegend: true,
        legend: legendBelow({ y: 0 }),
        xaxis: { visible: false },
        yaxis: nameAxis(
          view,
          told.map((one) => one.name)
        )
      },
      height: 90 + 50 * told.length
    };
  }

  // charts/playlists/playlists.js
  var DRAWN = 30;
  var playlistsChart = {
    id: "playlists",
    title: "Your playlists",
    needs: ["playlist_summary"],
    without: "No playlist was read yet.",
    wide: true,
    draw(view) {
      const all = [...view.rows("playlist_summary")].sort((one, other) => one.rank - other.rank);
      const read = all.filter((row) => row.items !== null);
      const drawn = read.slice(0, DRAWN);
      const most = Math.max(...drawn.map((row) => row.items ?? 0), 1);
      return {
        data: bars2(drawn, view),
        layout: {
          barmode: "stack",
          bargap: 0.4,
          showlegend: true,
          legend: legendBelow({ y: 0 }),
          xaxis: { visible: false, range: [0, most * (view.narrow ? 1.5 : 1.2)] },
          yaxis: nameAxis(view, drawn.map(playlistName))
        },
        height: 90 + 28 * Math.max(drawn.length, 2),
        caption: joinSentences(
          `${plural(read.length, "playlist was", "playlists were")} read:`,
          `${plural(
            sumOf(read, (row) => row.items),
            "item"
          )},`,
          `${duration(sumOf(read, (row) => row.minutes))} of music and talk.`,
          "A song that stands in a playlist several times is one song, and its other items repeat it.",
          drawn.length < read.length && `Drawn are the ${DRAWN} first.`,
          unreadWords(all.filter((row) => row.items === null))
        ),
        table: {
          head: [
            ...["Playlist", "Items", "Different songs", "Items that repeat one", "Hours"],
            ...["Episodes", "Local files", "Gone", "Yours", "Read on"]
          ],
          rows: all.map((row) => [
            playlistName(row),
            row.items ?? STATES[row.state] ?? row.state,
            row.songs,
            row.song_items - row.songs,
            number(row.minutes / 60, 1),
            row.episodes,
            row.local_files,
            row.gone,
            row.owned === null ? "–" : row.owned ? "yes" : "no",
            row.read_on ? dayName(row.read_on) : "–"
          ])
        }
      };
    }
  };
  var STATES = {
    partly: "not to its end yet",
    not_readable: "Spotify refuses it",
    not_read: "not read"
  };
  function unreadWords(unread) {
    if (!unread.length) return "";
    const refused = unread.filter((row) => row.state === "not_readable").length;
    const begun = unread.filter((row) => row.state === "partly").length;
    const left = unread.length - refused - begun;
    const parts = [
      refused && `${number(refused)} that Spotify does not let apps read`,
      begun && `${number(begun)} of which reading goes on with the next run`,
      left && `${number(left)} that nobody asked for`
    ].filter((part) => typeof part === "string");
    return `Not among them: ${joinWords(parts)}.`;
  }
  function bars2(playlists, view) {
    const { accent, second, quiet } = view.colours;
    const parts = [
      ["different songs", accent, (row) => row.songs],
      ["items that repeat one of them", second, (row) => row.song_items - row.songs],
      ["episodes, and what is gone", quiet, (row) => (row.items ?? 0) - row.song_items]
    ];
    const shown = parts.filter(([, , value]) => playlists.some((row) => value(row)));
    return shown.map(([name, color, value], at) => ({
      type: "bar",
      orientation: "h",
      name,
      y: playlists.map((_, place) => place),
      x: playlists.map(value),
      marker: { color },
      cliponaxis: false,
      textposition: "outside",
      textfont: { color: view.colours.ink },
      // The last part ends where the bar does.
      text: at === shown.length - 1 ? playlists.map((row) => sizeWords(row, view)) : void 0,
      hoverinfo: "text",
      hovertext: playlists.map(
        (row) => `${escaped(playlistName(row))}<br>${number(value(row))} ${name}`
      )
    }));
  }
  function sizeWords(row, view) {
    const items = number(row.items);
    return view.narrow ? ` ${items} ` : ` ${items} items, ${duration(row.minutes)} `;
  }

  // charts/parts/radar.js
  function radarLine(name, spokes, colour, { dash, filled } = {}) {
    const closed = [...spokes, spokes[0]];
    return {
      type: "scatterpolar",
      mode: "lines+markers",
      name,
      r: closed.map((spoke) => spoke.r),
      theta: closed.map((spoke) => spoke.name),
      line: { color: colour, width: 2, dash },
      marker: { color: colour, size: dash ? 4 : 6 },
      fill: filled ? "toself" : "none",
      fillcolor: withOpacity(colour, 0.14),
      hoverinfo: "text",
      hovertext: closed.map((spoke) => spoke.text)
    };
  }
  function radarLayout(view, radial) {
    const { grid, faint, ink } = view.colours;
    return {
      showlegend: true,
      legend: { orientation: "h", x: 0.5, xanchor: "center", y: -0.1, yanchor: "top" },
      margin: { l: view.narrow ? 64 : 90, r: view.narrow ? 64 : 90, t: 40, b: 30 },
      polar: {
        bgcolor: "rgba(0, 0, 0, 0)",
        radialaxis: {
          range: [0, 1.02],
          gridcolor: grid,
          linecolor: grid,
          tickvals: [0.25, 0.5, 0.75, 1],
          tickfont: { color: faint, size: 10 },
          showline: false,
          ticks: "",
          // Plotly turns ticks with their axis: turned back by as much, they are level.
          angle: 64,
          tickangle: 64,
          ...radial
        },
        angularaxis: {
          gridcolor: grid,
          linecolor: grid,
          rotation: 90,
          direction: "clockwise",
          ticks: "",
          tickfont: { color: ink }
        }
      }
    };
  }

  // charts/sound/known.js
  var SOUNDS = [
    { key: "energy", name: "energy" },
    { key: "danceability", name: "danceability" },
    { key: "valence", name: "valence" },
    { key: "liveness", name: "liveness" },
    { key: "speechiness", name: "speech" },
    { key: "acousticness", name: "acoustic" },
    { key: "instrumentalness", name: "instrumental" }
  ];
  var NO_SOUND = "The sound of no song is known. Fetch the reference data, as the README says, and the songs that are in it get theirs.";

  // charts/sound/audio-profile.js
  function unknownSound(row) {
    if (!row.known_share) return { empty: NO_SOUND };
    return {
      empty: joinSentences(
        tooLittleKnown(row, "The sound"),
        "Choose another month, or fetch fuller reference data."
      )
    };
  }
  function meanSound(months, key) {
    const weigh = (row) => row.plays * row.known_share;
    return sumOf(months, (row) => (row[key] ?? 0) * weigh(row)) / sumOf(months, weigh);
  }
  function soundSpokes(value) {
    return SOUNDS.map(({ key, name }) => ({
      name,
      r: value(key),
      text: `${name}: ${number(value(key), 2)}`
    }));
  }
  var audioProfileChart = {
    id: "audio-profile",
    title: "The sound of the month",
    needs: ["audio_profile_by_month"],
    without: NO_SOUND,
    draw(view) {
      const row = rowOfMonth(view, "audio_profile_by_month");
      if (!row) return emptyMonth(view);
      if (row.known_share < ENOUGH) return unknownSound(row);
      const months = wellKnown(view.rows("audio_profile_by_month"));
      const ever = (key) => meanSound(months, key);
      const now = (key) => row[key] ?? 0;
      const [farthest] = [...SOUNDS].sort(
        (one, other) => Math.abs(now(other.key) - ever(other.key)) - Math.abs(now(one.key) - ever(one.key))
      );
      const { accent, second } = view.colours;
      return {
        data: [
          ...months.length > 1 ? [radarLine("all months", soundSpokes(ever), second, { dash: "dot" })] : [],
          radarLine(
            monthName(view.month),
            soundSpokes((key) => row[key]),
            accent,
            { filled: true }
          )
        ],
        layout: radarLayout(view, {}),
        height: 380,
        caption: joinSentences(
          months.length > 1 ? `What stands out in ${monthName(view.month)}: ${farthest.name}, ${number(row[farthest.key], 2)} against ${number(ever(farthest.key), 2)} in all months.` : `In ${monthName(view.month)}: energy ${number(row.energy, 2)}, valence ${number(row.valence, 2)}, ${number(row.tempo)} beats per minute.`,
          `Known for ${percent(row.known_share)} of the month’s plays.`,
          missingNote(row)
        ),
        table: {
          head: ["Sound", monthName(view.month), "All months"],
          rows: [
            ...SOUNDS.map(({ key, name }) => [name, number(row[key], 2), number(ever(key), 2)]),
            ["beats per minute", number(row.tempo), number(ever("tempo"))]
          ]
        }
      };
    }
  };

  // charts/playlists/sound.js
  var playlistSoundChart = {
    id: "playlist-sound",
    title: "Its sound",
    needs: ["playlist_summary"],
    draw: ofPlaylist((view, playlist) => {
      const means = new Map(aspectOf(view, playlist, "average").map((row) => [row.value, row]));
      const known = means.get("energy");
      if (!known || !isEnough(playlist, known.songs_coverage)) return { empty: UNKNOWN };
      const months = wellKnown(view.rows("audio_profile_by_month"));
      const here = (key) => means.get(key)?.items_mean ?? null;
      const played = (key) => months.length ? meanSound(months, key) : null;
      const apart = (key) => Math.abs((here(key) ?? 0) - (played(key) ?? 0));
      const [farthest] = [...SOUNDS].sort((one, other) => apart(other.key) - apart(one.key));
      const { accent, second } = view.colours;
      return {
        data: [
          ...months.length ? [radarLine("what you play", soundSpokes(played), second, { dash: "dot" })] : [],
          radarLine("the playlist", soundSpokes(here), accent, { filled: true })
        ],
        layout: radarLayout(view, {}),
        height: 380,
        caption: joinSentences(
          months.length > 0 ? `What stands out in ${quoted(playlist)}: ${farthest.name}, ${number(here(farthest.key), 2)} against ${number(played(farthest.key), 2)} in what you play.` : `In ${quoted(playlist)}: energy ${number(here("energy"), 2)}, valence ${number(here("valence"), 2)}.`,
          `Known for ${percent(known.items_coverage)} of its items.`
        ),
        table: {
          head: ["Sound", "The playlist", "What you play", "Known of its items"],
          rows: [
            ...SOUNDS.map(({ key, name }) => [
              name,
              number(here(key), 2),
              number(played(key), 2),
              percent(means.get(key)?.items_coverage)
            ]),
            [
              "beats per minute",
              number(here("tempo")),
              number(played("tempo")),
              percent(means.get("tempo")?.items_coverage)
            ]
          ]
        }
      };
    })
  };

  // charts/playlists/top-weights.js
  var topWeightsChart = {
    id: "playlist-top-weights",
    title: "The heaviest songs, and how often you play them",
    needs: ["playlist_summary", "playlist_weights"],
    draw: ofPlaylist((view, playlist) => {
      const songs = heaviest(view, playlist);
      const [first] = songs;
      if (playlist.heaviest < 2) {
        return { empty: `No song stands in ${quoted(playlist)} more than once.` };
      }
      const isPlayed = sumOf(songs, (row) => row.plays_since) > 0;
      return {
        ...isPlayed ? playsBesideWeights(view, playlist, songs) : weightsAlone(view, playlist, songs),
        caption: joinSentences(
          `In ${quoted(playlist)}, ${songBy(first)} weighs most:`,
          `it stands there ${plural(first.occurrences, "time")},`,
          `and is ${shuffleShare(first, playlist)} of what a true shuffle plays.`,
          isPlayed ? "Broad and pale: the plays that a song would have, if a true shuffle had drawn all plays of the songs in the playlist since they were added." : "No play of these songs is known since they were added.",
          playsMissing(songs)
        ),
        table: { head: PLAYS_HEAD, rows: songs.map((row) => playsCells(row, playlist)) }
      };
    })
  };
  function heaviest(view, playlist) {
    return rowsOfPlaylist(view.rows("playlist_weights"), playlist).filter((row) => row.rank <= 10).sort((one, other) => one.rank - other.rank);
  }
  function weightsAlone(view, playlist, songs) {
    const entries = songs.map((row) => ({
      name: songLabel(row, view),
      value: row.occurrences,
      mark: ` ${number(row.occurrences)} ×, ${shuffleShare(row, playlist)} `,
      text: `${escaped(songBy(row))}<br>${plural(row.occurrences, "time")} in the playlist`
    }));
    return barList(view, entries, { colour: view.colours.accent, room: barRoom(view, entries) });
  }

  // charts/playlists/verdicts.js
  var ORDER = ["overplayed", "as_weighted", "underplayed", "too_few", "never_played"];
  var verdictsChart = {
    id: "playlist-verdicts",
    title: "Are songs played as often as they weigh?",
    needs: ["playlist_summary"],
    draw: ofPlaylist((view, playlist) => {
      if (playlist.never_played === playlist.songs) return { empty: neverPlayed(playlist) };
      const { accent, second, quiet, third } = view.colours;
      const colours = [accent, quiet, second, quiet, third];
      const entries = ORDER.map((name, at) => {
        const songs = (
          /** @type {number} */
          playlist[name]
        );
        return {
          name: VERDICTS[name],
          value: songs,
          mark: ` ${number(songs)}, ${percent(songs / playlist.songs)} `,
          text: `${plural(songs, "song")}: ${VERDICTS[name]}`,
          colour: colours[at]
        };
      });
      return {
        ...barList(view, entries, { colour: quiet, room: barRoom(view, entries) }),
        caption: joinSentences(
          `Of the ${plural(playlist.songs, "song")} in ${quoted(playlist)},`,
          `${number(playlist.never_played)} were never played.`,
          "Overplayed is a song that you play at least twice as often as a true shuffle of the playlist would, underplayed at most half as often, where chance does not explain it.",
          neverPlayedWords(view, playlist)
        ),
        table: {
          head: ["Played", "Songs", "Of all songs"],
          rows: entries.map((one) => [one.name, one.value, percent(one.value / playlist.songs)])
        }
      };
    })
  };
  function neverPlayedWords(view, playlist) {
    const [first] = rowsOfPlaylist(view.rows("playlist_weights"), playlist).filter((row) => row.verdict === "never_played" && row.occurrences > 1).sort((one, other) => one.rank - other.rank);
    if (!first) return "";
    return `The heaviest that was never played is ${songBy(first)}, which stands there ${plural(first.occurrences, "time")}.`;
  }

  // charts/playlists/weights.js
  var CLASSES = [
    [1, 1, "once"],
    [2, 2, "twice"],
    [3, 3, "3 times"],
    [4, 5, "4–5"],
    [6, 10, "6–10"],
    [11, 20, "11–20"],
    [21, Infinity, "21 +"]
  ];
  function classesOf(playlist) {
    return CLASSES.filter(([from]) => from <= playlist.heaviest).map(([from, to, name]) => {
      const of = playlist.weights.filter((one) => one.occurrences >= from && one.occurrences <= to);
      const songs = sumOf(of, (one) => one.songs);
      const items = sumOf(of, (one) => one.songs * one.occurrences);
      return { name, songs, items };
    });
  }
  var weightsChart = {
    id: "playlist-weights",
    title: "What a shuffle makes of the weights",
    needs: ["playlist_summary"],
    draw: ofPlaylist((view, playlist) => {
      const { songs, song_items: items, heaviest: heaviest2 } = playlist;
      if (heaviest2 < 2) {
        return {
          empty: `Each of the ${plural(songs, "song")} in ${quoted(playlist)} stands there once: a true shuffle plays them all equally often.`
        };
      }
      const classes = classesOf(playlist);
      const { accent, quiet } = view.colours;
      const bars3 = (name, color, shares, labelled = true) => ({
        type: "bar",
        name,
        x: classes.map((one) => one.name),
        y: shares,
        marker: { color },
        text: shares.map(percent),
        textposition: labelled ? "outside" : "none",
        textangle: 0,
        cliponaxis: false,
        constraintext: "none",
        textfont: { size: view.narrow ? 10 : 11 },
        hovertemplate: `%{x}: %{text} ${name}<extra></extra>`
      });
      const once = classes[0];
      return {
        data: [
          bars3(
            "of the songs",
            quiet,
            classes.map((one) => one.songs / songs),
            !view.narrow
          ),
          bars3(
            "of what a true shuffle plays",
            accent,
            classes.map((one) => one.items / items)
          )
        ],
        layout: {
          bargap: 0.25,
          bargroupgap: 0.05,
          showlegend: true,
          legend: legendBelow(),
          xaxis: {
            type: "category",
            showgrid: false,
            ticks: "",
            title: { text: "so often a song stands in the playlist" }
          },
          yaxis: { visible: false, rangemode: "tozero" }
        },
        height: 340,
        caption: joinSentences(
          `In ${quoted(playlist)}, ${plural(songs, "song")} have ${plural(items, "item")}:`,
          `${number(items / songs, 1)} each on average, ${number(heaviest2)} at most.`,
          once.songs > 0 && `${percent(once.songs / songs)} of the songs stand there once, and are ${percent(once.items / items)} of what a true shuffle plays.`,
          `${plural(playlist.songs_for_half, "song")}, the heaviest, ${playlist.songs_for_half === 1 ? "is" : "are"} half of what it plays.`
        ),
        table: {
          head: ["In the playlist", "Songs", "Items", "Of the songs", "Of a shuffle"],
          rows: classes.map((one) => [
            one.name,
            one.songs,
            one.items,
            percent(one.songs / songs),
            percent(one.items / items)
          ])
        }
      };
    })
  };

  // charts/popularity/mainstream.js
  var NO_REFERENCE = "Spotify does not tell new apps how popular music is. Fetch the reference data, as the README says, and the songs that are in it get their popularity.";
  var mainstreamChart = {
    id: "mainstream",
    title: "How mainstream",
    needs: ["popularity_by_month"],
    draw(view) {
      const all = view.rows("popularity_by_month");
      const row = all.find((one) => one.month === view.month);
      const months = wellKnown(all);
      if (!months.length) return { empty: popularityUnknown(all) };
      return {
        data: [
          lineOver(view, months, {
            name: "mainstream score",
            colour: view.colours.accent,
            value: (one) => one.mainstream_score,
            text: (one) => `${number(one.mainstream_score)} of 100, known for ${percent(one.known_share)} of the plays`
          })
        ],
        layout: overMonths(view, { range: [0, 101], title: { text: "obscure 0 – 100 everybody’s" } }),
        caption: joinSentences(scoreInWords(row, view), hollowMeans(months)),
        table: {
          head: ["Month", "Mainstream score", "Hits", "Plays of known popularity"],
          rows: months.map((one) => [
            monthName(one.month),
            one.mainstream_score,
            percent(one.hits_share),
            percent(one.known_share)
          ])
        }
      };
    }
  };
  function popularityUnknown(all) {
    if (!all.some((row) => row.known_share)) return NO_REFERENCE;
    return "The popularity of less than half of the plays is known, in every month: too few to speak of one. Fetch fuller reference data.";
  }
  function scoreInWords(row, view) {
    if (!row) return `No music is known in ${monthName(view.month)}.`;
    if (row.known_share < ENOUGH) return tooLittleKnown(row, "The popularity");
    return joinSentences(
      `The plays of ${monthName(row.month)} have a mean popularity`,
      `of ${number(row.mainstream_score)} out of 100;`,
      `${percent(row.hits_share)} of these plays were of hits (75 or more).`,
      knownShareNote(row)
    );
  }

  // charts/popularity/plays-of-the-world.js
  var ROUND = Array.from({ length: 13 }, (_, power) => 10 ** power);
  function isCounted(row) {
    return row.lastfm_global_plays !== null && row.lastfm_global_plays > 0 && row.local_plays > 0;
  }
  function inAMillion(row) {
    return 1e6 * row.local_plays / row.lastfm_global_plays;
  }
  function inWords(row) {
    const own = atLeast(plural(row.local_plays, "play"), row.at_least);
    return `${own} here, ${number(row.lastfm_global_plays)} by everyone`;
  }
  var playsOfTheWorldChart = {
    id: "plays-of-the-world",
    title: "Your plays, and everyone’s",
    needs: ["play_counts"],
    wide: true,
    draw(view) {
      const songs = view.rows("play_counts").filter(isCounted);
      if (!songs.length) return { empty: "Last.fm has told of no song that you played." };
      const sure = songs.filter((row) => !row.lastfm_corrected);
      const own = (sure.length ? sure : songs).reduce(
        (best, row) => inAMillion(row) > inAMillion(best) ? row : best
      );
      const days = songs.map((row) => row.lastfm_as_of?.slice(0, 10) ?? "").sort();
      return {
        data: [
          {
            type: "scatter",
            mode: "markers",
            x: songs.map((row) => row.lastfm_global_plays),
            y: songs.map((row) => row.local_plays),
            marker: {
              size: 8,
              color: withOpacity(view.colours.accent, 0.5),
              line: { color: view.colours.accent, width: 1 }
            },
            hoverinfo: "text",
            hovertext: songs.map((row) => `${escaped(songBy(row))}<br>${inWords(row)}`)
          }
        ],
        layout: {
          xaxis: {
            type: "log",
            tickvals: ROUND,
            showgrid: false,
            zeroline: false,
            title: {
              text: 'everyone’s scrobbles, counted by <a href="https://www.last.fm">Last.fm</a>'
            }
          },
          yaxis: { type: "log", tickvals: ROUND, zeroline: false, title: { text: "your plays" } }
        },
        caption: joinSentences(
          `Most your own is ${songBy(own)}: ${inWords(own)}.`,
          `Shown are the ${plural(songs.length, "song")} that you played most, of those that Last.fm was asked for.`,
          `Its counts are those of ${days[0]} or later: data from Last.fm, https://www.last.fm.`,
          sure.length < songs.length && "A count that Last.fm has under another spelling is marked, and may be another song’s."
        ),
        table: {
          head: [
            "Song",
            "Artist",
            "Your plays",
            "Your scrobbles",
            "Yours by your scrobbles",
            "Everyone’s scrobbles",
            "Listeners",
            "Another spelling",
            "Plays on Spotify"
          ],
          rows: songs.map((row) => [
            row.track_name,
            row.artist_name,
            row.local_plays,
            row.lastfm_user_plays,
            row.agreement === null ? null : number(row.agreement, 2),
            row.lastfm_global_plays,
            row.lastfm_global_listeners,
            row.lastfm_corrected ? "yes" : "",
            row.spotify_global_plays
          ])
        }
      };
    }
  };

  // charts/popularity/popularity.js
  var TENS = [...Array(10).keys()].map((ten) => ten * 10);
  function byTens(rows2) {
    const plays3 = TENS.map(
      (low) => sumOf(
        rows2.flatMap((row) => row.distribution).filter((bin) => bin.low === low),
        (bin) => bin.plays
      )
    );
    const all = sumOf(plays3, (one) => one);
    return plays3.map((one) => all ? one / all : 0);
  }
  var popularityChart = {
    id: "popularity",
    title: "From obscure to everybody’s",
    needs: ["popularity_by_month"],
    draw(view) {
      const all = view.rows("popularity_by_month");
      const months = wellKnown(all);
      if (!months.length) return { empty: popularityUnknown(all) };
      const row = all.find((one) => one.month === view.month);
      if (!row) return emptyMonth(view);
      if (row.known_share < ENOUGH) {
        return { empty: `${tooLittleKnown(row, "The popularity")} Choose another month.` };
      }
      const [now, ever] = [byTens([row]), byTens(months)];
      const most = now.indexOf(Math.max(...now));
      const area = (name, shares, colour, { fill, dash }) => {
        const bins = [0, ...shares.keys(), 9];
        return {
          type: "scatter",
          mode: "lines",
          name,
          x: [0, ...TENS.map((low) => low + 5), 100],
          y: bins.map((at) => shares[at]),
          line: { color: colour, width: 2, shape: "hvh", dash },
          fill,
          fillcolor: withOpacity(colour, 0.2),
          hoverinfo: "text",
          hovertext: bins.map(
            (at) => `${name}<br>popularity ${popularityLabel(at)}: ${percent(shares[at])} of the plays`
          )
        };
      };
      return {
        data: [
          area(monthName(view.month), now, view.colours.accent, { fill: "tozeroy" }),
          area(
            months.length === view.months.length ? "all months" : "months known",
            ever,
            view.colours.second,
            { dash: "dot" }
          )
        ],
        layout: {
          showlegend: true,
          legend: legendBelow({ y: -0.26 }),
          xaxis: {
            range: [0, 100],
            tickvals: [0, 20, 40, 60, 80, 100],
            showgrid: false,
            title: { text: "popularity" }
          },
          yaxis: { tickformat: ".0%", rangemode: "tozero", zeroline: false }
        },
        caption: joinSentences(
          `The largest part of the plays of ${monthName(view.month)}, ${percent(now[most])},`,
          `has a popularity of ${popularityLabel(most)}.`,
          knownShareNote(row),
          missingNote(row)
        ),
        table: {
          head: ["Popularity", monthName(view.month), "All months"],
          rows: TENS.map((_, at) => [popularityLabel(at), percent(now[at]), percent(ever[at])])
        }
      };
    }
  };
  function popularityLabel(at) {
    return `${TENS[at]} to ${at === 9 ? 100 : TENS[at] + 9}`;
  }

  // charts/popularity/popularity-and-plays.js
  var ROUND2 = [1, 10, 100, 1e3, 1e4].flatMap((power) => [1, 2, 5].map((one) => one * power));
  function ownness(row) {
    return row.plays * (100 - (row.popularity ?? 100));
  }
  function plays(row) {
    return atLeast(plural(row.plays, "play"), row.at_least);
  }
  var popularityAndPlaysChart = {
    id: "popularity-and-plays",
    title: "Your favourites, and everybody’s",
    needs: ["favourite_tracks"],
    draw(view) {
      const songs = view.rows("favourite_tracks");
      const known = songs.filter((row) => row.popularity !== null);
      if (!known.length) return { empty: NO_REFERENCE };
      if (known.length < songs.length * ENOUGH) {
        return {
          empty: joinSentences(
            `The popularity of ${number(known.length)} of your`,
            `${plural(songs.length, "most played song")} is known:`,
            "too few to draw. It takes half of them."
          )
        };
      }
      const own = known.reduce((best, row) => ownness(row) > ownness(best) ? row : best);
      return {
        data: [
          {
            type: "scatter",
            mode: "markers",
            x: known.map((row) => row.popularity),
            y: known.map((row) => row.plays),
            marker: {
              size: 8,
              color: withOpacity(view.colours.accent, 0.5),
              line: { color: view.colours.accent, width: 1 }
            },
            hoverinfo: "text",
            hovertext: known.map(
              (row) => `${escaped(songBy(row))}<br>${plays(row)}, popularity ${row.popularity}`
            )
          }
        ],
        layout: {
          xaxis: {
            range: [-3, 103],
            showgrid: false,
            zeroline: false,
            title: { text: "popularity" }
          },
          yaxis: { type: "log", tickvals: ROUND2, zeroline: false, title: { text: "your plays" } }
        },
        caption: joinSentences(
          `Most your own is ${songBy(own)}: ${plays(own)} at a popularity of ${own.popularity}.`,
          known.length < songs.length && `The popularity of ${number(known.length)} of your ${plural(songs.length, "most played song")} is known.`
        ),
        table: {
          head: ["Song", "Artist", "Plays", "Popularity"],
          rows: known.map((row) => [row.track_name, row.artist_name, row.plays, row.popularity])
        }
      };
    }
  };

  // charts/recordings/release-years.js
  var NO_YEARS = "Of no song the year of release is known: exports do not tell it. Polls do, and reference data that has a column for it.";
  var releaseYearsChart = {
    id: "release-years",
    title: "Year of release",
    needs: ["release_years_by_month"],
    draw(view) {
      const all = view.rows("release_years_by_month");
      const months = wellKnown(all);
      if (!months.length) return { empty: yearsUnknown(all) };
      const row = all.find((one) => one.month === view.month);
      return {
        data: [
          lineOver(view, months, {
            name: "mean year of release",
            colour: view.colours.accent,
            value: (one) => one.avg_release_year,
            text: (one) => `${year(one.avg_release_year)} on average, from ${one.oldest} to ${one.newest}`
          })
        ],
        layout: overMonths(view, { ...yearRange(months), tickformat: "d", rangemode: "normal" }),
        caption: joinSentences(yearsInWords(row, view), hollowMeans(months)),
        table: {
          head: ["Month", "Mean year", "Oldest", "Newest", "Plays of known year"],
          rows: months.map((one) => [
            monthName(one.month),
            year(one.avg_release_year),
            String(one.oldest),
            String(one.newest),
            percent(one.known_share)
          ])
        }
      };
    }
  };
  function yearsUnknown(all) {
    if (!all.some((row) => row.known_share)) return NO_YEARS;
    return "The year of release of less than half of the plays is known, in every month: too few to speak of one. Fetch fuller reference data.";
  }
  function yearsInWords(row, view) {
    if (!row) return `No music is known in ${monthName(view.month)}.`;
    if (row.known_share < ENOUGH) return tooLittleKnown(row, "The year of release");
    return joinSentences(
      `The plays of ${monthName(row.month)} are of songs from ${year(row.avg_release_year)} on`,
      `average, the oldest from ${row.oldest}, the newest from ${row.newest}.`,
      knownShareNote(row)
    );
  }
  function year(value) {
    return String(Math.round(value ?? 0));
  }
  function yearRange(months) {
    const years = months.map((row) => row.avg_release_year ?? 0);
    const [low, high] = [Math.floor(Math.min(...years)) - 2, Math.ceil(Math.max(...years)) + 2];
    const more = Math.max(0, 12 - (high - low)) / 2;
    return { range: [Math.floor(low - more), Math.ceil(high + more)], nticks: 6 };
  }

  // charts/recordings/decades.js
  var FIRST_DECADE = 1950;
  function decadeOfBin(bin) {
    return Math.max(bin.decade, FIRST_DECADE);
  }
  function decadeName(decade) {
    return decade === FIRST_DECADE ? "1950s or before" : `${decade}s`;
  }
  function shareOf(row, decade) {
    const ofDecade = row.decades.filter((bin) => decadeOfBin(bin) === decade);
    return sumOf(ofDecade, (bin) => bin.plays) / sumOf(row.decades, (bin) => bin.plays);
  }
  var decadesChart = {
    id: "decades",
    title: "Decades",
    needs: ["release_years_by_month"],
    draw(view) {
      const all = view.rows("release_years_by_month");
      const months = wellKnown(all);
      if (!months.length) return { empty: yearsUnknown(all) };
      const row = all.find((one) => one.month === view.month);
      if (!row) return emptyMonth(view);
      if (row.known_share < ENOUGH) {
        return { empty: `${tooLittleKnown(row, "The year of release")} Choose another month.` };
      }
      const decades = [...new Set(months.flatMap((one) => one.decades.map(decadeOfBin)))].sort();
      const most = decades.reduce(
        (best, one) => shareOf(row, one) > shareOf(row, best) ? one : best
      );
      return {
        data: decades.map((decade, at) => ({
          ...barsOver(view, months, {
            name: decadeName(decade),
            value: (one) => shareOf(one, decade),
            colour: view.colours.accent,
            text: (one) => `${percent(shareOf(one, decade))} from the ${decadeName(decade)}`
          }),
          marker: { color: shade(view.colours.accent, at, decades.length), line: stackBorder(view) }
        })),
        layout: sharesOverMonths(view, months),
        caption: joinSentences(
          `${percent(shareOf(row, most))} of the plays of ${monthName(view.month)}`,
          `are of songs from the ${decadeName(most)}.`,
          knownShareNote(row),
          underlinedMeans(months, "so shares may differ")
        ),
        table: {
          head: ["Month", ...decades.map(decadeName)],
          rows: months.map((one) => [
            monthName(one.month),
            ...decades.map((decade) => percent(shareOf(one, decade)))
          ])
        }
      };
    }
  };

  // charts/recordings/explicit.js
  var NOT_KNOWN = "Of no song it is known whether it is explicit. Polls tell it; exports do not.";
  var TOO_LITTLE = "Of less than half of the plays it is known whether the song is explicit, in every month: too few to speak of one.";
  function explicitInWords(row, view) {
    if (!row) return `No music is known in ${monthName(view.month)}.`;
    const { month, explicit_known_share: known } = row;
    if (known < ENOUGH) return tooLittleKnown({ month, known_share: known }, "The mark");
    return joinSentences(
      `${percent(row.explicit_share)} of the plays of ${monthName(month)}`,
      "are of songs that are marked explicit.",
      knownShareWords(known, "The mark")
    );
  }
  var explicitChart = {
    id: "explicit",
    title: "Explicit songs",
    needs: ["content_by_month"],
    draw(view) {
      const all = view.rows("content_by_month");
      if (!all.some((row2) => row2.explicit_known_share)) return { empty: NOT_KNOWN };
      const months = all.filter((row2) => row2.explicit_known_share >= ENOUGH);
      if (!months.length) return { empty: TOO_LITTLE };
      const row = all.find((one) => one.month === view.month);
      const most = Math.max(...months.map((one) => one.explicit_share ?? 0));
      return {
        data: [
          lineOver(view, months, {
            name: "explicit",
            colour: view.colours.accent,
            value: (one) => one.explicit_share,
            text: (one) => `${percent(one.explicit_share)} of the plays`
          })
        ],
        layout: overMonths(view, { tickformat: ".0%", range: [0, Math.max(most * 1.15, 0.1)] }),
        caption: joinSentences(explicitInWords(row, view), hollowMeans(months)),
        table: {
          head: ["Month", "Explicit", "Known of", ""],
          rows: months.map((one) => [
            monthName(one.month),
            percent(one.explicit_share),
            percent(one.explicit_known_share),
            atLeastCell(one)
          ])
        }
      };
    }
  };

  // charts/recordings/lengths.js
  var WHOLE_MINUTES = [...Array(11).keys()];
  function lengthLabel(at) {
    if (at === 0) return "less than a minute";
    return at === 10 ? "10 minutes or more" : `${at} to ${at + 1} minutes`;
  }
  function inMinutes(seconds) {
    return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  }
  function byLength(rows2) {
    const entries = rows2.flatMap((row) => row.lengths);
    const all = sumOf(entries, (entry) => entry.plays);
    return WHOLE_MINUTES.map(
      (at) => sumOf(
        entries.filter((entry) => entry.minutes === at),
        (entry) => entry.plays
      ) / (all || 1)
    );
  }
  var lengthsChart = {
    id: "lengths",
    title: "Length of songs",
    needs: ["content_by_month"],
    draw(view) {
      const row = rowOfMonth(view, "content_by_month");
      if (!row) return emptyMonth(view);
      if (row.avg_length_minutes === null) {
        const words2 = `Of no song in ${monthName(view.month)} the length is known.`;
        return { empty: `${words2} Polls tell it, and reference data; exports do not.` };
      }
      const known = sumOf(row.lengths, (entry) => entry.plays) / row.plays;
      if (known < ENOUGH) {
        return { empty: tooLittleKnown({ month: row.month, known_share: known }, "The length") };
      }
      const [now, ever] = [byLength([row]), byLength(view.rows("content_by_month"))];
      const words = (shares) => shares.map((one, at) => `${lengthLabel(at)}: ${percent(one)} of the plays`);
      const seconds = Math.round(row.avg_length_minutes * 60);
      const middles = WHOLE_MINUTES.map((at) => at + 0.5);
      return {
        data: [
          {
            type: "bar",
            name: monthName(view.month),
            x: middles,
            y: now,
            marker: { color: withOpacity(view.colours.accent, 0.75) },
            hoverinfo: "text",
            hovertext: words(now)
          },
          {
            type: "scatter",
            mode: "markers",
            name: "all months",
            x: middles,
            y: ever,
            hoverinfo: "text",
            hovertext: words(ever),
            marker: {
              symbol: "line-ew",
              size: view.narrow ? 18 : 28,
              line: { color: view.colours.second, width: 3 }
            }
          }
        ],
        layout: {
          bargap: 0.12,
          showlegend: true,
          legend: legendBelow({ y: -0.26 }),
          xaxis: {
            range: [-0.1, 11.1],
            tickvals: WHOLE_MINUTES,
            ticktext: WHOLE_MINUTES.map((at) => at === 10 ? "10 +" : String(at)),
            showgrid: false,
            title: { text: "minutes" }
          },
          yaxis: { tickformat: ".0%", rangemode: "tozero", zeroline: false }
        },
        caption: joinSentences(
          `The songs played in ${monthName(view.month)} are ${inMinutes(seconds)} minutes long on`,
          "average, each counted as often as it was played.",
          knownShareWords(known, "The length"),
          missingNote(row)
        ),
        table: {
          head: ["Length", monthName(view.month), "All months"],
          rows: WHOLE_MINUTES.map((at) => [lengthLabel(at), percent(now[at]), percent(ever[at])])
        }
      };
    }
  };

  // charts/recordings/releases.js
  var RELEASES = [
    { key: "album_plays", name: "albums" },
    { key: "single_plays", name: "singles" },
    { key: "compilation_plays", name: "compilations" }
  ];
  function releasedPlays(row) {
    return sumOf(RELEASES, ({ key }) => row[key]);
  }
  function releaseWords(row) {
    const parts = RELEASES.filter(({ key }) => row[key]).map(({ key, name }) => ({
      name,
      share: row[key] / releasedPlays(row)
    }));
    const whole = sumOf(parts, ({ share }) => Math.round(share * 100)) === 100;
    return joinWords(
      parts.map(({ name, share }) => `${whole ? percent(share) : inTenths(share)} are from ${name}`)
    );
  }
  var releasesChart = {
    id: "releases",
    title: "Albums, singles, compilations",
    needs: ["content_by_month"],
    draw(view) {
      const all = view.rows("content_by_month");
      const months = all.filter((row2) => row2.album_known_share >= ENOUGH);
      const row = all.find((one) => one.month === view.month);
      if (!row?.album_known_share) {
        const words = `Of no song in ${monthName(view.month)} it is known on what it was released.`;
        return { empty: `${words} Polls tell it; exports do not.` };
      }
      const { month, album_known_share: known } = row;
      if (known < ENOUGH) {
        return { empty: tooLittleKnown({ month, known_share: known }, "The kind of release") };
      }
      const colours = [view.colours.accent, view.colours.second, view.colours.third];
      const share = (one, key) => one[key] / releasedPlays(one);
      return {
        data: RELEASES.map(({ key, name }, at) => ({
          ...barsOver(view, months, {
            name,
            colour: colours[at],
            value: (one) => share(one, key),
            text: (one) => `${percent(share(one, key))} from ${name}`
          }),
          marker: { color: colours[at], line: stackBorder(view) }
        })),
        layout: sharesOverMonths(view, months),
        caption: joinSentences(
          `Of the plays of ${monthName(view.month)}, ${releaseWords(row)}.`,
          knownShareWords(known, "The kind of release"),
          underlinedMeans(months, "so shares may differ")
        ),
        table: {
          head: ["Month", ...RELEASES.map(({ name }) => `Plays from ${name}`), "Known of", ""],
          rows: months.map((one) => [
            monthName(one.month),
            ...RELEASES.map(({ key }) => one[key]),
            percent(one.album_known_share),
            atLeastCell(one)
          ])
        }
      };
    }
  };

  // charts/rotation/forgotten.js
  function markOf({ plays: plays3, days_since: days }, { narrow }) {
    if (days === null) return ` ${number(plays3)}, perhaps`;
    return ` ${number(plays3)}, ${plural(days, "day")}${narrow ? "" : " before"}`;
  }
  var forgottenChart = {
    id: "forgotten",
    title: "Forgotten favourites",
    needs: ["forgotten_favourites"],
    without: "None: every song that you played five times or more in a year was played again in the last 60 days that are known, or fewer are known.",
    draw(view) {
      const all = [...view.rows("forgotten_favourites")].sort((one, other) => one.rank - other.rank);
      const isUnknown = all.some((row) => row.days_since === null);
      const shown = all.slice(0, 12);
      const [first] = shown;
      const entries = shown.map((row) => ({
        name: songTitle(row),
        value: row.plays,
        mark: markOf(row, view),
        text: [
          escaped(songBy(row)),
          `last played on ${dayName(row.last_played_on)}`,
          `${plural(row.plays_ever, "play")} ever`
        ].join("<br>")
      }));
      return {
        ...barList(view, entries, { colour: view.colours.third, room: barRoom(view, entries) }),
        caption: joinSentences(
          first.days_since === null ? `Most played, and perhaps left alone: ${songBy(first)},` : `Most played, and now left alone: ${songBy(first)},`,
          first.days_since === null ? `played ${plural(first.plays, "time")} in a year.` : `played ${plural(first.plays, "time")} in a year, and last ${plural(first.days_since, "day")} before the last day that is known.`,
          isUnknown ? "A gap is open in the days since: songs marked “perhaps” may have been played in it." : first.in_all > shown.length && `${plural(first.in_all, "song")} are forgotten; drawn are the ${shown.length} played most.`
        ),
        table: {
          head: ["Song", "Artist", "Plays in a year", "Plays ever", "Last played on", "Days since"],
          rows: all.map((row) => [
            row.track_name,
            row.artist_name,
            row.plays,
            row.plays_ever,
            row.last_played_on,
            row.days_since
          ])
        }
      };
    }
  };

  // charts/rotation/obsessions.js
  var LOOPS = { sleep: " (to sleep)", kids: " (by the kids)" };
  function loopNote(row) {
    return LOOPS[row.loop ?? ""] ?? "";
  }
  function plays2(row) {
    return atLeast(plural(row.plays, "play"), row.at_least);
  }
  function playsAfterMark(row) {
    const known = row.at_least ? " known" : " so far";
    return ` ${number(row.plays)} → ${number(row.plays_after)}${row.abandoned === null ? known : ""}`;
  }
  var obsessionsChart = {
    id: "obsessions",
    title: "Obsessions of a week",
    needs: ["obsessions"],
    without: "No song was looped for a week and hardly ever else: it takes 10 plays on 3 days of a week, and half of all its plays.",
    draw(view) {
      const all = [...view.rows("obsessions")].sort((one, other) => other.plays - one.plays);
      const shown = all.slice(0, 10);
      const [first] = all;
      const decided = all.filter((row) => row.abandoned !== null);
      const abandoned = decided.filter((row) => row.abandoned).length;
      const entries = shown.map((row) => ({
        name: songTitle(row),
        value: row.plays,
        mark: playsAfterMark(row),
        colour: row.abandoned ? view.colours.second : view.colours.accent,
        text: [
          escaped(songBy(row)),
          `${dayName(row.starts_on)} to ${dayName(row.ends_on)}${loopNote(row)}`,
          `${plays2(row)}, ${percent(row.share)} of all its plays`
        ].join("<br>")
      }));
      return {
        ...barList(view, entries, { colour: view.colours.accent, room: barRoom(view, entries) }),
        caption: joinSentences(
          `In the week from ${dayName(first.starts_on)}, ${songBy(first)} had`,
          `${plays2(first)}${loopNote(first)}.`,
          `${plural(all.length, "obsession")} in all.`,
          decided.length ? joinSentences(
            `Of the ${plural(decided.length, "song")} whose next 60 days are known,`,
            `${number(abandoned)} ${abandoned === 1 ? "was" : "were"} dropped,`,
            "with at most one play in those days."
          ) : "Whether any was dropped is not known yet: it takes the 60 days after.",
          "Behind a bar: plays in the week → in the 60 days after."
        ),
        table: {
          head: [
            "Song",
            "Artist",
            "From",
            "To",
            "Plays in the week",
            "In the 60 days after",
            "Ever",
            "Whose",
            ""
          ],
          rows: all.map((row) => [
            row.track_name,
            row.artist_name,
            row.starts_on,
            row.ends_on,
            row.plays,
            row.plays_after,
            row.plays_ever,
            row.loop ?? "yours",
            atLeastCell(row)
          ])
        }
      };
    }
  };

  // charts/rotation/stays.js
  var STATES2 = {
    new: { sign: "+", means: "new" },
    rising: { sign: "▲", means: "rising" },
    heavy: { sign: "=", means: "steady" },
    cooling: { sign: "▼", means: "cooling" }
  };
  var IT_TAKES = "Unless set otherwise, it takes 8 plays on 4 different days within four weeks, and a place among the 30 most played.";
  var NO_ROTATION = `No song was in heavy rotation yet. ${IT_TAKES}`;
  function stayDates(stay) {
    const until = stay.left_on ? `to ${dayName(dayAfter(stay.left_on, -1))}` : `on, now ${STATES2[stay.state].means}`;
    return `from ${dayName(stay.entered_on)} ${until}`;
  }

  // charts/rotation/rotation.js
  function staysUpTo(view, count) {
    const days = view.rows("listening_by_day");
    const known = dayAfter(lastOf(days).day);
    const from = monthAfter(view.month, 1 - count);
    const to = earliest([monthAfter(view.month), known]);
    return view.rows("heavy_rotation").map((row) => ({
      ...row,
      from: latest([row.entered_on, from]),
      to: earliest([row.left_on ?? known, to])
    })).filter((row) => row.from < row.to);
  }
  function lengthOfStay(stay) {
    return dayNumber(stay.to) - dayNumber(stay.from);
  }
  function songLines(stays) {
    const lines = [];
    for (const stay of [...stays].sort((one, other) => one.from < other.from ? -1 : 1)) {
      const same = lines.find(
        (line) => songBy(line[0]) === songBy(stay) && lastOf(line).to <= stay.from
      );
      if (same) same.push(stay);
      else lines.push([stay]);
    }
    return lines;
  }
  function stayBars(view, lines, name, lasting, colour) {
    const placed = lines.flatMap((line, at) => line.map((stay) => ({ stay, at }))).filter(({ stay }) => stay.left_on === null === lasting);
    const stays = placed.map(({ stay }) => stay);
    return {
      type: "bar",
      orientation: "h",
      name,
      showlegend: false,
      y: placed.map(({ at }) => at),
      base: stays.map((stay) => stay.from),
      x: stays.map((stay) => lengthOfStay(stay) * DAY_MS),
      marker: hatched(stays, colour, view),
      width: 0.55,
      hoverinfo: "text",
      hovertext: stays.map((stay) => {
        const plays3 = atLeast(plural(stay.plays, "play"), stay.at_least);
        return [escaped(songBy(stay)), stayDates(stay), `${plays3}, best rank ${stay.peak_rank}`].join(
          "<br>"
        );
      })
    };
  }
  var rotationChart = {
    id: "rotation",
    title: "Heavy rotation",
    needs: ["heavy_rotation", "listening_by_day"],
    without: NO_ROTATION,
    wide: true,
    draw(view) {
      const count = view.narrow ? 6 : 12;
      const stays = staysUpTo(view, count);
      const these = `the ${count} months up to ${monthName(view.month)}`;
      if (!stays.length) {
        const words = `No song was in heavy rotation for a week in ${these}.`;
        return { empty: `${words} ${IT_TAKES} Choose another month.` };
      }
      const longest = (line) => sumOf(line, lengthOfStay);
      const all = songLines(stays);
      const lines = [...all].sort((one, other) => longest(other) - longest(one)).slice(0, 16).sort((one, other) => one[0].from < other[0].from ? -1 : 1);
      const best = stays.reduce(
        (most, stay) => lengthOfStay(stay) > lengthOfStay(most) ? stay : most
      );
      const shown = lines.flat();
      const songs = lines.map((line) => songLabel(line[0], view));
      const from = earliest(shown.map((stay) => stay.from));
      const to = latest(shown.map((stay) => stay.to));
      const { quiet, accent } = view.colours;
      const bars3 = [
        stayBars(view, lines, "left again", false, quiet),
        stayBars(view, lines, "lasts to this day", true, accent)
      ].filter((trace) => trace.y.length);
      return {
        data: [
          ...bars3,
          ...bars3.map(({ name }) => legendEntry(name, name === "left again" ? quiet : accent))
        ],
        layout: {
          barmode: "overlay",
          showlegend: true,
          legend: { y: 1.02, yanchor: "bottom", traceorder: "normal" },
          xaxis: { ...dayAxis([from, to], view), showgrid: true },
          yaxis: nameAxis(view, songs)
        },
        height: 110 + 26 * Math.max(lines.length, 2),
        caption: joinSentences(
          `The longest stay of ${these} is that of ${songBy(best)}:`,
          `${plural(lengthOfStay(best), "day")} of it,`,
          `with ${atLeast(plural(best.plays, "play"), best.at_least)} in the whole stay.`,
          all.length === 1 && "It is the only song.",
          all.length > lines.length && `Drawn are the ${lines.length} songs that stayed longest.`,
          "Stays of less than a week that are over are left out.",
          hatchedMeans(shown, "so a stay may have been longer")
        ),
        table: {
          head: ["Song", "Artist", "Entered on", "Left on", "Days", "Plays", "Best rank", ""],
          rows: shown.map((stay) => [
            stay.track_name,
            stay.artist_name,
            stay.entered_on,
            stay.left_on ?? "lasts",
            stay.days,
            stay.plays,
            stay.peak_rank,
            atLeastCell(stay)
          ])
        }
      };
    }
  };

  // charts/rotation/rotation-now.js
  var rotationNowChart = {
    id: "rotation-now",
    title: "In heavy rotation now",
    needs: ["heavy_rotation"],
    without: NO_ROTATION,
    draw(view) {
      const lasting = view.rows("heavy_rotation").filter((row) => row.left_on === null).sort((one, other) => other.plays - one.plays);
      if (!lasting.length) {
        return {
          empty: `On the last day that is known, no song was in heavy rotation. ${IT_TAKES}`
        };
      }
      const shown = lasting.slice(0, 12);
      const counts = Object.entries(STATES2).flatMap(([state2, { sign, means }]) => {
        const count = lasting.filter((row) => row.state === state2).length;
        return count ? [`${count} ${means} (${sign})`] : [];
      });
      const entries = shown.map((row) => ({
        name: songTitle(row),
        value: row.plays,
        mark: ` ${number(row.plays)}  ${STATES2[row.state].sign}`,
        text: [
          escaped(songBy(row)),
          stayDates(row),
          `${atLeast(plural(row.plays, "play"), row.at_least)} since`
        ].join("<br>")
      }));
      return {
        ...barList(view, entries, { colour: view.colours.accent, room: barRoom(view, entries) }),
        caption: joinSentences(
          "In heavy rotation on the last day that is known, as far as they are among the most",
          `played: ${joinWords(counts)}.`,
          lasting.length > shown.length && `Drawn are the ${shown.length} with the most plays.`,
          `Plays are those since a song came into heavy rotation${shown.some((row) => row.at_least) ? ", at least" : ""}.`
        ),
        table: {
          head: ["Song", "Artist", "State", "Since", "Days", "Plays", "Best rank", ""],
          rows: lasting.map((row) => [
            row.track_name,
            row.artist_name,
            STATES2[row.state].means,
            row.entered_on,
            row.days,
            row.plays,
            row.peak_rank,
            atLeastCell(row)
          ])
        }
      };
    }
  };

  // charts/sound/over-months.js
  function soundOverMonths(view, lines, axis, words) {
    const all = view.rows("audio_profile_by_month");
    const months = wellKnown(all);
    if (!months.length) {
      const best = all.reduce((most, row2) => row2.known_share > most.known_share ? row2 : most);
      if (!best.known_share) return { empty: NO_SOUND };
      return {
        empty: joinSentences(
          `The sound of ${percent(best.known_share)} of the plays is known at most,`,
          `in ${monthName(best.month)}: too few for a line.`,
          "From 50 % on a month is drawn; fuller reference data would help."
        )
      };
    }
    const row = months.find((one) => one.month === view.month);
    const unknown = all.find((one) => one.month === view.month);
    const left = all.length - months.length;
    return {
      data: lines.map(
        ({ key, ...line }) => lineOver(view, months, {
          ...line,
          value: (one) => one[key],
          text: (one) => `${line.name} ${line.format(one[key])}`
        })
      ),
      layout: overMonths(view, axis, { showlegend: lines.length > 1 }),
      caption: joinSentences(
        row ? words(row) : unknown ? tooLittleKnown(unknown, "The sound") : emptyMonthWords(view),
        left > 0 && `Left out: ${plural(left, "month")} of which the sound of less than half is known.`,
        hollowMeans(months)
      ),
      table: {
        head: ["Month", ...lines.map((line) => line.name), "Known of", ""],
        rows: months.map((one) => [
          monthName(one.month),
          ...lines.map(({ key, format }) => format(one[key])),
          percent(one.known_share),
          atLeastCell(one)
        ])
      }
    };
  }

  // charts/sound/acoustic.js
  var acousticChart = {
    id: "acoustic",
    title: "Acoustic and instrumental",
    needs: ["audio_profile_by_month"],
    without: NO_SOUND,
    draw(view) {
      const { accent, second } = view.colours;
      return soundOverMonths(
        view,
        [
          { key: "acoustic_share", name: "acoustic", colour: accent, format: percent },
          {
            key: "instrumental_share",
            name: "instrumental",
            colour: second,
            dash: "dot",
            symbol: "square",
            format: percent
          }
        ],
        { range: [0, 1], tickformat: ".0%" },
        (row) => joinSentences(
          `Of the plays of ${monthName(view.month)} whose sound is known,`,
          row.acoustic_share === null ? "it is not known how many are acoustic;" : `${percent(row.acoustic_share)} are acoustic, the others electronic;`,
          row.instrumental_share === null ? "how many are instrumental is not known." : `${percent(row.instrumental_share)} are instrumental, the others sung or spoken.`
        )
      );
    }
  };

  // charts/sound/mood.js
  var moodChart = {
    id: "mood",
    title: "Mood",
    needs: ["audio_profile_by_month"],
    without: NO_SOUND,
    draw(view) {
      const format = (value) => number(value, 2);
      const { accent } = view.colours;
      return soundOverMonths(
        view,
        [{ key: "mood_score", name: "mood", colour: accent, format }],
        { range: [0, 1], title: { text: "dark and calm 0 – 1 bright and lively" } },
        (row) => joinSentences(
          `The mood of ${monthName(view.month)} is ${format(row.mood_score)},`,
          "from 0, dark and calm, to 1, bright and lively;",
          `${number(row.tempo)} beats per minute.`
        )
      );
    }
  };

  // charts/sound/sound-of-favourites.js
  function quantile(sorted, at) {
    const place = (sorted.length - 1) * at;
    const low = Math.floor(place);
    return sorted[low] + (place - low) * ((sorted[low + 1] ?? sorted[low]) - sorted[low]);
  }
  var soundOfFavouritesChart = {
    id: "sound-of-favourites",
    title: "The sound of your favourites",
    needs: ["favourite_tracks"],
    draw(view) {
      const songs = view.rows("favourite_tracks");
      const known = songs.filter((row) => row.energy !== null);
      if (!known.length) return { empty: NO_SOUND };
      if (known.length < 5 || known.length < songs.length * ENOUGH) {
        return {
          empty: joinSentences(
            `The sound of ${number(known.length)} of your`,
            `${plural(songs.length, "most played song")} is known, by reference data:`,
            "too few to draw. It takes half of them, and five."
          )
        };
      }
      const values = ({ key }) => known.map((row) => row[key]).filter((one) => one !== null).sort((a, b) => a - b);
      const energy = values(SOUNDS[0]);
      return {
        data: SOUNDS.map((sound) => ({
          type: "violin",
          orientation: "h",
          x: values(sound),
          y0: sound.name,
          name: sound.name,
          points: false,
          spanmode: "hard",
          line: { color: view.colours.accent, width: 1.5 },
          fillcolor: withOpacity(view.colours.accent, 0.2),
          meanline: { visible: true, color: view.colours.second, width: 2 },
          hoverinfo: "skip",
          width: 0.9
        })),
        layout: {
          xaxis: { range: [0, 1], zeroline: false },
          yaxis: { type: "category", autorange: "reversed", showgrid: false, ticks: "" },
          violingap: 0
        },
        height: 380,
        caption: joinSentences(
          "Half of your favourites have an energy between",
          `${number(quantile(energy, 0.25), 2)} and ${number(quantile(energy, 0.75), 2)}.`,
          "Broad is frequent; the line across is the mean.",
          known.length < songs.length && `The sound of ${number(known.length)} of ${number(songs.length)} is known.`
        ),
        table: {
          head: ["Sound", "A quarter is below", "Half is below", "Three quarters are below"],
          rows: SOUNDS.map((sound) => [
            sound.name,
            ...[0.25, 0.5, 0.75].map((at) => number(quantile(values(sound), at), 2))
          ])
        }
      };
    }
  };

  // charts/variety/artist-diversity.js
  var artistDiversityChart = {
    id: "artist-diversity",
    title: "Artists, and how evenly they are played",
    needs: ["discovery_by_month"],
    draw(view) {
      const months = view.rows("discovery_by_month");
      const marked = markedIfCut(view, months);
      const { accent, second } = view.colours;
      const most = Math.max(...months.map((one) => one.artists));
      const row = rowOfMonth(view, "discovery_by_month");
      const heard = (one) => atLeast(plural(one.artists, "artist"), one.at_least);
      const evenly = (one) => one.artists === 1 ? "and no other" : `as varied as ${number(one.effective_artists, 1)} artists played equally`;
      return {
        data: [
          lineOver(view, marked, {
            name: "artists heard",
            colour: accent,
            value: (one) => one.artists,
            text: heard
          }),
          lineOver(view, marked, {
            name: "as varied as so many, played equally",
            colour: second,
            dash: "dot",
            symbol: "square",
            value: (one) => one.effective_artists,
            text: evenly
          })
        ],
        layout: overMonths(view, countAxis(most, "artists"), { showlegend: true }),
        caption: joinSentences(
          row ? `In ${monthName(view.month)}, you heard ${heard(row)}, ${evenly(row)}.` : `No music is known in ${monthName(view.month)}.`,
          row && knownDaysWords(view),
          marked.some((one) => one.at_least) && "Hollow: plays may be missing, or not all days are known."
        ),
        table: {
          head: ["Month", "Artists", "As varied as", "Evenness", "Plays", ""],
          rows: months.map((one) => [
            monthName(one.month),
            one.artists,
            one.effective_artists,
            one.evenness,
            one.plays,
            atLeastCell(one)
          ])
        }
      };
    }
  };

  // charts/variety/discovery.js
  var HABITS = [
    { key: "artist_diversity", name: "diversity", meaning: "artists per play" },
    {
      key: "new_artist_share",
      name: "new<br>artists",
      meaning: "of the plays, by artists new to you"
    },
    {
      key: "new_release_ratio",
      name: "new<br>releases",
      meaning: "of the plays, released in the year before"
    },
    {
      key: "repeat_rate",
      name: "repeats",
      meaning: "of the plays, songs played before in the month"
    },
    { key: "loyalty", name: "loyalty", meaning: "of the plays, by the ten first artists" },
    { key: "evenness", name: "evenness", meaning: "how alike artists are played, 1 is all alike" }
  ];
  function isBeginning(row) {
    return row.history_starts_on > monthAfter(row.month, -1);
  }
  function usualMonths(view, months) {
    const whole = months.filter(
      (row) => !isBeginning(row) && row.new_artists < row.artists && isWhole(view, row.month)
    );
    const told = whole.filter((row) => !row.at_least);
    return told.length >= 3 ? told : whole;
  }
  function radarWords(view, row, { first, standing, usual }) {
    const rim = joinSentences(
      `Each spoke ends at the most of any of ${plural(usual.length, "whole month")};`,
      "those in which everything is new, as at the beginning, are left out."
    );
    if (first) {
      return joinSentences(
        `Little or nothing is known before ${monthName(view.month)},`,
        "so nearly every artist is new in it.",
        rim
      );
    }
    const dated = rowOfMonth(view, "release_years_by_month")?.known_share ?? 0;
    return joinSentences(
      `What stands out in ${monthName(view.month)}: ${standing}.`,
      rim,
      dated >= ENOUGH && dated < 1 && `When a song was released is known for ${percent(dated)} of the plays.`,
      knownDaysWords(view),
      !isWhole(view, row.month) && "Fewer plays look more varied.",
      row.at_least && "Plays may be missing, so habits may differ."
    );
  }
  function plainName({ name }) {
    return name.replace("<br>", " ");
  }
  function mean(values) {
    const known = values.filter((value) => value !== null);
    return known.length ? sumOf(known, (value) => value) / known.length : null;
  }
  function habitsOf(row, usual, isDated) {
    return HABITS.flatMap(({ key, name, meaning }) => {
      const value = row[key];
      if (value === null || key === "new_release_ratio" && !isDated) return [];
      const most = Math.max(...usual.map((one) => one[key] ?? 0), 0);
      const usually = mean(usual.map((one) => one[key]));
      const habit = {
        name,
        meaning,
        value,
        usually,
        most,
        now: {
          name,
          r: most ? Math.min(value / most, 1) : 0,
          text: `${inTenths(value)}, at most ${inTenths(most)}`
        },
        mean: {
          name,
          r: most && usually !== null ? usually / most : 0,
          text: `usually ${inTenths(usually)}`
        }
      };
      return [habit];
    });
  }
  function distanceFromUsual(habit) {
    return habit.most ? Math.abs(habit.value - (habit.usually ?? 0)) / habit.most : 0;
  }
  var discoveryChart = {
    id: "discovery",
    title: "How you discovered",
    needs: ["discovery_by_month"],
    draw(view) {
      const row = rowOfMonth(view, "discovery_by_month");
      if (!row) return emptyMonth(view);
      const usual = usualMonths(view, view.rows("discovery_by_month"));
      if (usual.length < 3) {
        return {
          empty: joinSentences(
            "To say what is usual for you takes three whole months,",
            "besides those in which everything is new, as at the beginning.",
            "Come back then, or import an export."
          )
        };
      }
      const dated = rowOfMonth(view, "release_years_by_month")?.known_share ?? 0;
      const habits = habitsOf(row, usual, dated >= ENOUGH);
      const now = habits.map((one) => one.now);
      const usually = habits.map((one) => one.mean);
      const first = isBeginning(row);
      const farthest = habits.reduce(
        (best, one) => distanceFromUsual(one) > distanceFromUsual(best) ? one : best
      );
      const standing = joinSentences(
        `${plainName(farthest)}, ${inTenths(farthest.value)} against`,
        `${inTenths(farthest.usually)} usually (${farthest.meaning})`
      );
      return {
        data: [
          radarLine("usually", usually, view.colours.second, { dash: "dot" }),
          radarLine(monthName(view.month), now, view.colours.accent, { filled: true })
        ],
        layout: radarLayout(view, { showticklabels: false }),
        height: 360,
        caption: radarWords(view, row, { first, standing, usual }),
        table: {
          head: ["Habit", monthName(view.month), "Usually", "At most", "Meaning"],
          rows: habits.map((one) => [
            plainName(one),
            ...[one.value, one.usually, one.most].map(inTenths),
            one.meaning
          ])
        }
      };
    }
  };

  // charts/variety/new-and-familiar.js
  var newAndFamiliarChart = {
    id: "new-and-familiar",
    title: "New songs, and those you knew",
    needs: ["discovery_by_month"],
    wide: true,
    draw(view) {
      const months = view.rows("discovery_by_month");
      const marked = markedIfCut(view, months);
      const row = rowOfMonth(view, "discovery_by_month");
      const { accent, quiet } = view.colours;
      const known = (one) => one.tracks - one.new_tracks;
      const most = Math.max(...months.map((one) => one.tracks));
      const start = months[0].history_starts_on;
      const bars3 = [
        barsOver(view, marked, {
          name: "heard before",
          value: known,
          colour: quiet,
          text: (one) => `${plural(known(one), "song")} heard before`
        }),
        barsOver(view, marked, {
          name: "heard for the first time",
          value: (one) => one.new_tracks,
          colour: accent,
          text: (one) => `${plural(one.new_tracks, "song")} and ${plural(one.new_artists, "artist")} for the first time`
        })
      ];
      return {
        data: [
          ...bars3.map((trace) => ({ ...trace, showlegend: false })),
          ...bars3.map(({ name }, at) => legendEntry(name, [quiet, accent][at]))
        ],
        layout: overMonths(view, countAxis(most, "songs"), {
          barmode: "stack",
          showlegend: true
        }),
        caption: joinSentences(
          row ? newInWords(row) : `No music is known in ${monthName(view.month)}.`,
          `Nothing is known before ${dayName(start)}: at first everything is new.`,
          row && knownDaysWords(view),
          marked.some((one) => one.at_least) && "Hatched: plays may be missing, or not all days are known, so it is at least that much."
        ),
        table: {
          head: [
            "Month",
            "Songs",
            "New songs",
            "Artists",
            "New artists",
            "Share of plays by new artists",
            ""
          ],
          rows: months.map((one) => [
            monthName(one.month),
            one.tracks,
            one.new_tracks,
            one.artists,
            one.new_artists,
            percent(one.new_artist_share),
            atLeastCell(one)
          ])
        }
      };
    }
  };
  function newInWords(row) {
    const songs = partOf(row.new_tracks, row.tracks, "song");
    const artists = partOf(row.new_artists, row.artists, "artist");
    return `New to you in ${monthName(row.month)}: ${songs} and ${artists}.`;
  }

  // charts/sections.js
  var SECTIONS = [
    {
      id: "when",
      title: "When do you listen?",
      charts: [hoursChart, calendarChart, daysChart, monthsChart, skipsChart]
    },
    {
      id: "who",
      title: "Who do you listen to?",
      charts: [artistFlowChart, artistRaceChart, songsChart]
    },
    {
      id: "wide",
      title: "How wide do you listen?",
      charts: [artistDiversityChart, discoveryChart, newAndFamiliarChart]
    },
    {
      id: "known",
      title: "How well known is your music?",
      charts: [mainstreamChart, popularityChart, popularityAndPlaysChart]
    },
    {
      id: "world",
      title: "How do your plays compare with the world’s?",
      of: "play_counts",
      charts: [playsOfTheWorldChart]
    },
    {
      id: "age",
      title: "What kind of recordings do you play?",
      charts: [releaseYearsChart, decadesChart, releasesChart, explicitChart, lengthsChart]
    },
    {
      id: "change",
      title: "How does your taste change?",
      charts: [tasteOverlapChart, artistsHalfYearChart, genresChart]
    },
    {
      id: "sound",
      title: "How does it sound?",
      charts: [audioProfileChart, soundOfFavouritesChart, moodChart, acousticChart]
    },
    {
      id: "contexts",
      title: "What do you listen for?",
      charts: [contextsChart, contextsMonthChart, sessionsChart, playedFromChart]
    },
    {
      id: "rotation",
      title: "What do you keep coming back to?",
      charts: [rotationChart, rotationNowChart, obsessionsChart, forgottenChart]
    },
    {
      id: "playlists",
      title: "What is in your playlists?",
      of: "playlist_summary",
      charts: [playlistsChart, overlapChart]
    },
    {
      id: "in-a-playlist",
      title: "What is one playlist made of?",
      of: "playlist_summary",
      chooser: true,
      charts: [
        weightsChart,
        topWeightsChart,
        verdictsChart,
        overAndUnderChart,
        duplicatesChart,
        historyChart,
        playlistArtistsChart,
        playlistGenresChart,
        playlistDecadesChart,
        playlistSoundChart
      ]
    },
    { id: "complete", title: "How complete is this?", charts: [gapsChart] }
  ];

  // data/unpack.js
  function rowsOf(carried) {
    const unpacked = /* @__PURE__ */ new Map();
    return (table, scope) => {
      const scopes = carried.tables[table] ?? {};
      const packed = scopes[scope] ?? scopes[""];
      if (!packed) return [];
      const rows2 = unpacked.get(packed) ?? unpackTable(packed, carried.strings);
      unpacked.set(packed, rows2);
      return rows2;
    };
  }
  function unpackTable({ rows: rows2, columns }, strings) {
    const unpacked = Object.entries(columns).map(([name, column]) => ({
      name,
      values: unpackColumn(column, strings)
    }));
    return Array.from(
      { length: rows2 },
      (_, n) => Object.fromEntries(unpacked.map(({ name, values }) => [name, values[n]]))
    );
  }
  function unpackColumn({ as, of, by, each }, strings) {
    const numbers = unpackNumbers(of);
    const known = (value) => numbers.map((one) => one === null ? null : value(one));
    switch (as) {
      case "number":
        return by ? known((one) => one / by) : numbers;
      case "bool":
        return known(Boolean);
      case "string":
        return known((place) => strings[place]);
      case "date":
        return known(isoDay);
      case "instant":
        return known(isoInstant);
      case "list":
        return lists(numbers.map(Number), each ?? {}, strings);
      default:
        throw new Error(`no such column: ${as}`);
    }
  }
  function unpackNumbers(packed) {
    if (typeof packed === "string") return decode(packed);
    return "runs" in packed ? fromRuns(decode(packed.runs)) : summedUp(unpackNumbers(packed.steps));
  }
  var SIGNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  var DIGITS = new Map([...SIGNS].map((sign, digit) => [sign, digit]));
  function decode(text) {
    const numbers = [];
    let number2 = 0;
    let times = 1;
    for (const sign of text) {
      const digit = DIGITS.get(sign);
      if (digit === void 0) {
        numbers.push(null);
        continue;
      }
      number2 += digit % 32 * times;
      times *= 32;
      if (digit < 32) continue;
      numbers.push(number2 % 2 ? -(number2 - 1) / 2 : number2 / 2);
      number2 = 0;
      times = 1;
    }
    return numbers;
  }
  function fromRuns(runs) {
    const values = [];
    for (let n = 0; n < runs.length; n += 2) {
      for (let times = runs[n + 1] ?? 0; times > 0; times -= 1) values.push(runs[n]);
    }
    return values;
  }
  function summedUp(steps) {
    let sum = 0;
    return steps.map((step) => {
      if (step === null) return null;
      sum += step;
      return sum;
    });
  }
  function lists(lengths, columns, strings) {
    const count = lengths.reduce((sum, length) => sum + length, 0);
    const entries = unpackTable({ rows: count, columns }, strings);
    let from = 0;
    return lengths.map((length) => {
      from += length;
      return entries.slice(from - length, from);
    });
  }

  // page/dom.js
  function element(name, attributes = {}, ...children) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
    made.append(...children);
    return made;
  }
  function section(id, title, ...body) {
    const heading = element("h2", { id: `${id}-title` }, title);
    return element("section", { id, "aria-labelledby": `${id}-title` }, heading, ...body);
  }
  function byId(id) {
    const found = document.getElementById(id);
    if (!found) throw new Error(`the page has no #${id}`);
    return found;
  }

  // page/carried.js
  var rows = rowsOf(JSON.parse(byId("data").textContent ?? ""));
  var MONTHS = monthsOf(rows);

  // page/player.js
  function createPlayer(title, whenStepped) {
    const button = element("button", { type: "button" }, "Play");
    const slider = element("input", { type: "range", min: "0", "aria-label": `${title}: step` });
    const label = element("span", { class: "step" });
    let steps = { labels: [], interval: 0 };
    let timer = null;
    const player = {
      element: element("div", { class: "player" }, button, slider, label),
      step: 0,
      /**
       * Start anew with other steps. Without any it is hidden, and stays where it is: what has the
       * focus must not lose it.
       * @param {Steps | undefined} others
       */
      show(others) {
        stop();
        player.element.hidden = !others;
        if (!others) return;
        steps = others;
        slider.max = String(steps.labels.length - 1);
        showStep(others.at);
      }
    };
    function showStep(step) {
      player.step = step;
      slider.value = String(step);
      slider.setAttribute("aria-valuetext", steps.labels[step]);
      label.textContent = steps.labels[step];
    }
    function go(step) {
      showStep(step);
      whenStepped();
    }
    function play() {
      const last = steps.labels.length - 1;
      if (player.step >= last) go(0);
      button.textContent = "Pause";
      timer = setInterval(() => {
        go(player.step + 1);
        if (player.step >= last) stop();
      }, steps.interval);
    }
    function stop() {
      if (timer !== null) clearInterval(timer);
      timer = null;
      button.textContent = "Play";
    }
    slider.addEventListener("input", () => {
      stop();
      go(Number(slider.value));
    });
    button.addEventListener("click", () => timer === null ? play() : stop());
    return player;
  }

  // page/table.js
  function tableOf({ head, rows: rows2 }) {
    const isNumber = head.map((_, n) => rows2.some((cells) => typeof cells[n] === "number"));
    const line = (cells, name) => element(
      "tr",
      {},
      ...cells.map(
        (cell, n) => element(
          name,
          { ...isNumber[n] && { class: "figure" }, ...name === "th" && { scope: "col" } },
          typeof cell === "number" ? number(cell, 2) : cell ?? "–"
        )
      )
    );
    return element(
      "table",
      {},
      element("thead", {}, line(head, "th")),
      element("tbody", {}, ...rows2.map((cells) => line(cells, "td")))
    );
  }

  // page/figure.js
  function createFigure(chart, options) {
    const { id, title } = chart;
    const caption = element("p", { class: "caption" });
    const plot = element("div", { class: "plot", role: "img", "aria-label": `${title}, drawn` });
    const empty = element("p", { class: "empty" });
    const numbers = element("div", {
      class: "scroll",
      tabindex: "0",
      role: "region",
      "aria-label": `${title}, as a table`
    });
    const summary = element(
      "summary",
      {},
      "As a table",
      element("span", { class: "unseen" }, `: ${title}`)
    );
    const details = element("details", { class: "numbers" }, summary, numbers);
    const picture = element("div", {}, plot, empty);
    const heading = element("figcaption", {}, element("h3", {}, title), caption);
    let shown = { empty: "" };
    let table;
    let isStale = true;
    let player;
    const figure = {
      element: element(
        "figure",
        { id: `chart-${id}`, class: chart.wide ? "chart wide" : "chart" },
        heading,
        picture,
        details
      ),
      /** Whether it is on the screen, or close to it. */
      isNear: false,
      /** Show the words of what is to be shown now; the picture is drawn when it is near. */
      refresh() {
        shown = drawing(chart, options());
        isStale = true;
        table = shown.empty === void 0 ? shown.table : void 0;
        const isEmpty = shown.empty !== void 0;
        caption.textContent = shown.empty === void 0 ? shown.caption : "";
        caption.style.minHeight = "";
        empty.textContent = shown.empty ?? "";
        caption.hidden = isEmpty;
        empty.hidden = !isEmpty;
        plot.hidden = isEmpty;
        details.hidden = isEmpty;
        plot.style.minHeight = `${shown.empty === void 0 ? shown.height : 300}px`;
        showPlayer(shown.empty === void 0 ? shown : void 0);
        showTable();
      },
      paint() {
        if (!isStale) return;
        isStale = false;
        if (shown.empty !== void 0) {
          Plotly.purge(plot);
          return;
        }
        const { steps, config } = shown;
        const step = steps && player ? steps.draw(player.step) : shown;
        if (step !== shown) tell(step);
        Plotly.react(plot, step.data, step.layout, config);
      },
      /** Why it is empty; undefined where it is not. */
      whyEmpty() {
        return shown.empty;
      },
      /** Say no more than that the reason is the same as above. */
      shortenWhyEmpty() {
        empty.textContent = "The same goes for this.";
      }
    };
    function showPlayer(drawn) {
      if (drawn?.steps && !player) {
        player = createPlayer(title, () => {
          isStale = true;
          if (figure.isNear) figure.paint();
        });
        picture.append(player.element);
      }
      player?.show(drawn?.steps);
    }
    function tell(step) {
      if (caption.textContent === step.caption) return;
      caption.style.minHeight = `${caption.offsetHeight}px`;
      caption.textContent = step.caption;
      table = step.table;
      showTable();
    }
    function showTable() {
      if (details.open && table) numbers.replaceChildren(tableOf(table));
    }
    details.addEventListener("toggle", showTable);
    return figure;
  }
  function drawing(chart, options) {
    try {
      return draw(chart, rows, options);
    } catch (error) {
      console.error(chart.id, error);
      return { empty: "This could not be drawn. The numbers are in the tables." };
    }
  }

  // page/screen.js
  var prefersDark = matchMedia("(prefers-color-scheme: dark)");
  var isNarrow = matchMedia("(max-width: 640px)");
  var prefersStill = matchMedia("(prefers-reduced-motion: reduce)");
  var printing = false;
  var theme = "system";
  var watchers = [];
  function startTheme() {
    byId("theme").hidden = false;
    byId("theme").addEventListener("change", ({ target }) => {
      theme = /** @type {HTMLInputElement} */
      target.value;
      document.documentElement.dataset.theme = theme;
      for (const whenChanged of watchers) whenChanged();
    });
  }
  function watchScreen(whenChanged) {
    watchers.push(whenChanged);
    prefersDark.addEventListener("change", whenChanged);
    isNarrow.addEventListener("change", whenChanged);
  }
  function setPrinting(now) {
    printing = now;
    document.documentElement.classList.toggle("printing", now);
    document.documentElement.dataset.theme = now ? "light" : theme;
  }
  function currentScreen() {
    const dark = theme === "dark" || theme === "system" && prefersDark.matches;
    return {
      colours: dark && !printing ? DARK : LIGHT,
      narrow: isNarrow.matches && !printing,
      still: prefersStill.matches || printing
    };
  }

  // page/chapters.js
  var figuresOfChapters = [];
  function createChapter({ id, title, charts }, options, ...before) {
    const figures = charts.map((chart) => createFigure(chart, options));
    const grid = element("div", { class: "grid" }, ...figures.map((figure) => figure.element));
    figuresOfChapters.push(figures);
    return section(id, title, ...before, grid);
  }
  function contents(titles) {
    const links = titles.map(
      ({ id, title }) => element("li", {}, element("a", { href: `#${id}` }, title))
    );
    return element(
      "nav",
      { class: "contents", "aria-label": "Contents" },
      element("ol", {}, ...links)
    );
  }
  function refreshFigures() {
    for (const figure of figuresOfChapters.flat()) figure.refresh();
    for (const figures of figuresOfChapters) shortenReasons(figures);
    paintAll((figure) => figure.isNear);
  }
  function paintAll(which) {
    for (const figure of figuresOfChapters.flat()) if (which(figure)) figure.paint();
  }
  function shortenReasons(figures) {
    const said = /* @__PURE__ */ new Set();
    for (const figure of figures) {
      const why = figure.whyEmpty();
      if (why === void 0) continue;
      if (said.has(why)) figure.shortenWhyEmpty();
      said.add(why);
    }
  }
  var byElement = /* @__PURE__ */ new Map();
  var observer;
  function watchScrolling() {
    for (const figure of figuresOfChapters.flat()) byElement.set(figure.element, figure);
    observer = new IntersectionObserver(
      (entries) => {
        for (const { target, isIntersecting } of entries) {
          const figure = byElement.get(target);
          if (!figure) continue;
          figure.isNear = isIntersecting;
          if (isIntersecting) figure.paint();
        }
      },
      { rootMargin: "400px" }
    );
    for (const target of byElement.keys()) observer.observe(target);
  }
  function startPrinting(refresh) {
    const print = (now) => {
      setPrinting(now);
      refresh();
      if (now) paintAll(() => true);
    };
    addEventListener("beforeprint", () => print(true));
    addEventListener("afterprint", () => print(false));
  }

  // page/state.js
  var hasOwn = rows("listening_by_month", "mine").some((row) => row.plays);
  var state = {
    scope: hasOwn ? "mine" : "all",
    month: MONTHS.at(-1) ?? "",
    playlist: playlistsInOrder(rows)[0]?.playlist_id ?? ""
  };
  var subscribers = [];
  function currentState() {
    return state;
  }
  function subscribe(whenChanged) {
    subscribers.push(whenChanged);
  }
  function change(changes) {
    const before = { ...state };
    Object.assign(state, changes);
    const names = (
      /** @type {(keyof State)[]} */
      Object.keys(changes)
    );
    const changed = names.filter((name) => state[name] !== before[name]);
    if (!changed.length) return;
    for (const whenChanged of subscribers) whenChanged(changed);
  }
  function currentOptions() {
    return { ...state, ...currentScreen() };
  }

  // page/chooser.js
  function playlistChooser() {
    const playlists = playlistsInOrder(rows);
    const select = element("select", { id: "playlist" });
    for (const one of playlists) select.add(new Option(optionName(one), one.playlist_id));
    select.value = currentState().playlist;
    select.addEventListener("change", () => change({ playlist: select.value }));
    const label = element("label", { for: "playlist" }, "Playlist");
    const chooser = element("p", { class: "chooser" }, label, select);
    chooser.hidden = playlists.length < 2;
    return chooser;
  }

  // page/controls.js
  function startControls() {
    const select = (
      /** @type {HTMLSelectElement} */
      byId("month")
    );
    for (const month of MONTHS) select.add(new Option(monthName(month), month));
    select.addEventListener("change", () => change({ month: select.value }));
    byId("month-before").addEventListener("click", () => stepMonth(-1));
    byId("month-after").addEventListener("click", () => stepMonth(1));
    byId("months").addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (!step) return;
      event.preventDefault();
      stepMonth(step);
    });
    const chosen = document.querySelector(`input[name=scope][value=${currentState().scope}]`);
    chosen.checked = true;
    byId("scope").addEventListener(
      "change",
      ({ target }) => change({ scope: (
        /** @type {any} */
        target.value
      ) })
    );
    byId("controls").hidden = !MONTHS.length;
    subscribe(showControls);
    showControls();
  }
  function stepMonth(step) {
    const month = MONTHS[MONTHS.indexOf(currentState().month) + step];
    if (month) change({ month });
  }
  function showControls() {
    const { month } = currentState();
    const at = MONTHS.indexOf(month);
    byId("month").value = month;
    byId("month-before").setAttribute("aria-disabled", String(at <= 0));
    byId("month-after").setAttribute("aria-disabled", String(at >= MONTHS.length - 1));
  }

  // page/meaning.js
  function showPeriod() {
    const days = rows("listening_by_day", "all").map((row) => row.day);
    if (!days.length) return;
    const [first, last] = [days[0], days[days.length - 1]];
    byId("period").textContent = first === last ? dayName(first) : `${dayName(first)} to ${dayName(last)}`;
  }
  function showMeaning() {
    const { scope, month } = currentState();
    const out = joinWords(contextsLeftOut());
    const meaning = scope === "mine" ? `Mine: ${out ? `without ${out}` : "nothing is left out"}.` : `All: ${out ? `with ${out}` : "the same as mine"}.`;
    byId("meaning").textContent = meaning;
    byId("printed").textContent = month ? `${meaning} Figures of a month are those of ${monthName(month)}.` : "";
  }
  function contextsLeftOut() {
    const mine = new Set(rows("contexts_by_month", "mine").map((row) => row.context));
    const all = new Set(rows("contexts_by_month", "all").map((row) => row.context));
    return [...all].filter((context) => !mine.has(context)).sort();
  }
  function announce(changed) {
    if (changed.includes("playlist")) {
      const chosen = chosenPlaylist(viewOf(rows, currentOptions()));
      byId("status").textContent = `Showing the playlist ${playlistName(chosen)}.`;
    }
    if (!changed.includes("scope") && !changed.includes("month")) return;
    const { scope, month } = currentState();
    const plays3 = scope === "all" ? "all plays" : "my plays";
    byId("status").textContent = `Showing ${plays3}, ${monthName(month)}.`;
  }

  // page/stories.js
  function storiesSection() {
    const list = element("ul", { class: "stories" });
    return {
      id: "stories",
      title: "What is there to tell?",
      body: [list],
      /** @param {View} view */
      refresh(view) {
        const stories = [...view.rows("stories")].sort((one, other) => one.place - other.place);
        const items = stories.map(
          (row) => element(
            "li",
            { "data-story": row.story },
            row.sentence,
            ...row.at_least ? [element("span", { class: "note" }, " (plays may be missing)")] : []
          )
        );
        list.replaceChildren(...items.length ? items : [element("li", {}, tooFewForStories(view))]);
      }
    };
  }
  function tooFewForStories(view) {
    const plays3 = sumOf(view.rows("listening_by_month"), (row) => row.plays);
    return `${plural(plays3, "play is", "plays are")} known: too few for a sentence about habits. Let the collector run for some weeks, or import an export.`;
  }

  // page/totals.js
  function figuresSection() {
    const month = figureGroup("month");
    const ever = figureGroup("ever");
    return {
      id: "figures",
      title: "How much did you listen?",
      body: [...month.parts, ...ever.parts],
      refresh(view) {
        const row = rowOfMonth(view, "listening_by_month");
        month.show(
          view.month ? `In ${monthName(view.month)}` : "",
          monthFigures(row, view),
          monthRemark(row, view)
        );
        ever.show("In all", everFigures(view), "");
      }
    };
  }
  function figureGroup(name) {
    const heading = element("h3", { class: "group" });
    const list = element("dl", { class: "figures" });
    const remark = element("p", { class: "remark" });
    return {
      parts: [heading, list, remark],
      /**
       * @param {string} title
       * @param {Total[]} figures
       * @param {string} words
       */
      show(title, figures, words) {
        heading.textContent = title;
        heading.hidden = !figures.length && !words;
        list.replaceChildren(...figures.map((figure) => figureTile(name, figure)));
        remark.textContent = words;
        remark.hidden = !words;
      }
    };
  }
  function figureTile(group, { name, label, value, words, least, note }) {
    const output = element(
      "span",
      {
        class: "value",
        "data-figure": `${group}-${name}`,
        "data-value": value ?? ""
      },
      ...least ? [element("span", { class: "least" }, "at least ")] : [],
      words
    );
    return element(
      "div",
      {},
      element("dt", {}, label),
      element("dd", {}, output, ...note ? [element("span", { class: "note" }, note)] : [])
    );
  }
  function monthFigures(row, view) {
    if (!row) return [];
    const least = row.at_least;
    const timeless = row.unknown_lengths > 0 && !row.minutes;
    const count = (name, label) => ({
      name,
      label,
      value: row[name],
      words: number(row[name]),
      least
    });
    return [
      {
        name: "minutes",
        label: "Time",
        value: timeless ? null : row.minutes,
        words: timeless ? "not known" : duration(row.minutes),
        least: least && !timeless,
        note: comparedToMonthBefore(row, view)
      },
      count("plays", "Plays of 30 seconds or more"),
      {
        name: "minutes_per_day",
        label: "Each day",
        value: row.minutes_per_day,
        words: row.minutes_per_day === null ? "not known" : duration(row.minutes_per_day),
        // Of the days that are known: an open gap takes nothing from them.
        least: (POORLY_TOLD.has(row.coverage ?? "") || row.unknown_lengths > 0) && row.minutes_per_day !== null,
        note: row.whole ? null : `on the ${plural(row.known_days, "day")} known`
      },
      { ...count("days_heard", "Days with a play"), note: `of ${daysOf(row.month)} in the month` },
      count("artists", "Artists"),
      count("tracks", "Songs"),
      { ...count("sessions", "Sessions"), note: "that began in the month" },
      skippedFigure(row)
    ];
  }
  var DAYS_TO_COMPARE = 7;
  function comparedToMonthBefore(row, view) {
    const before = view.rows("listening_by_month").find((one) => one.month === monthAfter(row.month, -1));
    if (!before?.minutes || before.at_least || row.at_least) return null;
    const months = [before, row];
    if (months.some((one) => one.known_days < DAYS_TO_COMPARE)) return null;
    const whole = months.every((one) => one.whole);
    const [was, is] = months.map((one) => whole ? one.minutes : one.minutes_per_day ?? 0);
    const change2 = is / was - 1;
    const daily = whole ? "" : " a day";
    if (Math.abs(change2) < 5e-3) return `as much${daily} as in ${monthName(before.month)}`;
    const more = change2 > 0 ? "more" : "less";
    return `${percent(Math.abs(change2))} ${more}${daily} than in ${monthName(before.month)}`;
  }
  function skippedFigure(row) {
    const known = row.skip_share !== null;
    return {
      name: "skip_share",
      label: "Skipped",
      value: row.skip_share,
      words: known ? percent(row.skip_share) : "not known",
      note: known ? `${plural(row.skips ?? 0, "play")} of music, as exports tell` : "only an export tells of skips"
    };
  }
  var COVERAGES = {
    export: "An export tells of this month",
    mixed: "Polls and an export tell of this month",
    polled: "Polls alone tell of this month: a play that no poll saw is missing, so figures are at least as high",
    scrobbled: "Scrobbles alone tell of this month: plays may be missing, and nobody knows for how long they were heard, so figures are at least as high"
  };
  var POORLY_TOLD = /* @__PURE__ */ new Set(["polled", "scrobbled"]);
  function monthRemark(row, view) {
    if (!row || !row.plays && !row.minutes) return emptyMonthWords(view);
    const sources = COVERAGES[row.coverage ?? ""];
    const days = knownDaysWords(view);
    if (row.unknown_lengths && row.coverage !== "scrobbled") {
      const some = plural(row.unknown_lengths, "play");
      return `${sources}. Of ${some} nobody knows the length, so the time is at least as long.${days}`;
    }
    if (!POORLY_TOLD.has(row.coverage ?? "") && row.at_least) {
      return `${sources}, but not of all of it: a gap is open.${days}`;
    }
    const all = row.coverage === "export" && row.whole;
    const more = all ? ": nothing that Spotify counted is missing" : "";
    return `${sources}${more}.${days}`;
  }
  function everFigures(view) {
    const months = view.rows("listening_by_month");
    const days = view.rows("listening_by_day");
    if (!days.length) return [];
    const least = months.some((row) => row.at_least);
    const minutes = sumOf(months, (row) => row.minutes);
    const plays3 = sumOf(months, (row) => row.plays);
    const streak = days.reduce((best, row) => row.streak > best.streak ? row : best);
    const now = lastOf(days);
    const heard = days.filter((row) => row.plays > 0).length;
    return [
      {
        name: "minutes",
        label: "Time",
        value: minutes,
        words: duration(minutes),
        least
      },
      { name: "plays", label: "Plays", value: plays3, words: number(plays3), least },
      {
        name: "days",
        label: "Days with a play",
        value: heard,
        words: number(heard),
        least,
        note: `of ${plural(days.filter((row) => row.known || row.plays > 0).length, "day")} known`
      },
      {
        name: "streak",
        label: "Longest streak",
        value: streak.streak,
        words: plural(streak.streak, "day"),
        least,
        note: now.streak === streak.streak ? "and it lasts" : `up to ${dayName(streak.day)}; now ${number(now.streak)}`
      }
    ];
  }

  // page/main.js
  var NOTHING = "No play is known yet. Log in and let the collector run for some hours, or import an export of Spotify; then make the report anew.";
  var top = [];
  function startPage() {
    const main = byId("main");
    if (MONTHS.length) top.push(storiesSection(), figuresSection());
    else main.append(element("p", { class: "empty" }, NOTHING));
    const sections = SECTIONS.filter(({ of }) => of ? rows(of, "all").length : MONTHS.length);
    for (const { id, title, body } of top) main.append(section(id, title, ...body));
    for (const one of sections) {
      main.append(createChapter(one, currentOptions, ...one.chooser ? [playlistChooser()] : []));
    }
    if (!sections.length) return;
    main.before(contents([...top, ...sections]));
    showPeriod();
  }
  function refreshAll() {
    const view = viewOf(rows, currentOptions());
    for (const one of top) one.refresh(view);
    refreshFigures();
  }
  startTheme();
  startControls();
  startPage();
  showMeaning();
  refreshAll();
  watchScrolling();
  subscribe(refreshAll);
  subscribe(showMeaning);
  subscribe(announce);
  watchScreen(refreshAll);
  startPrinting(refreshAll);
})();
