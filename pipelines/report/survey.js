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
  function plural(count, one, many = `${one}s`) {
    return `${number(count)} ${count === 1 ? one : many}`;
  }

  // text/sentences.js
  function joinWords(words2) {
    return words2.length < 2 ? words2.join("") : `${words2.slice(0, -1).join(", ")} and ${words2.at(-1)}`;
  }
  function joinSentences(...sentences) {
    return sentences.map((one) => (one || "").trim()).filter(Boolean).join(" ");
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

  // charts/survey/lines.js
  function inLines(words2, length) {
    const lines = [""];
    for (const word of words2.split(" ")) {
      const last = lines[lines.length - 1];
      if (last && last.length + word.length >= length) lines.push(word);
      else lines[lines.length - 1] = last ? `${last} ${word}` : word;
    }
    return lines.map((line) => shortened(line, length + 12)).join("<br>");
  }
  function signed(value, decimals = 1) {
    const words2 = number(Math.abs(value), decimals);
    return words2 === "0" ? "0" : `${value > 0 ? "+" : "−"}${words2}`;
  }

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

  // charts/survey/profile.js
  function choiceOf(view) {
    return view.survey ?? { k: 5, major: "", own: null };
  }
  function subjectsOf(view) {
    const told = view.rows("group_profile").filter((row) => row.of === "major" && row.people);
    return [...new Set(told.map((row) => row.major))].sort((one, other) => one.localeCompare(other));
  }
  function figuresOf(view, topic, major) {
    return view.rows("group_profile").filter((row) => row.topic === topic && row.major === major).filter((row) => row.of === (major ? "major" : "everybody"));
  }
  function peopleOf(view) {
    const everybody = view.rows("survey_coverage").find((row) => !row.major);
    return everybody?.people ?? null;
  }
  function whyNothing(view) {
    const { k, major } = choiceOf(view);
    if (!view.rows("survey_coverage").length) return "Nobody has answered yet.";
    if (peopleOf(view) === null) {
      return `Fewer than ${k} people have answered. Nothing is told of so few: it would be told of persons.`;
    }
    const whose = major ? ` of those of ${major}` : "";
    return `Nothing of this can be told${whose}: it would tell of fewer than ${k} people, or let that be worked out.`;
  }
  function sizeOf({ people, at_least: atLeast }) {
    return people ? `${atLeast ? "at least " : ""}${plural(people, "person", "people")}` : "";
  }
  function sizeCell({ people, at_least: atLeast }) {
    if (!people) return "not told";
    return atLeast ? `at least ${number(people)}` : people;
  }
  function ofPeople(size) {
    return `of ${sizeOf(size) || "these people"}`;
  }
  var HIDDEN = {
    few: (k) => `fewer than ${k}`,
    "nearly all": () => "nearly all",
    follows: () => "hidden"
  };
  function peopleWords(row, k) {
    if (row.people !== null) return plural(row.people, "person", "people");
    return (HIDDEN[row.hidden ?? ""] ?? HIDDEN.follows)(k);
  }
  function hiddenMeans(rows2, k) {
    const are = new Set(rows2.map((row) => row.hidden));
    return joinSentences(
      are.has("few") && `Fewer than ${k} people are not counted.`,
      are.has("nearly all") && `Nearly all: of those who did not, there are fewer than ${k}.`,
      are.has("follows") && "Hidden: other figures would follow from it."
    );
  }
  var TIMES = ["morning", "noon", "afternoon", "evening", "night"];
  function placeOf(value) {
    const word = value.toLowerCase();
    const time = TIMES.findIndex((one) => word.includes(one));
    if (time >= 0) return time;
    if (/^(under|less|below|up to|<)/.test(word)) return -1;
    const digits = /\d+/.exec(word);
    return digits ? Number(digits[0]) : 1e6;
  }
  function ordered(rows2, inOrder) {
    const byPeople = [...rows2].sort(
      (one, other) => (other.people ?? -1) - (one.people ?? -1) || one.value.localeCompare(other.value)
    );
    if (!inOrder) return byPeople;
    return byPeople.sort((one, other) => placeOf(one.value) - placeOf(other.value));
  }
  function topicChart(about) {
    const { id, title, topic, head, first, listed } = about;
    const inOrder = Boolean(about.inOrder);
    return {
      id,
      title,
      needs: [],
      draw(view) {
        const { k, major: chosen } = choiceOf(view);
        const major = about.ofEverybody ? "" : chosen;
        const all = ordered(figuresOf(view, topic, major), inOrder);
        const told = all.filter((row) => row.people !== null);
        if (!all.length || !(told.length || listed)) return { empty: whyNothing(view) };
        const rows2 = (inOrder || !told.length ? all : told).slice(0, MOST);
        const entries = rows2.map((row) => barOf(row, k));
        return {
          ...barList(view, entries, { colour: view.colours.accent, room: barRoom(view, entries) }),
          caption: joinSentences(
            told.length ? firstWords(told, major, first) : listed,
            all.length > rows2.length && `Drawn are ${number(rows2.length)} of ${number(all.length)}; the table has all.`,
            about.note,
            hiddenMeans(rows2, k)
          ),
          table: {
            head: [head, "People", "Of", "Share"],
            rows: all.map((row) => [
              named(row.value),
              row.people ?? peopleWords(row, k),
              row.of_people,
              row.share === null ? null : percent(row.share)
            ])
          }
        };
      }
    };
  }
  var MOST = 15;
  function named(value) {
    return value === NO_ANSWER ? "no answer" : value;
  }
  var NO_ANSWER = "not told";
  var MIXED = /* @__PURE__ */ new Set([NO_ANSWER, "other"]);
  function barOf(row, k) {
    const words2 = peopleWords(row, k);
    const share = row.share === null ? "" : `  ${percent(row.share)}`;
    return {
      name: named(row.value),
      value: row.people ?? 0,
      mark: row.people === null ? ` ${words2}` : ` ${number(row.people)}${share}`,
      text: `${escaped(named(row.value))}: ${words2}`
    };
  }
  function firstWords(told, major, first) {
    const byPeople = ordered(told, false);
    const top = byPeople.find((row) => !MIXED.has(row.value)) ?? byPeople[0];
    const all = plural(top.of_people ?? top.people ?? 0, "person", "people");
    const share = top.of_people === null ? all : `${number(top.people)} of ${all}`;
    const who = major ? `Of those of ${major}, ` : "";
    if (top.value === NO_ANSWER) return `${who}${share} gave no answer.`;
    if (MIXED.has(top.value)) return `${who}${share} gave answers that few others gave.`;
    return `${who}${first(top.value, share)}`;
  }

  // charts/survey/own.js
  var ALWAYS_ENOUGH = 3;
  function whyNotCompared(own, view) {
    if (!own.compared) {
      return "Of none of your songs the sound is known, so you cannot be compared with others.";
    }
    return own.compared < ALWAYS_ENOUGH ? `It takes three songs of which the sound is known, or as many as most people named, to compare you with others, and ${choiceOf(view).k} people who have them: yours are too few, or the people are.` : `Nobody is compared: there are too few songs of which the sound is known, or fewer than ${choiceOf(view).k} people.`;
  }
  var ownSoundChart = {
    id: "own-sound",
    title: "How your songs sound, beside everybody’s",
    needs: [],
    wide: true,
    draw(view) {
      const { own } = choiceOf(view);
      if (!own) return { empty: "Your code opens this." };
      if (!own.sound) return { empty: whyNotCompared(own, view) };
      const features = Object.entries(own.sound).map(([feature, value]) => ({ feature, value }));
      const { accent, second, ink } = view.colours;
      const [most] = [...features].sort((one, other) => Math.abs(other.value) - Math.abs(one.value));
      const reach = 1.25 * Math.max(1, ...features.map((one) => Math.abs(one.value)));
      return {
        data: [
          {
            type: "bar",
            orientation: "h",
            y: features.map((one) => one.feature),
            x: features.map((one) => one.value),
            marker: { color: features.map((one) => one.value < 0 ? second : accent) },
            text: features.map((one) => signed(one.value)),
            textposition: "outside",
            cliponaxis: false,
            textfont: { color: ink },
            hoverinfo: "skip"
          }
        ],
        layout: {
          bargap: 0.4,
          xaxis: {
            range: [-reach, reach],
            zeroline: true,
            showgrid: false,
            title: { text: "less than the mean – more" }
          },
          yaxis: {
            type: "category",
            autorange: "reversed",
            showgrid: false,
            ticks: "",
            tickfont: { color: ink }
          }
        },
        height: 80 + 30 * features.length,
        caption: joinSentences(
          `Furthest from the group’s mean you are in ${most.feature}: ${signed(most.value)} standard deviations.`,
          `It is the mean of ${plural(own.compared, "song")}.`
        ),
        table: {
          head: ["Feature", "Standard deviations from the mean"],
          rows: features.map((one) => [one.feature, one.value])
        }
      };
    }
  };

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
  function blend(colour, other, share) {
    const others = channels(other);
    const mixed = channels(colour).map((one, n) => Math.round(one * (1 - share) + others[n] * share));
    return `rgb(${mixed})`;
  }
  function channels(hex) {
    return [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
  }

  // data/dates.js
  var DAY_MS = 864e5;
  function isoDay(days) {
    return new Date(days * DAY_MS).toISOString().slice(0, 10);
  }
  function isoInstant(minutes) {
    return `${new Date(minutes * 6e4).toISOString().slice(0, 16)}Z`;
  }

  // charts/parts/axes.js
  function legendBelow(more = {}) {
    return { orientation: "h", x: 0, y: -0.2, yanchor: "top", traceorder: "normal", ...more };
  }

  // charts/survey/components.js
  function componentsOf(view) {
    return [...view.rows("music_dna_components")].sort(
      (one, other) => one.component - other.component
    );
  }
  function keptOf(view) {
    return view.rows("music_dna_components").filter((row) => row.kept).length;
  }
  function endsOf(words2) {
    const [, upper, lower] = /^(.*) at one end; (.*) at the other$/.exec(words2) ?? [];
    return upper ? { lower, upper } : { lower: "", upper: words2 };
  }
  function whyNoMap(view) {
    if (peopleOf(view) === null) return whyNothing(view);
    if (view.rows("music_dna_components").length) {
      return "No direction in which our songs differ is larger than chance makes it: a map would show noise.";
    }
    return "Reference data knows the sound of too few of these songs to compare people by it. What we like and what we share is told above.";
  }
  var componentsChart = {
    id: "components",
    title: "How much each direction explains",
    needs: [],
    draw(view) {
      const components = componentsOf(view);
      if (!components.length) return { empty: whyNoMap(view) };
      const kept = components.filter((row) => row.kept);
      const names = components.map((row) => `${row.component}`);
      const { accent, paper, second } = view.colours;
      const pale = blend(accent, paper, 0.6);
      return {
        data: [
          {
            type: "bar",
            name: "explains",
            x: names,
            y: components.map((row) => row.explained),
            marker: { color: components.map((row) => row.kept ? accent : pale) },
            hoverinfo: "text",
            hovertext: components.map((row) => `${percent(row.explained)}: ${escaped(row.words)}`)
          },
          {
            type: "scatter",
            mode: "lines+markers",
            name: "what chance explains",
            x: names,
            y: components.map((row) => row.explained_by_chance),
            line: { color: second, dash: "dot", width: 2 },
            marker: { color: second, size: 6 },
            hoverinfo: "text",
            hovertext: components.map((row) => `by chance ${percent(row.explained_by_chance)}`)
          }
        ],
        layout: {
          bargap: 0.4,
          showlegend: true,
          legend: legendBelow({ y: -0.26 }),
          xaxis: { type: "category", showgrid: false, title: { text: "direction" } },
          yaxis: { tickformat: ".0%", rangemode: "tozero", zeroline: false }
        },
        caption: joinSentences(
          kept.length ? `${plural(kept.length, "direction is", "directions are")} larger than chance makes them, and ${kept.length === 1 ? "explains" : "explain"} ${percent(kept.reduce((sum, row) => sum + row.explained, 0))} of the differences ${ofPeople(components[0])}.` : `No direction is larger than chance makes it: the songs ${ofPeople(components[0])} differ in no common way.`,
          kept.length < components.length && "Pale: no larger than chance."
        ),
        table: {
          head: ["Direction", "Explains", "By chance", "Kept", "Its two ends"],
          rows: components.map((row) => [
            row.component,
            percent(row.explained),
            percent(row.explained_by_chance),
            row.kept ? "yes" : "no",
            row.words
          ])
        }
      };
    }
  };
  var loadingsChart = {
    id: "loadings",
    title: "What the directions are made of",
    needs: [],
    draw(view) {
      const all = componentsOf(view);
      if (!all.length) return { empty: whyNoMap(view) };
      const kept = all.filter((row) => row.kept);
      const components = (kept.length ? kept : all).slice(0, 3);
      const features = components[0].loadings.map((one) => one.feature);
      const cells = components.map((row) => row.loadings);
      return {
        data: [
          {
            type: "heatmap",
            x: components.map((row) => `${row.component}`),
            y: features,
            z: features.map((_, at) => cells.map((loadings) => loadings[at].loading)),
            zmin: -1,
            zmax: 1,
            colorscale: diverging(view),
            showscale: false,
            xgap: 3,
            ygap: 3,
            texttemplate: "%{text}",
            text: features.map(
              (_, at) => cells.map(
                (loadings) => `${signed(loadings[at].loading, 2)}${loadings[at].stable ? "" : " ?"}`
              )
            ),
            textfont: { color: view.colours.ink },
            hoverinfo: "skip"
          }
        ],
        layout: {
          xaxis: { type: "category", showgrid: false, ticks: "", title: { text: "direction" } },
          yaxis: {
            type: "category",
            autorange: "reversed",
            showgrid: false,
            ticks: "",
            tickfont: { color: view.colours.ink }
          }
        },
        height: 70 + 30 * features.length,
        caption: joinSentences(
          ...components.map((row) => `Direction ${row.component}: ${row.words}.`),
          cells.some((loadings) => loadings.some((one) => !one.stable)) && "With a question mark: which way it points changes when a few people are left out."
        ),
        table: {
          head: ["Feature", ...components.map((row) => `Direction ${row.component}`)],
          rows: features.map((feature, at) => [
            feature,
            ...cells.map((loadings) => loadings[at].loading)
          ])
        }
      };
    }
  };
  function diverging(view) {
    const { accent, second, paper } = view.colours;
    return [
      [0, blend(second, paper, 0.25)],
      [0.5, blend(view.colours.grid, paper, 0.3)],
      [1, blend(accent, paper, 0.25)]
    ];
  }

  // charts/survey/coverage.js
  var KINDS = [
    { key: "matched", name: "recognised" },
    { key: "with_features", name: "with audio features" },
    { key: "with_genres", name: "with genres" }
  ];
  function comparedOf(row) {
    return { people: row.people_compared, at_least: row.compared_at_least };
  }
  var coverageChart = {
    id: "survey-coverage",
    title: "How many songs are known",
    needs: [],
    wide: true,
    draw(view) {
      const { k } = choiceOf(view);
      const all = view.rows("survey_coverage");
      const everybody = all.find((row) => !row.major);
      if (everybody?.matched == null) return { empty: whyNothing(view) };
      const subjects = all.filter((row) => row.major);
      const shown = [everybody, ...subjects.filter((row) => row.matched !== null)];
      const hidden = subjects.filter((row) => row.matched === null).length;
      const { accent, second, third, ink } = view.colours;
      const colours = [accent, second, third];
      const symbols = ["circle", "diamond", "square"];
      const names = shown.map((row) => row.major || "everybody");
      return {
        data: KINDS.map(({ key, name }, at) => ({
          type: "scatter",
          mode: "markers",
          name,
          x: shown.map((row) => row[key]),
          y: names.map((_, place) => place),
          marker: { size: 11, color: colours[at], symbol: symbols[at] },
          hoverinfo: "text",
          hovertext: shown.map((row) => `${name}: ${percent(row[key])}`),
          cliponaxis: false
        })),
        layout: {
          showlegend: true,
          legend: legendBelow({ y: 1, yanchor: "bottom" }),
          xaxis: { range: [0, 1.02], tickformat: ".0%", zeroline: false },
          yaxis: {
            tickvals: names.map((_, at) => at),
            ticktext: names.map((name) => `${shortened(name, view.narrow ? 16 : 30)} `),
            range: [names.length - 0.5, -0.5],
            zeroline: false,
            ticks: "",
            tickfont: { color: ink }
          }
        },
        height: 130 + 34 * names.length,
        caption: joinSentences(
          everybody.songs !== null && `Of ${plural(everybody.songs, "song")}, ${percent(everybody.matched)} are recognised,`,
          `${percent(everybody.with_features)} have audio features and ${percent(everybody.with_genres)} genres in the reference data.`,
          "Songs that it lacks are no chance sample: they are new, rare or in fewer languages.",
          everybody.people_compared !== null && `Of ${sizeOf(comparedOf(everybody))} enough are known to compare them by sound.`,
          `A share in which fewer than ${k} people make the difference is rounded down to a multiple of 5 %.`,
          hidden > 0 && `${plural(hidden, "subject is", "subjects are")} left out: fewer than ${k} people, or it would follow.`
        ),
        table: {
          head: ["Subject", "People", "Songs", "Recognised", "Features", "Genres", "Compared"],
          rows: all.map((row) => [
            row.major || "everybody",
            row.people === null ? "not told" : number(row.people),
            row.songs,
            row.matched === null ? null : percent(row.matched),
            row.with_features === null ? null : percent(row.with_features),
            row.with_genres === null ? null : percent(row.with_genres),
            sizeCell(comparedOf(row))
          ])
        }
      };
    }
  };

  // charts/survey/groups.js
  function groupsOf(view) {
    return view.rows("survey_clusters").filter((row) => row.cluster > 0).sort((one, other) => one.cluster - other.cluster);
  }
  function outcomeOf(view) {
    const [row] = view.rows("survey_clusters");
    return row ? row.outcome : whyNoMap(view);
  }
  var groupsChart = {
    id: "groups-sound",
    title: "How the groups sound",
    needs: [],
    wide: true,
    draw(view) {
      const groups = groupsOf(view);
      if (!groups[0]?.centre.length) return { empty: "There are no groups to compare." };
      const features = groups[0].centre.map((one) => one.feature);
      const names = groups.map((row) => `${row.cluster}`);
      return {
        data: [
          {
            type: "heatmap",
            x: names,
            y: features,
            z: features.map((_, at) => groups.map((row) => row.centre[at].value)),
            zmin: -1.5,
            zmax: 1.5,
            colorscale: diverging(view),
            showscale: false,
            xgap: 3,
            ygap: 3,
            texttemplate: "%{text}",
            text: features.map((_, at) => groups.map((row) => signed(row.centre[at].value))),
            textfont: { color: view.colours.ink },
            hoverinfo: "skip"
          }
        ],
        layout: {
          xaxis: { type: "category", showgrid: false, ticks: "", title: { text: "group" } },
          yaxis: {
            type: "category",
            autorange: "reversed",
            showgrid: false,
            ticks: "",
            tickfont: { color: view.colours.ink }
          }
        },
        height: 70 + 30 * features.length,
        caption: joinSentences(
          "Means of each group, in standard deviations from the mean of everybody: above 0 is more of it.",
          groups[0].stability !== null && `Stability is how much of a group comes together again when people are drawn anew: ${groups.map((row) => number(row.stability, 2)).join(", ")}.`
        ),
        table: {
          head: ["Group", "Name", "People", "Stability", ...features],
          rows: groups.map((row) => [
            row.cluster,
            row.name,
            sizeCell(row),
            row.stability,
            ...row.centre.map((one) => one.value)
          ])
        }
      };
    }
  };
  function apartWords(view) {
    const [row] = view.rows("survey_clusters");
    if (!groupsOf(view).length || row.silhouette === null || row.silhouette_by_chance === null)
      return "";
    return `How well groups are apart is ${number(row.silhouette, 2)} on a scale from -1 to 1; in 95 of 100 groups of people made up at random it is less than ${number(row.silhouette_by_chance, 2)}.`;
  }

  // charts/survey/likes.js
  var surveySongsChart = topicChart({
    id: "survey-songs",
    title: "Songs that several of us named",
    topic: "song",
    head: "Song",
    ofEverybody: true,
    first: (value, people) => `${people} named ${value}.`,
    listed: "No song was named by more people than these.",
    note: "A song that fewer than three named is shown to them alone."
  });
  var surveyArtistsChart = topicChart({
    id: "survey-artists",
    title: "Artists that several of us named",
    topic: "artist",
    head: "Artist",
    listed: "No artist was named by more people than these.",
    first: (value, people) => `${people} named ${value}.`
  });
  var surveyGenresChart = topicChart({
    id: "survey-genres",
    title: "Genres",
    topic: "genre",
    head: "Genre",
    first: (value, people) => `${people} named a song of the genre ${value}.`,
    note: "A person counts once for every genre of their songs; genres are the reference data’s."
  });
  var surveyDecadesChart = topicChart({
    id: "survey-decades",
    title: "Decades",
    topic: "decade",
    head: "Decade",
    inOrder: true,
    first: (value, people) => `${people} named a song of the ${value}.`
  });

  // charts/survey/map.js
  function dimensionsOf(view) {
    const dots = view.rows("music_dna_map");
    const isUsed = [
      dots.length > 0,
      dots.some((row) => row.y !== 0),
      dots.some((row) => row.z !== 0)
    ];
    return isUsed.lastIndexOf(true) + 1;
  }
  function axisWords(view, count, length) {
    const components = componentsOf(view);
    return Array.from({ length: count }, (_, at) => {
      if (!components[at] || at >= dimensionsOf(view)) return "";
      const { lower, upper } = endsOf(components[at].words);
      if (!lower) return inLines(upper, length);
      const one = `← ${lower}`;
      const other = `${upper} →`;
      const fits = one.length + other.length + 8 <= length;
      if (fits) return `${shortened(one, 200)}${" ".repeat(8)}${shortened(other, 200)}`;
      return [one, other].map((words2) => inLines(words2, length)).join("<br>");
    });
  }
  function captionOf(view, count) {
    const { k, own } = choiceOf(view);
    const kept = keptOf(view);
    return joinSentences(
      `No dot is a person: each stands for ${k} people or more whose songs sound alike, and lies at their mean.`,
      "The larger it is, the more they are.",
      view.rows("music_dna_map").some((row) => row.at_least) && "A plus: at least so many.",
      dimensionsOf(view) < 2 && "Only one direction is larger than chance, so they lie on one line.",
      kept < count && kept < dimensionsOf(view) && `Only the first ${kept === 1 ? "direction is" : `${kept} directions are`} larger than chance.`,
      own?.place && "The star is your own place, which nobody else is shown.",
      own && !own.place && "Of too few of your songs the sound is known for a place of your own.",
      own === null && "Type your code below to see your own place."
    );
  }
  function tableOf(view, count) {
    const names = ["First direction", "Second", "Third"].slice(0, count);
    return {
      head: ["Dot", "People", ...names],
      rows: view.rows("music_dna_map").map((row) => [row.dot, sizeCell(row), ...[row.x, row.y, row.z].slice(0, count)])
    };
  }
  var mapChart = {
    id: "map",
    title: "Where we are",
    needs: [],
    wide: true,
    draw(view) {
      const dots = view.rows("music_dna_map");
      if (!dots.length) return { empty: whyNoMap(view) };
      const { accent, second, ink } = view.colours;
      const { own } = choiceOf(view);
      const place = own?.place;
      const [across] = axisWords(view, 1, view.narrow ? 40 : 110);
      const [, up] = axisWords(view, 2, view.narrow ? 44 : 70);
      const axis = { zeroline: true, showgrid: false, showticklabels: false, ticks: "" };
      return {
        data: [
          {
            type: "scatter",
            mode: "markers+text",
            x: dots.map((row) => row.x),
            y: dots.map((row) => row.y),
            text: dots.map((row) => `${row.people}${row.at_least ? "+" : ""}`),
            textfont: { color: ink },
            marker: {
              size: sizesOf(dots, view),
              color: withOpacity(accent, 0.35),
              line: { color: accent, width: 1.5 }
            },
            cliponaxis: false,
            hoverinfo: "text",
            hovertext: dots.map((row) => sizeOf(row))
          },
          ...place ? [
            {
              type: "scatter",
              mode: "markers+text",
              x: [place[0]],
              y: [place[1]],
              text: ["you"],
              textposition: "top center",
              textfont: { color: second, size: 14 },
              marker: { symbol: "star", size: 18, color: second },
              cliponaxis: false,
              hoverinfo: "text",
              hovertext: ["you"]
            }
          ] : []
        ],
        layout: {
          xaxis: { ...axis, title: { text: across } },
          yaxis: { ...axis, title: { text: up } }
        },
        height: view.narrow ? 420 : 520,
        caption: captionOf(view, 2),
        table: tableOf(view, 2)
      };
    }
  };
  var mapInSpaceChart = {
    id: "map-in-space",
    title: "Where we are, in three dimensions",
    needs: [],
    wide: true,
    draw(view) {
      const dots = view.rows("music_dna_map");
      if (!dots.length) return { empty: whyNoMap(view) };
      const { accent, second, ink, grid, faint, paper } = view.colours;
      const place = choiceOf(view).own?.place;
      const words2 = axisWords(view, 3, view.narrow ? 18 : 26);
      const axes = ["xaxis", "yaxis", "zaxis"].map((name, at) => [
        name,
        {
          title: {
            text: inLines(words2[at], view.narrow ? 18 : 26),
            font: { color: faint, size: 11 }
          },
          showticklabels: false,
          showspikes: false,
          gridcolor: grid,
          zerolinecolor: faint,
          linecolor: faint,
          backgroundcolor: paper
        }
      ]);
      return {
        data: [
          {
            type: "scatter3d",
            mode: "markers",
            x: dots.map((row) => row.x),
            y: dots.map((row) => row.y),
            z: dots.map((row) => row.z),
            marker: {
              size: sizesOf(dots, view).map((size) => size / 2),
              color: accent,
              opacity: 0.75,
              line: { color: paper, width: 1 }
            },
            hoverinfo: "text",
            hovertext: dots.map((row) => sizeOf(row))
          },
          ...place ? [
            {
              type: "scatter3d",
              mode: "markers+text",
              x: [place[0]],
              y: [place[1]],
              z: [place[2]],
              text: ["you"],
              textfont: { color: second, size: 14 },
              marker: { symbol: "diamond", size: 9, color: second },
              hoverinfo: "text",
              hovertext: ["you"]
            }
          ] : []
        ],
        layout: {
          dragmode: "orbit",
          margin: { l: 0, r: 0, t: 0, b: 0 },
          scene: {
            ...Object.fromEntries(axes),
            camera: { eye: { x: 1.5, y: 1.5, z: 0.9 } },
            aspectmode: "cube",
            bgcolor: "rgba(0,0,0,0)",
            hoverlabel: { font: { color: ink } }
          }
        },
        height: view.narrow ? 400 : 560,
        caption: joinSentences(captionOf(view, 3), "Drag it to turn it."),
        table: tableOf(view, 3)
      };
    }
  };
  function sizesOf(dots, view) {
    const unit = Math.min(view.narrow ? 9 : 14, (view.narrow ? 60 : 110) / Math.sqrt(dots.length));
    return dots.map((row) => Math.min(Math.sqrt(row.people) * unit, 90));
  }

  // charts/survey/predictor.js
  function predictorOf(view) {
    return view.rows("major_predictor")[0];
  }
  function predictorAnswer(view) {
    const row = predictorOf(view);
    if (row) return row.outcome;
    return peopleOf(view) === null ? whyNothing(view) : "It was not tried: it takes forty people, and two subjects of eight each.";
  }
  var NOTHING_TO_NAME = "It tells no better than guessing, so there is nothing that it goes by.";
  var NOT_TRIED = "Too few people or subjects: it was not tried.";
  function chanceWords(row) {
    if (row.p === null || !row.permutations) return "";
    const times = Math.max(Math.round(row.p * (row.permutations + 1)) - 1, 0);
    const tries = `${number(row.permutations)} tries`;
    const how = times === 0 ? "in none of" : `in ${number(times)} of`;
    return `With the subjects shuffled among people it was as good ${how} ${tries} (p ${pWords(row.p)}).`;
  }
  function pWords(p) {
    return p < 1e-3 ? "< 0.001" : `= ${number(p, 3)}`;
  }
  var scoreChart = {
    id: "predictor-score",
    title: "Told right, against guessing",
    needs: [],
    draw(view) {
      const row = predictorOf(view);
      if (!row || row.balanced_accuracy === null) return { empty: NOT_TRIED };
      const { accent, second, quiet, ink } = view.colours;
      const { balanced_accuracy: score, by_guessing: guessed, low, high } = row;
      const colour = row.speaks ? accent : quiet;
      return {
        data: [
          {
            type: "scatter",
            mode: "markers",
            x: [score],
            y: [0],
            marker: { size: 14, color: colour },
            error_x: {
              type: "data",
              symmetric: false,
              array: [(high ?? score) - score],
              arrayminus: [score - (low ?? score)],
              color: colour,
              thickness: 4,
              width: 10
            },
            hoverinfo: "text",
            hovertext: [`told right: ${percent(score)}`]
          }
        ],
        layout: {
          xaxis: { range: [-0.03, 1.03], tickformat: ".0%", zeroline: false },
          yaxis: { visible: false, range: [-1, 1.4] },
          shapes: guessed === null ? [] : [
            {
              type: "line",
              x0: guessed,
              x1: guessed,
              yref: "paper",
              y0: 0,
              y1: 1,
              line: { color: second, width: 2, dash: "dot" }
            }
          ],
          annotations: [
            ...guessed === null ? [] : [
              {
                x: guessed,
                y: 1.3,
                text: `guessing: ${percent(guessed)}`,
                font: { color: second },
                showarrow: false,
                xanchor: guessed > 0.5 ? "right" : "left",
                xshift: guessed > 0.5 ? -6 : 6
              }
            ],
            {
              x: score,
              y: 0,
              text: `songs: ${percent(score)}`,
              font: { color: ink },
              showarrow: false,
              yshift: -24
            }
          ]
        },
        height: 190,
        caption: joinSentences(
          `The mean over subjects of how many were told right is ${percent(score)};`,
          `guessing gets ${percent(guessed)}.`,
          low !== null && high !== null && `With 90 % certainty it is between ${percent(low)} and ${percent(high)}.`,
          chanceWords(row)
        ),
        table: {
          head: ["What", "Value"],
          rows: [
            ["Told right, mean over subjects", percent(score)],
            ["Lower bound", percent(low)],
            ["Upper bound", percent(high)],
            ["By guessing", percent(guessed)],
            ["p", row.p === null ? null : pWords(row.p).replace("= ", "")],
            ["Shuffled so often", number(row.permutations)],
            ["People", row.people ? number(row.people) : "hidden"],
            ["Subjects", number(row.classes)]
          ]
        }
      };
    }
  };
  var importancesChart = {
    id: "predictor-importances",
    title: "What it goes by",
    needs: [],
    draw(view) {
      const row = predictorOf(view);
      if (!row || row.balanced_accuracy === null) return { empty: NOT_TRIED };
      if (!row.importances.length) {
        return { empty: NOTHING_TO_NAME };
      }
      const features = [...row.importances].sort((one, other) => other.importance - one.importance);
      const { accent, quiet, ink } = view.colours;
      const [first] = features;
      return {
        data: [
          {
            type: "bar",
            orientation: "h",
            y: features.map((one) => `${inLines(one.feature, view.narrow ? 20 : 34)} `),
            x: features.map((one) => one.importance),
            marker: { color: row.speaks ? accent : quiet },
            error_x: {
              type: "data",
              array: features.map((one) => one.spread),
              color: ink,
              thickness: 1.2,
              width: 4
            },
            hoverinfo: "text",
            hovertext: features.map((one) => `${number(100 * one.importance, 1)} points`)
          }
        ],
        layout: {
          bargap: 0.4,
          xaxis: { tickformat: ".0%", zeroline: true },
          yaxis: {
            type: "category",
            autorange: "reversed",
            showgrid: false,
            ticks: "",
            tickfont: { color: ink }
          }
        },
        height: 80 + 36 * features.length,
        caption: joinSentences(
          "How many fewer are told right with a feature shuffled, or several that go together, on people it was not fitted to.",
          row.speaks ? `Most is lost without ${joinWords(first.feature.split(", "))}.` : "As it tells no better than guessing, these figures are noise."
        ),
        table: {
          head: ["Feature", "Points lost", "Spread"],
          rows: features.map((one) => [one.feature, 100 * one.importance, 100 * one.spread])
        }
      };
    }
  };
  var confusionChart = {
    id: "predictor-confusion",
    title: "Whom it takes for whom",
    needs: [],
    wide: true,
    draw(view) {
      const row = predictorOf(view);
      if (!row || row.balanced_accuracy === null) return { empty: NOT_TRIED };
      if (!row.confusion.length) return { empty: NOTHING_TO_NAME };
      const { k } = choiceOf(view);
      if (!row.confusion.some((one) => one.people !== null)) {
        return {
          empty: `Some of its cells tell of fewer than ${k} people, and would follow from the others: none is told.`
        };
      }
      const majors = [...new Set(row.confusion.map((one) => one.major))];
      const told = [...new Set(row.confusion.map((one) => one.told))];
      const people = (major, as) => row.confusion.find((one) => one.major === major && one.told === as)?.people ?? null;
      const cut = view.narrow ? 12 : 20;
      return {
        data: [
          {
            type: "heatmap",
            x: told.map((_, at) => at),
            y: majors.map((_, at) => at),
            z: majors.map((major) => told.map((as) => people(major, as) ?? 0)),
            zmin: 0,
            colorscale: view.colours.scale.slice(0, 3).map(([, colour], at) => [at / 2, colour]),
            showscale: false,
            xgap: 3,
            ygap: 3,
            texttemplate: "%{text}",
            text: majors.map(
              (major) => told.map((as) => {
                const one = people(major, as);
                return one === null ? "·" : number(one);
              })
            ),
            textfont: { color: view.colours.ink },
            hoverinfo: "skip"
          }
        ],
        layout: {
          xaxis: {
            tickvals: told.map((_, at) => at),
            ticktext: told.map((one) => shortened(one, cut)),
            showgrid: false,
            zeroline: false,
            ticks: "",
            tickangle: view.narrow ? -60 : void 0,
            title: { text: "told" }
          },
          yaxis: {
            tickvals: majors.map((_, at) => at),
            ticktext: majors.map((one) => `${shortened(one, cut)} `),
            autorange: "reversed",
            showgrid: false,
            zeroline: false,
            ticks: "",
            tickfont: { color: view.colours.ink }
          }
        },
        height: 110 + 42 * majors.length,
        caption: joinSentences(
          "People by what they study and by what their songs told; nobody is told from what was learnt of them.",
          row.confusion.some((one) => one.people === null) && `A dot: fewer than ${k} people, or a figure from which these would follow.`
        ),
        table: {
          head: ["Studies", "Told", "People"],
          rows: row.confusion.map((one) => [one.major, one.told, one.people ?? "not told"])
        }
      };
    }
  };

  // charts/survey/who.js
  var majorsChart = topicChart({
    id: "majors",
    title: "What we study",
    topic: "major",
    head: "Subject",
    ofEverybody: true,
    first: (value, people) => `${people} answered ${value}.`
  });
  var agesChart = topicChart({
    id: "ages",
    title: "How old we are",
    topic: "age_band",
    head: "Age",
    inOrder: true,
    ofEverybody: true,
    first: (value, people) => `${people} are ${value}.`
  });
  var yearsChart = topicChart({
    id: "years",
    title: "In which year of it we are",
    topic: "year",
    head: "Year",
    inOrder: true,
    ofEverybody: true,
    first: (value, people) => `${people} answered ${value}.`
  });
  var hoursADayChart = topicChart({
    id: "hours-a-day",
    title: "Hours of music a day",
    topic: "hours_band",
    head: "Hours a day",
    inOrder: true,
    first: (value, people) => `${people} answered ${value}.`
  });
  var listeningTimesChart = topicChart({
    id: "listening-times",
    title: "When we mostly listen",
    topic: "listening_time",
    head: "When",
    inOrder: true,
    first: (value, people) => `${people} answered ${value}.`
  });

  // charts/survey/sections.js
  var SURVEY_SECTIONS = [
    { id: "who", title: "Who are we?", charts: [majorsChart, agesChart, yearsChart] },
    {
      id: "when",
      title: "How much do we listen, and when?",
      charts: [hoursADayChart, listeningTimesChart]
    },
    {
      id: "likes",
      title: "What do we like?",
      charts: [surveySongsChart, surveyArtistsChart, surveyGenresChart, surveyDecadesChart]
    },
    {
      id: "dna",
      title: "In which ways do our songs differ?",
      charts: [mapChart, componentsChart, loadingsChart]
    },
    { id: "groups", title: "Are there groups among us?", charts: [groupsChart] },
    {
      id: "predictor",
      title: "Do songs tell what somebody studies?",
      charts: [scoreChart, importancesChart, confusionChart]
    },
    { id: "coverage", title: "How much of this is known?", charts: [coverageChart] }
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
    const heading2 = element("h2", { id: `${id}-title` }, title);
    return element("section", { id, "aria-labelledby": `${id}-title` }, heading2, ...body);
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
  function tableOf2({ head, rows: rows2 }) {
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
    const heading2 = element("figcaption", {}, element("h3", {}, title), caption);
    let shown = { empty: "" };
    let table;
    let isStale = true;
    let player;
    const figure = {
      element: element(
        "figure",
        { id: `chart-${id}`, class: chart.wide ? "chart wide" : "chart" },
        heading2,
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
      if (details.open && table) numbers.replaceChildren(tableOf2(table));
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
    const figures2 = charts.map((chart) => createFigure(chart, options));
    const grid = element("div", { class: "grid" }, ...figures2.map((figure) => figure.element));
    figuresOfChapters.push(figures2);
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
    for (const figures2 of figuresOfChapters) shortenReasons(figures2);
    paintAll((figure) => figure.isNear);
  }
  function paintAll(which) {
    for (const figure of figuresOfChapters.flat()) if (which(figure)) figure.paint();
  }
  function shortenReasons(figures2) {
    const said = /* @__PURE__ */ new Set();
    for (const figure of figures2) {
      const why = figure.whyEmpty();
      if (why === void 0) continue;
      if (said.has(why)) figure.shortenWhyEmpty();
      said.add(why);
    }
  }
  var byElement = /* @__PURE__ */ new Map();
  var observer;
  function addFigure(chart, options) {
    const figure = createFigure(chart, options);
    figuresOfChapters.push([figure]);
    figure.refresh();
    byElement.set(figure.element, figure);
    observer?.observe(figure.element);
    return figure;
  }
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

  // text/dates.js
  var MONTH_NAME = dateFormat({ month: "long", year: "numeric" });
  var MONTH_SHORT = dateFormat({ month: "short", year: "numeric" });
  var DAY_NAME = dateFormat({ day: "numeric", month: "long", year: "numeric" });
  function dateFormat(parts) {
    return new Intl.DateTimeFormat(LOCALE, { timeZone: "UTC", ...parts });
  }
  function dayName(day) {
    return DAY_NAME.format(Date.parse(day));
  }

  // survey/feed.js
  function feedBody(view) {
    if (peopleOf(view) === null) return [element("p", { class: "empty" }, whyNothing(view))];
    return [figures(view), ...feed(view)];
  }
  function figures(view) {
    const everybody = view.rows("survey_coverage").find((row) => !row.major);
    const tiles = [
      ["people", "People", number(everybody?.people)],
      ["songs", "Songs they named", number(everybody?.songs)],
      ["matched", "Songs recognised", percent(everybody?.matched)],
      [
        "compared",
        "People compared by sound",
        everybody ? `${sizeCell(comparedOf(everybody))}` : "not told"
      ]
    ];
    return element(
      "dl",
      { class: "figures" },
      ...tiles.map(
        ([name, label, words2]) => element(
          "div",
          {},
          element("dt", {}, label),
          element("dd", {}, element("span", { class: "value", "data-figure": name }, words2))
        )
      )
    );
  }
  var MOST2 = 8;
  function feed(view) {
    const { k } = view.survey ?? { k: 5 };
    const rows2 = [...view.rows("survey_feed")].sort(
      (one, other) => other.since.localeCompare(one.since)
    );
    if (!rows2.length) {
      return [
        element(
          "p",
          { class: "empty" },
          "On which days people answered is not known, or is not told."
        )
      ];
    }
    const items = rows2.slice(0, MOST2).map(
      (row) => element(
        "li",
        {},
        row.words,
        element(
          "span",
          { class: "note" },
          ` ${span(row.since, row.until)}, ${plural(row.people, "person", "people")}`
        )
      )
    );
    return [
      element("h3", { class: "group" }, "The latest answers"),
      element("ul", { class: "stories feed" }, ...items),
      element(
        "p",
        { class: "remark" },
        `Days are put together until ${k} people answered in them, and only what ${k} of them have in common is told.`
      )
    ];
  }
  function span(since, until) {
    return since === until ? dayName(since) : `${dayName(since)} to ${dayName(until)}`;
  }

  // survey/words.js
  function answer(words2) {
    return element("p", { class: "answer" }, words2);
  }
  function remark(words2) {
    const made = element("p", { class: "remark" }, words2);
    made.hidden = !words2;
    return made;
  }

  // survey/groups.js
  function sizeWords(size) {
    return sizeOf(size) || "how many is hidden";
  }
  function groupsBody(view) {
    const groups = groupsOf(view);
    const own = view.survey?.own?.group;
    const items = groups.map(
      (row) => element(
        "li",
        {},
        `${row.cluster}: ${row.name}`,
        element(
          "span",
          { class: "note" },
          ` ${sizeWords(row)}${row.cluster === own ? ", you among them" : ""}`
        )
      )
    );
    return [
      answer(outcomeOf(view)),
      ...items.length ? [element("ol", { class: "stories named" }, ...items)] : [],
      remark(apartWords(view))
    ];
  }

  // survey/carried.js
  var { survey: SURVEY, own: SEALED } = JSON.parse(byId("data").textContent ?? "");

  // survey/made.js
  function madeBody() {
    const { k, keep_until: until } = SURVEY;
    const sentences = [
      [
        "Who is who",
        "Names and mails are replaced by pseudonyms while answers are read, with a key that is kept apart, and home towns are dropped. A pseudonym is not anonymity: whoever has the key could work out whose it is. Once the key is deleted, nobody can."
      ],
      [
        "How long it is kept",
        `${until ? `Until ${dayName(until)}` : "Until whoever runs the survey deletes it"}; single answers earlier, if their owners ask. Copies of this page stay what they are: a code opens its part of them as long as they exist.`
      ],
      [
        `Fewer than ${k}`,
        `No figure here is of fewer than ${k} people, and none lets such a figure be worked out from others: for that some larger ones are hidden, and some numbers of people rounded down, which then says “at least”. A song or an artist that fewer than three people named is shown to these alone.`
      ],
      [
        "Where sound and genres come from",
        "From reference data, never from Spotify’s answers: its developer policy forbids feeding them to machine learning. Spotify is asked only which song was meant. What the reference data lacks stays unknown; nothing is made up."
      ],
      [
        "How people are compared",
        "A person is the mean of at least three of their songs, or of fewer where most people named fewer, in nine audio features, each in standard deviations of this group. Directions and groups are told of only where they are stronger than in shuffled data, and a twin with how often chance makes two people as alike. In a small group most of it is chance, and then the page says so."
      ],
      [
        "What it cannot tell",
        "Who somebody is, what they are worth, or what they study: favourite songs of some people at one moment are no test of anything. Those who answered are not all, and songs that are new, rare or in fewer languages are known less often."
      ]
    ];
    return [
      element(
        "dl",
        { class: "made" },
        ...sentences.flatMap(([title, words2]) => [
          element("dt", {}, title),
          element("dd", {}, words2)
        ])
      )
    ];
  }

  // survey/state.js
  var state = { k: SURVEY.k, major: "", own: null };
  var subscribers = [];
  function currentChoice() {
    return state;
  }
  function subscribe(whenChanged) {
    subscribers.push(whenChanged);
  }
  function change(changes) {
    Object.assign(state, changes);
    for (const whenChanged of subscribers) whenChanged();
  }
  function currentOptions() {
    return { scope: "all", month: "", playlist: "", survey: { ...state }, ...currentScreen() };
  }

  // node_modules/@noble/ciphers/utils.js
  function isBytes(a) {
    return a instanceof Uint8Array || ArrayBuffer.isView(a) && a.constructor.name === "Uint8Array" && "BYTES_PER_ELEMENT" in a && a.BYTES_PER_ELEMENT === 1;
  }
  var atitle = (title) => title ? `"${title}" ` : "";
  function abool(value, title = "") {
    if (typeof value !== "boolean")
      throw new TypeError(atitle(title) + "expected boolean, got type=" + typeof value);
    return value;
  }
  function anumber(n, title = "") {
    if (typeof n !== "number")
      throw new TypeError(atitle(title) + "expected number, got " + typeof n);
    if (!Number.isSafeInteger(n) || n < 0)
      throw new RangeError(atitle(title) + "expected integer >= 0, got " + n);
    return n;
  }
  function abytes(value, length, title = "") {
    if (isBytes(value) && (length === void 0 || value.length === length))
      return value;
    if (length !== void 0)
      anumber(length, "length");
    const bytes = isBytes(value);
    const ofLen = length !== void 0 ? ` of length ${length}` : "";
    const got = bytes ? `length=${value.length}` : `type=${typeof value}`;
    const message = atitle(title) + "expected Uint8Array" + ofLen + ", got " + got;
    if (!bytes)
      throw new TypeError(message);
    throw new RangeError(message);
  }
  function aexists(instance, checkFinished = true) {
    if (instance.destroyed)
      throw new Error("hash was destroyed");
    if (checkFinished && instance.finished)
      throw new Error("digest() was already called");
  }
  function aoutput(out, instance) {
    abytes(out, void 0, "output");
    const min = instance.outputLen;
    if (!(out.length >= min)) {
      throw new RangeError('"output" expected length >= ' + min);
    }
  }
  function aoutput32(out, instance) {
    aoutput(out, instance);
    if (!isAligned32(out))
      throw new Error("invalid output, must be aligned");
  }
  function u8(arr) {
    return new Uint8Array(arr.buffer, arr.byteOffset, arr.byteLength);
  }
  function u32(arr) {
    return new Uint32Array(arr.buffer, arr.byteOffset, Math.floor(arr.byteLength / 4));
  }
  function clean(...arrays) {
    for (let i2 = 0; i2 < arrays.length; i2++) {
      arrays[i2].fill(0);
    }
  }
  function createView(arr) {
    return new DataView(arr.buffer, arr.byteOffset, arr.byteLength);
  }
  var isLE = /* @__PURE__ */ (() => new Uint8Array(new Uint32Array([287454020]).buffer)[0] === 68)();
  function byteSwap(word) {
    return word << 24 & 4278190080 | word << 8 & 16711680 | word >>> 8 & 65280 | word >>> 24 & 255;
  }
  var swap8IfBE = isLE ? (n) => n : (n) => byteSwap(n) >>> 0;
  function byteSwap32(arr) {
    for (let i2 = 0; i2 < arr.length; i2++) {
      arr[i2] = byteSwap(arr[i2]);
    }
    return arr;
  }
  var swap32IfBE = isLE ? (u) => u : byteSwap32;
  function equalBytes(a, b) {
    a = abytes(a);
    b = abytes(b);
    if (a.length !== b.length)
      return false;
    let diff = 0;
    for (let i2 = 0; i2 < a.length; i2++)
      diff |= a[i2] ^ b[i2];
    return diff === 0;
  }
  function wrapMacConstructor(keyLen, macCons, fromMsg) {
    const mac = macCons;
    const getArgs = fromMsg || (() => []);
    const macC = (msg, key) => mac(key, ...getArgs(msg)).update(msg).digest();
    const tmp = mac(new Uint8Array(keyLen), ...getArgs(new Uint8Array(0)));
    macC.outputLen = tmp.outputLen;
    macC.blockLen = tmp.blockLen;
    macC.create = (key, ...args) => mac(key, ...args);
    return macC;
  }
  var wrapCipher = /* @__NO_SIDE_EFFECTS__ */ (params, constructor) => {
    function wrappedCipher(key, ...args) {
      abytes(key, void 0, "key");
      if (params.nonceLength !== void 0) {
        const nonce = args[0];
        abytes(nonce, params.varSizeNonce ? void 0 : params.nonceLength, "nonce");
      }
      const tagl = params.tagLength;
      const aadStart = params.nonceLength !== void 0 ? 1 : 0;
      if (!params.withAAD) {
        for (let i2 = aadStart; i2 < args.length; i2++)
          if (isBytes(args[i2]))
            throw new Error("AAD not supported");
      }
      if (params.withAAD && args[aadStart] !== void 0)
        abytes(args[aadStart], void 0, "AAD");
      const cipher = constructor(key, ...args);
      const checkOutput = (fnLength, output) => {
        if (output !== void 0) {
          if (fnLength !== 2)
            throw new Error("cipher output not supported");
          abytes(output, void 0, "output");
        }
      };
      let called = false;
      const wrCipher = {
        encrypt(data, output) {
          if (called)
            throw new Error("cannot encrypt() twice with same key + nonce");
          called = true;
          abytes(data, void 0, "data");
          checkOutput(cipher.encrypt.length, output);
          return cipher.encrypt(data, output);
        },
        decrypt(data, output) {
          abytes(data, void 0, "data");
          if (tagl && data.length < tagl)
            throw new Error('"ciphertext" expected length >= tagLength=' + tagl);
          checkOutput(cipher.decrypt.length, output);
          return cipher.decrypt(data, output);
        }
      };
      return wrCipher;
    }
    Object.assign(wrappedCipher, params);
    return wrappedCipher;
  };
  function getOutput(expectedLength, out, onlyAligned = true) {
    if (out === void 0)
      return new Uint8Array(expectedLength);
    abytes(out, expectedLength, "output");
    if (onlyAligned && !isAligned32(out))
      throw new Error("invalid output, must be aligned");
    return out;
  }
  function u64Lengths(dataLength, aadLength, isLE2) {
    anumber(dataLength);
    anumber(aadLength);
    abool(isLE2);
    const num = new Uint8Array(16);
    const view = createView(num);
    view.setBigUint64(0, BigInt(aadLength), isLE2);
    view.setBigUint64(8, BigInt(dataLength), isLE2);
    return num;
  }
  function isAligned32(bytes) {
    return bytes.byteOffset % 4 === 0;
  }
  function copyBytes(bytes) {
    return Uint8Array.from(abytes(bytes));
  }

  // node_modules/@noble/ciphers/_polyval.js
  var BLOCK_SIZE = 16;
  var ZEROS16 = /* @__PURE__ */ new Uint8Array(16);
  var ZEROS32 = /* @__PURE__ */ u32(ZEROS16);
  var POLY = 225;
  var mul2 = (s0, s1, s2, s3) => {
    const hiBit = s3 & 1;
    return {
      s3: s2 << 31 | s3 >>> 1,
      s2: s1 << 31 | s2 >>> 1,
      s1: s0 << 31 | s1 >>> 1,
      // NIST SP 800-38D §6.3 applies `V >> 1` and XORs R on carry. In this
      // 4x32-bit split, R = 0xe1 || 0^120 lives in the top byte of s0.
      s0: s0 >>> 1 ^ POLY << 24 & -(hiBit & 1)
      // reduce % poly
    };
  };
  var swapLE = (n) => (n >>> 0 & 255) << 24 | (n >>> 8 & 255) << 16 | (n >>> 16 & 255) << 8 | n >>> 24 & 255 | 0;
  var estimateWindow = (bytes) => {
    if (bytes > 64 * 1024)
      return 8;
    if (bytes > 1024)
      return 4;
    return 2;
  };
  var GHASH = class {
    blockLen = BLOCK_SIZE;
    outputLen = BLOCK_SIZE;
    s0 = 0;
    s1 = 0;
    s2 = 0;
    s3 = 0;
    finished = false;
    destroyed = false;
    t;
    W;
    windowSize;
    // We select bits per window adaptively based on expectedLength
    constructor(key, expectedLength) {
      abytes(key, 16, "key");
      key = copyBytes(key);
      const kView = createView(key);
      let k0 = kView.getUint32(0, false);
      let k1 = kView.getUint32(4, false);
      let k2 = kView.getUint32(8, false);
      let k3 = kView.getUint32(12, false);
      const doubles = [];
      for (let i2 = 0; i2 < 128; i2++) {
        doubles.push({ s0: swapLE(k0), s1: swapLE(k1), s2: swapLE(k2), s3: swapLE(k3) });
        ({ s0: k0, s1: k1, s2: k2, s3: k3 } = mul2(k0, k1, k2, k3));
      }
      const W = estimateWindow(expectedLength || 1024);
      if (![1, 2, 4, 8].includes(W))
        throw new Error("ghash: invalid window size, expected 2, 4 or 8");
      this.W = W;
      const bits2 = 128;
      const windows = bits2 / W;
      const windowSize = this.windowSize = 2 ** W;
      const items = [];
      for (let w = 0; w < windows; w++) {
        for (let byte = 0; byte < windowSize; byte++) {
          let s0 = 0, s1 = 0, s2 = 0, s3 = 0;
          for (let j = 0; j < W; j++) {
            const bit = byte >>> W - j - 1 & 1;
            if (!bit)
              continue;
            const { s0: d0, s1: d1, s2: d2, s3: d3 } = doubles[W * w + j];
            s0 ^= d0, s1 ^= d1, s2 ^= d2, s3 ^= d3;
          }
          items.push({ s0, s1, s2, s3 });
        }
      }
      this.t = items;
    }
    _updateBlock(s0, s1, s2, s3) {
      s0 ^= this.s0, s1 ^= this.s1, s2 ^= this.s2, s3 ^= this.s3;
      const { W, t, windowSize } = this;
      let o0 = 0, o1 = 0, o2 = 0, o3 = 0;
      const mask = (1 << W) - 1;
      let w = 0;
      for (const num of [s0, s1, s2, s3]) {
        for (let bytePos = 0; bytePos < 4; bytePos++) {
          const byte = num >>> 8 * bytePos & 255;
          for (let bitPos = 8 / W - 1; bitPos >= 0; bitPos--) {
            const bit = byte >>> W * bitPos & mask;
            const { s0: e0, s1: e1, s2: e2, s3: e3 } = t[w * windowSize + bit];
            o0 ^= e0, o1 ^= e1, o2 ^= e2, o3 ^= e3;
            w += 1;
          }
        }
      }
      this.s0 = o0;
      this.s1 = o1;
      this.s2 = o2;
      this.s3 = o3;
    }
    update(data) {
      aexists(this);
      abytes(data);
      data = copyBytes(data);
      const b32 = u32(data);
      const blocks = Math.floor(data.length / BLOCK_SIZE);
      const left = data.length % BLOCK_SIZE;
      for (let i2 = 0; i2 < blocks; i2++) {
        this._updateBlock(swap8IfBE(b32[i2 * 4 + 0]), swap8IfBE(b32[i2 * 4 + 1]), swap8IfBE(b32[i2 * 4 + 2]), swap8IfBE(b32[i2 * 4 + 3]));
      }
      if (left) {
        ZEROS16.set(data.subarray(blocks * BLOCK_SIZE));
        this._updateBlock(swap8IfBE(ZEROS32[0]), swap8IfBE(ZEROS32[1]), swap8IfBE(ZEROS32[2]), swap8IfBE(ZEROS32[3]));
        clean(ZEROS32);
      }
      return this;
    }
    destroy() {
      this.destroyed = true;
      const { t } = this;
      for (const elm of t) {
        elm.s0 = 0, elm.s1 = 0, elm.s2 = 0, elm.s3 = 0;
      }
    }
    digestInto(out) {
      aexists(this);
      aoutput32(out, this);
      this.finished = true;
      const { s0, s1, s2, s3 } = this;
      const o32 = u32(out);
      o32[0] = s0;
      o32[1] = s1;
      o32[2] = s2;
      o32[3] = s3;
      if (!isLE)
        swap32IfBE(o32.subarray(0, BLOCK_SIZE / 4));
    }
    digest() {
      const res = new Uint8Array(BLOCK_SIZE);
      this.digestInto(res);
      this.destroy();
      return res;
    }
  };
  var ghash = /* @__PURE__ */ wrapMacConstructor(16, (key, expectedLength) => new GHASH(key, expectedLength), (msg) => [msg.length]);

  // node_modules/@noble/ciphers/aes.js
  var BLOCK_SIZE2 = 16;
  var BLOCK_SIZE32 = 4;
  var EMPTY_BLOCK = /* @__PURE__ */ new Uint8Array(BLOCK_SIZE2);
  var POLY2 = 283;
  function validateKeyLength(key) {
    if (![16, 24, 32].includes(key.length))
      throw new Error('"aes key" expected Uint8Array of length 16/24/32, got length=' + key.length);
  }
  function mul22(n) {
    return n << 1 ^ POLY2 & -(n >> 7);
  }
  function mul(a, b) {
    let res = 0;
    for (; b > 0; b >>= 1) {
      res ^= a & -(b & 1);
      a = mul22(a);
    }
    return res;
  }
  var sbox = /* @__PURE__ */ (() => {
    const t = new Uint8Array(256);
    for (let i2 = 0, x2 = 1; i2 < 256; i2++, x2 ^= mul22(x2))
      t[i2] = x2;
    const box = new Uint8Array(256);
    box[0] = 99;
    for (let i2 = 0; i2 < 255; i2++) {
      let x2 = t[255 - i2];
      x2 |= x2 << 8;
      box[t[i2]] = (x2 ^ x2 >> 4 ^ x2 >> 5 ^ x2 >> 6 ^ x2 >> 7 ^ 99) & 255;
    }
    clean(t);
    return box;
  })();
  var rotr32_8 = (n) => n << 24 | n >>> 8;
  var rotl32_8 = (n) => n << 8 | n >>> 24;
  function genTtable(sbox2, fn) {
    if (sbox2.length !== 256)
      throw new Error("wrong sbox length");
    const T0 = new Uint32Array(256).map((_, j) => fn(sbox2[j]));
    const T1 = T0.map(rotl32_8);
    const T2 = T1.map(rotl32_8);
    const T3 = T2.map(rotl32_8);
    const T01 = new Uint32Array(256 * 256);
    const T23 = new Uint32Array(256 * 256);
    const sbox22 = new Uint16Array(256 * 256);
    for (let i2 = 0; i2 < 256; i2++) {
      for (let j = 0; j < 256; j++) {
        const idx = i2 * 256 + j;
        T01[idx] = T0[i2] ^ T1[j];
        T23[idx] = T2[i2] ^ T3[j];
        sbox22[idx] = sbox2[i2] << 8 | sbox2[j];
      }
    }
    return { sbox: sbox2, sbox2: sbox22, T0, T1, T2, T3, T01, T23 };
  }
  var tableEncoding = /* @__PURE__ */ genTtable(sbox, (s) => mul(s, 3) << 24 | s << 16 | s << 8 | mul(s, 2));
  var xPowers = /* @__PURE__ */ (() => {
    const p = new Uint8Array(16);
    for (let i2 = 0, x2 = 1; i2 < 16; i2++, x2 = mul22(x2))
      p[i2] = x2;
    return p;
  })();
  function expandKeyLE(key) {
    abytes(key);
    const len = key.length;
    validateKeyLength(key);
    const { sbox2 } = tableEncoding;
    const toClean = [];
    if (!isLE || !isAligned32(key))
      toClean.push(key = copyBytes(key));
    const k32 = swap32IfBE(u32(key));
    const Nk = k32.length;
    const subByte = (n) => applySbox(sbox2, n, n, n, n);
    const xk = new Uint32Array(len + 28);
    xk.set(k32);
    for (let i2 = Nk; i2 < xk.length; i2++) {
      let t = xk[i2 - 1];
      if (i2 % Nk === 0)
        t = subByte(rotr32_8(t)) ^ xPowers[i2 / Nk - 1];
      else if (Nk > 6 && i2 % Nk === 4)
        t = subByte(t);
      xk[i2] = xk[i2 - Nk] ^ t;
    }
    clean(...toClean);
    return xk;
  }
  function apply0123(T01, T23, s0, s1, s2, s3) {
    return T01[s0 << 8 & 65280 | s1 >>> 8 & 255] ^ T23[s2 >>> 8 & 65280 | s3 >>> 24 & 255];
  }
  function applySbox(sbox2, s0, s1, s2, s3) {
    return sbox2[s0 & 255 | s1 & 65280] | sbox2[s2 >>> 16 & 255 | s3 >>> 16 & 65280] << 16;
  }
  function encrypt(xk, s0, s1, s2, s3) {
    const { sbox2, T01, T23 } = tableEncoding;
    let k = 0;
    s0 ^= xk[k++], s1 ^= xk[k++], s2 ^= xk[k++], s3 ^= xk[k++];
    const rounds = xk.length / 4 - 2;
    for (let i2 = 0; i2 < rounds; i2++) {
      const t02 = xk[k++] ^ apply0123(T01, T23, s0, s1, s2, s3);
      const t12 = xk[k++] ^ apply0123(T01, T23, s1, s2, s3, s0);
      const t22 = xk[k++] ^ apply0123(T01, T23, s2, s3, s0, s1);
      const t32 = xk[k++] ^ apply0123(T01, T23, s3, s0, s1, s2);
      s0 = t02, s1 = t12, s2 = t22, s3 = t32;
    }
    const t0 = xk[k++] ^ applySbox(sbox2, s0, s1, s2, s3);
    const t1 = xk[k++] ^ applySbox(sbox2, s1, s2, s3, s0);
    const t2 = xk[k++] ^ applySbox(sbox2, s2, s3, s0, s1);
    const t3 = xk[k++] ^ applySbox(sbox2, s3, s0, s1, s2);
    return { s0: t0, s1: t1, s2: t2, s3: t3 };
  }
  function ctr32(xk, isLE2, nonce, src, dst) {
    abytes(nonce, BLOCK_SIZE2, "nonce");
    abytes(src);
    dst = getOutput(src.length, dst);
    const ctr = nonce;
    const c32 = u32(ctr);
    const view = createView(ctr);
    const src32 = u32(src);
    const dst32 = u32(dst);
    const ctrPos = isLE2 ? 0 : 12;
    const srcLen = src.length;
    let ctrNum = view.getUint32(ctrPos, isLE2);
    for (let i2 = 0; i2 + 4 <= src32.length; i2 += 4) {
      const { s0, s1, s2, s3 } = encrypt(xk, swap8IfBE(c32[0]), swap8IfBE(c32[1]), swap8IfBE(c32[2]), swap8IfBE(c32[3]));
      dst32[i2 + 0] = src32[i2 + 0] ^ swap8IfBE(s0);
      dst32[i2 + 1] = src32[i2 + 1] ^ swap8IfBE(s1);
      dst32[i2 + 2] = src32[i2 + 2] ^ swap8IfBE(s2);
      dst32[i2 + 3] = src32[i2 + 3] ^ swap8IfBE(s3);
      ctrNum = ctrNum + 1 >>> 0;
      view.setUint32(ctrPos, ctrNum, isLE2);
    }
    const start = BLOCK_SIZE2 * Math.floor(src32.length / BLOCK_SIZE32);
    if (start < srcLen) {
      const { s0, s1, s2, s3 } = encrypt(xk, swap8IfBE(c32[0]), swap8IfBE(c32[1]), swap8IfBE(c32[2]), swap8IfBE(c32[3]));
      const b32 = new Uint32Array([s0, s1, s2, s3]);
      swap32IfBE(b32);
      const buf = u8(b32);
      for (let i2 = start, pos = 0; i2 < srcLen; i2++, pos++)
        dst[i2] = src[i2] ^ buf[pos];
      clean(b32);
    }
    return dst;
  }
  function computeTag(fn, isLE2, key, data, AAD) {
    const aadLength = AAD ? AAD.length : 0;
    const h = fn.create(key, data.length + aadLength);
    if (AAD)
      h.update(AAD);
    const num = u64Lengths(8 * data.length, 8 * aadLength, isLE2);
    h.update(data);
    h.update(num);
    const res = h.digest();
    clean(num);
    return res;
  }
  var gcm = /* @__PURE__ */ wrapCipher({ blockSize: 16, nonceLength: 12, tagLength: 16, withAAD: true, varSizeNonce: true }, function aesgcm(key, nonce, AAD) {
    if (nonce.length < 8)
      throw new Error("aes/gcm: invalid nonce length");
    const tagLength = 16;
    function _computeTag(authKey, tagMask, data) {
      const tag = computeTag(ghash, false, authKey, data, AAD);
      for (let i2 = 0; i2 < tagMask.length; i2++)
        tag[i2] ^= tagMask[i2];
      return tag;
    }
    function deriveKeys() {
      const xk = expandKeyLE(key);
      const authKey = EMPTY_BLOCK.slice();
      const counter = EMPTY_BLOCK.slice();
      ctr32(xk, false, counter, counter, authKey);
      if (nonce.length === 12) {
        counter.set(nonce);
      } else {
        const nonceLen = EMPTY_BLOCK.slice();
        const view = createView(nonceLen);
        view.setBigUint64(8, BigInt(nonce.length * 8), false);
        const g = ghash.create(authKey).update(nonce).update(nonceLen);
        g.digestInto(counter);
        g.destroy();
      }
      const tagMask = ctr32(xk, false, counter, EMPTY_BLOCK);
      return { xk, authKey, counter, tagMask };
    }
    return {
      encrypt(plaintext) {
        const { xk, authKey, counter, tagMask } = deriveKeys();
        const out = new Uint8Array(plaintext.length + tagLength);
        const toClean = [xk, authKey, counter, tagMask];
        if (!isAligned32(plaintext))
          toClean.push(plaintext = copyBytes(plaintext));
        ctr32(xk, false, counter, plaintext, out.subarray(0, plaintext.length));
        const tag = _computeTag(authKey, tagMask, out.subarray(0, out.length - tagLength));
        toClean.push(tag);
        out.set(tag, plaintext.length);
        clean(...toClean);
        return out;
      },
      decrypt(ciphertext) {
        const { xk, authKey, counter, tagMask } = deriveKeys();
        const toClean = [xk, authKey, tagMask, counter];
        if (!isAligned32(ciphertext))
          toClean.push(ciphertext = copyBytes(ciphertext));
        const data = ciphertext.subarray(0, -tagLength);
        const passedTag = ciphertext.subarray(-tagLength);
        const tag = _computeTag(authKey, tagMask, data);
        toClean.push(tag);
        if (!equalBytes(tag, passedTag)) {
          clean(...toClean);
          throw new Error("aes-gcm: invalid tag");
        }
        const out = ctr32(xk, false, counter, data);
        clean(...toClean);
        return out;
      }
    };
  });

  // node_modules/@noble/hashes/utils.js
  function isBytes2(a) {
    return a instanceof Uint8Array || ArrayBuffer.isView(a) && a.constructor.name === "Uint8Array" && "BYTES_PER_ELEMENT" in a && a.BYTES_PER_ELEMENT === 1;
  }
  var atitle2 = (title) => title ? `"${title}" ` : "";
  function anumber2(n, title = "") {
    if (typeof n !== "number")
      throw new TypeError(atitle2(title) + "expected number, got " + typeof n);
    if (!Number.isSafeInteger(n) || n < 0)
      throw new RangeError(atitle2(title) + "expected integer >= 0, got " + n);
    return n;
  }
  function abytes2(value, length, title = "") {
    if (isBytes2(value) && (length === void 0 || value.length === length))
      return value;
    if (length !== void 0)
      anumber2(length, "length");
    const bytes = isBytes2(value);
    const ofLen = length !== void 0 ? ` of length ${length}` : "";
    const got = bytes ? `length=${value.length}` : `type=${typeof value}`;
    const message = atitle2(title) + "expected Uint8Array" + ofLen + ", got " + got;
    if (!bytes)
      throw new TypeError(message);
    throw new RangeError(message);
  }
  function ahash(h) {
    if (typeof h !== "function" || typeof h.create !== "function")
      throw new TypeError("expected hash wrapped by utils.createHasher");
    anumber2(h.outputLen);
    anumber2(h.blockLen);
    if (h.outputLen < 1 || h.blockLen < 1)
      throw new Error("hash blockLen / outputLen must be >= 1");
  }
  var aobject = (value, label) => {
    if (value === null || typeof value !== "object" || Array.isArray(value))
      throw new TypeError((label === "object" ? "" : `"${label}" `) + "expected object, got type=" + typeof value);
  };
  var aopts = (value, label) => {
    aobject(value, label);
    const proto = Object.getPrototypeOf(value);
    if (proto !== Object.prototype && proto !== null)
      throw new TypeError(`"${label}" expected plain object`);
    if (Object.hasOwn(value, "__proto__"))
      throw new TypeError(`"${label}.__proto__" is not allowed`);
  };
  function aexists2(instance, checkFinished = true) {
    if (instance.destroyed)
      throw new Error("hash was destroyed");
    if (checkFinished && instance.finished)
      throw new Error("digest() was already called");
  }
  function aoutput2(out, instance) {
    abytes2(out, void 0, "output");
    const min = instance.outputLen;
    if (!(out.length >= min)) {
      throw new RangeError('"output" expected length >= ' + min);
    }
  }
  function clean2(...arrays) {
    for (let i2 = 0; i2 < arrays.length; i2++) {
      arrays[i2].fill(0);
    }
  }
  function createView2(arr) {
    return new DataView(arr.buffer, arr.byteOffset, arr.byteLength);
  }
  function rotr(word, shift) {
    return word << 32 - shift | word >>> shift;
  }
  function checkOpts(defaults, opts, title = "opts") {
    aopts(defaults, "defaults");
    if (opts !== void 0)
      aopts(opts, title);
    const merged = Object.assign(/* @__PURE__ */ Object.create(null), defaults, opts);
    return merged;
  }
  function createHasher(hashCons, info = {}) {
    if (typeof hashCons !== "function")
      throw new TypeError('"hashCons" expected function, got type=' + typeof hashCons);
    info = checkOpts({}, info, "info");
    const hashC = (msg, opts) => hashCons(opts).update(msg).digest();
    const tmp = hashCons(void 0);
    hashC.outputLen = tmp.outputLen;
    hashC.blockLen = tmp.blockLen;
    hashC.canXOF = tmp.canXOF;
    hashC.create = (opts) => hashCons(opts);
    Object.assign(hashC, info);
    return Object.freeze(hashC);
  }
  var oidNist = (suffix) => ({
    // Current NIST hashAlgs suffixes used here fit in one DER subidentifier octet.
    // Larger suffix values would need base-128 OID encoding and a different length byte.
    oid: Uint8Array.from([6, 9, 96, 134, 72, 1, 101, 3, 4, 2, suffix])
  });

  // node_modules/@noble/hashes/hmac.js
  var _HMAC = class {
    oHash;
    iHash;
    blockLen;
    outputLen;
    canXOF = false;
    finished = false;
    destroyed = false;
    constructor(hash, key) {
      ahash(hash);
      abytes2(key, void 0, "key");
      this.iHash = hash.create();
      if (typeof this.iHash.update !== "function")
        throw new Error("expected Hash instance");
      this.blockLen = this.iHash.blockLen;
      this.outputLen = this.iHash.outputLen;
      const blockLen = this.blockLen;
      const pad = new Uint8Array(blockLen);
      pad.set(key.length > blockLen ? hash.create().update(key).digest() : key);
      for (let i2 = 0; i2 < pad.length; i2++)
        pad[i2] ^= 54;
      this.iHash.update(pad);
      this.oHash = hash.create();
      for (let i2 = 0; i2 < pad.length; i2++)
        pad[i2] ^= 54 ^ 92;
      this.oHash.update(pad);
      clean2(pad);
    }
    update(buf) {
      aexists2(this);
      this.iHash.update(buf);
      return this;
    }
    digestInto(out) {
      aexists2(this);
      aoutput2(out, this);
      this.finished = true;
      const buf = out.subarray(0, this.outputLen);
      this.iHash.digestInto(buf);
      this.oHash.update(buf);
      this.oHash.digestInto(buf);
      this.destroy();
    }
    digest() {
      const out = new Uint8Array(this.oHash.outputLen);
      this.digestInto(out);
      return out;
    }
    _cloneInto(to) {
      to ||= Object.create(Object.getPrototypeOf(this), {});
      const { oHash, iHash, finished, destroyed, blockLen, outputLen, canXOF } = this;
      to = to;
      to.finished = finished;
      to.destroyed = destroyed;
      to.blockLen = blockLen;
      to.outputLen = outputLen;
      to.canXOF = canXOF;
      to.oHash = oHash._cloneInto(to.oHash);
      to.iHash = iHash._cloneInto(to.iHash);
      return to;
    }
    clone() {
      return this._cloneInto();
    }
    destroy() {
      this.destroyed = true;
      this.oHash.destroy();
      this.iHash.destroy();
    }
  };
  var hmac = /* @__PURE__ */ (() => {
    const hmac_ = ((hash, key, message) => new _HMAC(hash, key).update(message).digest());
    hmac_.create = (hash, key) => new _HMAC(hash, key);
    return hmac_;
  })();

  // node_modules/@noble/hashes/_u64.js
  var fromNumH = (n) => n / 2 ** 32 | 0;
  var fromNumL = (n) => n >>> 0;
  function setU64FromNum(view, byteOffset, n, isLE2) {
    const h = fromNumH(n);
    const l = fromNumL(n);
    view.setUint32(byteOffset, isLE2 ? l : h, isLE2);
    view.setUint32(byteOffset + 4, isLE2 ? h : l, isLE2);
  }

  // node_modules/@noble/hashes/_md.js
  function Chi(a, b, c) {
    return a & b ^ ~a & c;
  }
  function Maj(a, b, c) {
    return a & b ^ a & c ^ b & c;
  }
  var HashMD = class {
    blockLen;
    outputLen;
    canXOF = false;
    padOffset;
    isLE;
    // For partial updates less than block size
    buffer;
    view;
    finished = false;
    length = 0;
    pos = 0;
    destroyed = false;
    constructor(blockLen, outputLen, padOffset, isLE2) {
      this.blockLen = blockLen;
      this.outputLen = outputLen;
      this.padOffset = padOffset;
      this.isLE = isLE2;
      this.buffer = new Uint8Array(blockLen);
      this.view = createView2(this.buffer);
    }
    update(data) {
      aexists2(this);
      abytes2(data);
      const { view, buffer, blockLen } = this;
      const len = data.length;
      let processed = false;
      for (let pos = 0; pos < len; ) {
        const take = Math.min(blockLen - this.pos, len - pos);
        if (take === blockLen) {
          const dataView = createView2(data);
          for (; blockLen <= len - pos; pos += blockLen)
            this.process(dataView, pos);
          processed = true;
          continue;
        }
        buffer.set(pos === 0 && take === len ? data : data.subarray(pos, pos + take), this.pos);
        this.pos += take;
        pos += take;
        if (this.pos === blockLen) {
          this.process(view, 0);
          this.pos = 0;
          processed = true;
        }
      }
      this.length += data.length;
      if (processed)
        this.roundClean();
      return this;
    }
    digestInto(out) {
      aexists2(this);
      aoutput2(out, this);
      this.finished = true;
      const { buffer, view, blockLen, isLE: isLE2 } = this;
      let { pos } = this;
      buffer[pos++] = 128;
      buffer.fill(0, pos);
      if (this.padOffset > blockLen - pos) {
        this.process(view, 0);
        buffer.fill(0);
      }
      setU64FromNum(view, blockLen - 8, this.length * 8, isLE2);
      this.process(view, 0);
      this.roundClean();
      const oview = out === buffer ? view : createView2(out);
      const len = this.outputLen;
      const outLen = len / 4;
      const state2 = this.get();
      if (len % 4 || outLen > state2.length)
        throw new Error("invalid outputLen");
      for (let i2 = 0; i2 < outLen; i2++)
        oview.setUint32(4 * i2, state2[i2], isLE2);
    }
    digest() {
      const { buffer, outputLen } = this;
      this.digestInto(buffer);
      const res = buffer.slice(0, outputLen);
      this.destroy();
      return res;
    }
    _cloneIntoMeta(to) {
      const { buffer, length, finished, destroyed, pos } = this;
      to.destroyed = destroyed;
      to.finished = finished;
      to.length = length;
      to.pos = pos;
      if (pos)
        to.buffer.set(buffer);
      return to;
    }
    clone() {
      return this._cloneInto();
    }
  };
  var SHA256_IV = /* @__PURE__ */ Uint32Array.from([
    1779033703,
    3144134277,
    1013904242,
    2773480762,
    1359893119,
    2600822924,
    528734635,
    1541459225
  ]);

  // node_modules/@noble/hashes/sha2.js
  var SHA256_K = /* @__PURE__ */ Uint32Array.from([
    1116352408,
    1899447441,
    3049323471,
    3921009573,
    961987163,
    1508970993,
    2453635748,
    2870763221,
    3624381080,
    310598401,
    607225278,
    1426881987,
    1925078388,
    2162078206,
    2614888103,
    3248222580,
    3835390401,
    4022224774,
    264347078,
    604807628,
    770255983,
    1249150122,
    1555081692,
    1996064986,
    2554220882,
    2821834349,
    2952996808,
    3210313671,
    3336571891,
    3584528711,
    113926993,
    338241895,
    666307205,
    773529912,
    1294757372,
    1396182291,
    1695183700,
    1986661051,
    2177026350,
    2456956037,
    2730485921,
    2820302411,
    3259730800,
    3345764771,
    3516065817,
    3600352804,
    4094571909,
    275423344,
    430227734,
    506948616,
    659060556,
    883997877,
    958139571,
    1322822218,
    1537002063,
    1747873779,
    1955562222,
    2024104815,
    2227730452,
    2361852424,
    2428436474,
    2756734187,
    3204031479,
    3329325298
  ]);
  var SHA256_W = /* @__PURE__ */ new Uint32Array(64);
  var SHA2_32B = class extends HashMD {
    // We cannot use array here since array allows indexing by variable
    // which means optimizer/compiler cannot use registers.
    // Numeric initializers matter: starting the fields as `undefined` changes
    // V8's field representation and makes sha256 3x slower (measured).
    A = 0;
    B = 0;
    C = 0;
    D = 0;
    E = 0;
    F = 0;
    G = 0;
    H = 0;
    constructor(outputLen, IV) {
      super(64, outputLen, 8, false);
      this.A = IV[0] | 0;
      this.B = IV[1] | 0;
      this.C = IV[2] | 0;
      this.D = IV[3] | 0;
      this.E = IV[4] | 0;
      this.F = IV[5] | 0;
      this.G = IV[6] | 0;
      this.H = IV[7] | 0;
    }
    get() {
      const { A, B, C, D, E, F, G, H } = this;
      return [A, B, C, D, E, F, G, H];
    }
    // prettier-ignore
    set(A, B, C, D, E, F, G, H) {
      this.A = A | 0;
      this.B = B | 0;
      this.C = C | 0;
      this.D = D | 0;
      this.E = E | 0;
      this.F = F | 0;
      this.G = G | 0;
      this.H = H | 0;
    }
    _cloneInto(to) {
      (to ||= new this.constructor()).set(...this.get());
      return this._cloneIntoMeta(to);
    }
    process(view, offset) {
      for (let i2 = 0; i2 < 16; i2++, offset += 4)
        SHA256_W[i2] = view.getUint32(offset, false);
      for (let i2 = 16; i2 < 64; i2++) {
        const W15 = SHA256_W[i2 - 15];
        const W2 = SHA256_W[i2 - 2];
        const s0 = rotr(W15, 7) ^ rotr(W15, 18) ^ W15 >>> 3;
        const s1 = rotr(W2, 17) ^ rotr(W2, 19) ^ W2 >>> 10;
        SHA256_W[i2] = s1 + SHA256_W[i2 - 7] + s0 + SHA256_W[i2 - 16] | 0;
      }
      let { A, B, C, D, E, F, G, H } = this;
      for (let i2 = 0; i2 < 64; i2++) {
        const sigma1 = rotr(E, 6) ^ rotr(E, 11) ^ rotr(E, 25);
        const T1 = H + sigma1 + Chi(E, F, G) + SHA256_K[i2] + SHA256_W[i2] | 0;
        const sigma0 = rotr(A, 2) ^ rotr(A, 13) ^ rotr(A, 22);
        const T2 = sigma0 + Maj(A, B, C) | 0;
        H = G;
        G = F;
        F = E;
        E = D + T1 | 0;
        D = C;
        C = B;
        B = A;
        A = T1 + T2 | 0;
      }
      A = A + this.A | 0;
      B = B + this.B | 0;
      C = C + this.C | 0;
      D = D + this.D | 0;
      E = E + this.E | 0;
      F = F + this.F | 0;
      G = G + this.G | 0;
      H = H + this.H | 0;
      this.set(A, B, C, D, E, F, G, H);
    }
    roundClean() {
      clean2(SHA256_W);
    }
    destroy() {
      this.destroyed = true;
      this.set(0, 0, 0, 0, 0, 0, 0, 0);
      clean2(this.buffer);
    }
  };
  var _SHA256 = class extends SHA2_32B {
    constructor() {
      super(32, SHA256_IV);
    }
  };
  var sha256 = /* @__PURE__ */ createHasher(
    () => new _SHA256(),
    /* @__PURE__ */ oidNist(1)
  );

  // node_modules/fflate/esm/browser.js
  var u82 = Uint8Array;
  var u16 = Uint16Array;
  var i32 = Int32Array;
  var fleb = new u82([
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    1,
    1,
    1,
    1,
    2,
    2,
    2,
    2,
    3,
    3,
    3,
    3,
    4,
    4,
    4,
    4,
    5,
    5,
    5,
    5,
    0,
    /* unused */
    0,
    0,
    /* impossible */
    0
  ]);
  var fdeb = new u82([
    0,
    0,
    0,
    0,
    1,
    1,
    2,
    2,
    3,
    3,
    4,
    4,
    5,
    5,
    6,
    6,
    7,
    7,
    8,
    8,
    9,
    9,
    10,
    10,
    11,
    11,
    12,
    12,
    13,
    13,
    /* unused */
    0,
    0
  ]);
  var clim = new u82([16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]);
  var freb = function(eb, start) {
    var b = new u16(31);
    for (var i2 = 0; i2 < 31; ++i2) {
      b[i2] = start += 1 << eb[i2 - 1];
    }
    var r = new i32(b[30]);
    for (var i2 = 1; i2 < 30; ++i2) {
      for (var j = b[i2]; j < b[i2 + 1]; ++j) {
        r[j] = j - b[i2] << 5 | i2;
      }
    }
    return { b, r };
  };
  var _a = freb(fleb, 2);
  var fl = _a.b;
  var revfl = _a.r;
  fl[28] = 258, revfl[258] = 28;
  var _b = freb(fdeb, 0);
  var fd = _b.b;
  var revfd = _b.r;
  var rev = new u16(32768);
  for (i = 0; i < 32768; ++i) {
    x = (i & 43690) >> 1 | (i & 21845) << 1;
    x = (x & 52428) >> 2 | (x & 13107) << 2;
    x = (x & 61680) >> 4 | (x & 3855) << 4;
    rev[i] = ((x & 65280) >> 8 | (x & 255) << 8) >> 1;
  }
  var x;
  var i;
  var hMap = (function(cd, mb, r) {
    var s = cd.length;
    var i2 = 0;
    var l = new u16(mb);
    for (; i2 < s; ++i2) {
      if (cd[i2])
        ++l[cd[i2] - 1];
    }
    var le = new u16(mb);
    for (i2 = 1; i2 < mb; ++i2) {
      le[i2] = le[i2 - 1] + l[i2 - 1] << 1;
    }
    var co;
    if (r) {
      co = new u16(1 << mb);
      var rvb = 15 - mb;
      for (i2 = 0; i2 < s; ++i2) {
        if (cd[i2]) {
          var sv = i2 << 4 | cd[i2];
          var r_1 = mb - cd[i2];
          var v = le[cd[i2] - 1]++ << r_1;
          for (var m = v | (1 << r_1) - 1; v <= m; ++v) {
            co[rev[v] >> rvb] = sv;
          }
        }
      }
    } else {
      co = new u16(s);
      for (i2 = 0; i2 < s; ++i2) {
        if (cd[i2]) {
          co[i2] = rev[le[cd[i2] - 1]++] >> 15 - cd[i2];
        }
      }
    }
    return co;
  });
  var flt = new u82(288);
  for (i = 0; i < 144; ++i)
    flt[i] = 8;
  var i;
  for (i = 144; i < 256; ++i)
    flt[i] = 9;
  var i;
  for (i = 256; i < 280; ++i)
    flt[i] = 7;
  var i;
  for (i = 280; i < 288; ++i)
    flt[i] = 8;
  var i;
  var fdt = new u82(32);
  for (i = 0; i < 32; ++i)
    fdt[i] = 5;
  var i;
  var flrm = /* @__PURE__ */ hMap(flt, 9, 1);
  var fdrm = /* @__PURE__ */ hMap(fdt, 5, 1);
  var max = function(a) {
    var m = a[0];
    for (var i2 = 1; i2 < a.length; ++i2) {
      if (a[i2] > m)
        m = a[i2];
    }
    return m;
  };
  var bits = function(d, p, m) {
    var o = p / 8 | 0;
    return (d[o] | d[o + 1] << 8) >> (p & 7) & m;
  };
  var bits16 = function(d, p) {
    var o = p / 8 | 0;
    return (d[o] | d[o + 1] << 8 | d[o + 2] << 16) >> (p & 7);
  };
  var shft = function(p) {
    return (p + 7) / 8 | 0;
  };
  var slc = function(v, s, e) {
    if (s == null || s < 0)
      s = 0;
    if (e == null || e > v.length)
      e = v.length;
    return new u82(v.subarray(s, e));
  };
  var ec = [
    "unexpected EOF",
    "invalid block type",
    "invalid length/literal",
    "invalid distance",
    "stream finished",
    "no stream handler",
    ,
    // determined by compression function
    "no callback",
    "invalid UTF-8 data",
    "extra field too long",
    "date not in range 1980-2099",
    "filename too long",
    "stream finishing",
    "invalid zip data"
    // determined by unknown compression method
  ];
  var err = function(ind, msg, nt) {
    var e = new Error(msg || ec[ind]);
    e.code = ind;
    if (Error.captureStackTrace)
      Error.captureStackTrace(e, err);
    if (!nt)
      throw e;
    return e;
  };
  var inflt = function(dat, st, buf, dict) {
    var sl = dat.length, dl = dict ? dict.length : 0;
    if (!sl || st.f && !st.l)
      return buf || new u82(0);
    var noBuf = !buf;
    var resize = noBuf || st.i != 2;
    var noSt = st.i;
    if (noBuf)
      buf = new u82(sl * 3);
    var cbuf = function(l2) {
      var bl = buf.length;
      if (l2 > bl) {
        var nbuf = new u82(Math.max(bl * 2, l2));
        nbuf.set(buf);
        buf = nbuf;
      }
    };
    var final = st.f || 0, pos = st.p || 0, bt = st.b || 0, lm = st.l, dm = st.d, lbt = st.m, dbt = st.n;
    var tbts = sl * 8;
    do {
      if (!lm) {
        final = bits(dat, pos, 1);
        var type = bits(dat, pos + 1, 3);
        pos += 3;
        if (!type) {
          var s = shft(pos) + 4, l = dat[s - 4] | dat[s - 3] << 8, t = s + l;
          if (t > sl) {
            if (noSt)
              err(0);
            break;
          }
          if (resize)
            cbuf(bt + l);
          buf.set(dat.subarray(s, t), bt);
          st.b = bt += l, st.p = pos = t * 8, st.f = final;
          continue;
        } else if (type == 1)
          lm = flrm, dm = fdrm, lbt = 9, dbt = 5;
        else if (type == 2) {
          var hLit = bits(dat, pos, 31) + 257, hcLen = bits(dat, pos + 10, 15) + 4;
          var tl = hLit + bits(dat, pos + 5, 31) + 1;
          pos += 14;
          var ldt = new u82(tl);
          var clt = new u82(19);
          for (var i2 = 0; i2 < hcLen; ++i2) {
            clt[clim[i2]] = bits(dat, pos + i2 * 3, 7);
          }
          pos += hcLen * 3;
          var clb = max(clt), clbmsk = (1 << clb) - 1;
          var clm = hMap(clt, clb, 1);
          for (var i2 = 0; i2 < tl; ) {
            var r = clm[bits(dat, pos, clbmsk)];
            pos += r & 15;
            var s = r >> 4;
            if (s < 16) {
              ldt[i2++] = s;
            } else {
              var c = 0, n = 0;
              if (s == 16)
                n = 3 + bits(dat, pos, 3), pos += 2, c = ldt[i2 - 1];
              else if (s == 17)
                n = 3 + bits(dat, pos, 7), pos += 3;
              else if (s == 18)
                n = 11 + bits(dat, pos, 127), pos += 7;
              while (n--)
                ldt[i2++] = c;
            }
          }
          var lt = ldt.subarray(0, hLit), dt = ldt.subarray(hLit);
          lbt = max(lt);
          dbt = max(dt);
          lm = hMap(lt, lbt, 1);
          dm = hMap(dt, dbt, 1);
        } else
          err(1);
        if (pos > tbts) {
          if (noSt)
            err(0);
          break;
        }
      }
      if (resize)
        cbuf(bt + 131072);
      var lms = (1 << lbt) - 1, dms = (1 << dbt) - 1;
      var lpos = pos;
      for (; ; lpos = pos) {
        var c = lm[bits16(dat, pos) & lms], sym = c >> 4;
        pos += c & 15;
        if (pos > tbts) {
          if (noSt)
            err(0);
          break;
        }
        if (!c)
          err(2);
        if (sym < 256)
          buf[bt++] = sym;
        else if (sym == 256) {
          lpos = pos, lm = null;
          break;
        } else {
          var add = sym - 254;
          if (sym > 264) {
            var i2 = sym - 257, b = fleb[i2];
            add = bits(dat, pos, (1 << b) - 1) + fl[i2];
            pos += b;
          }
          var d = dm[bits16(dat, pos) & dms], dsym = d >> 4;
          if (!d)
            err(3);
          pos += d & 15;
          var dt = fd[dsym];
          if (dsym > 3) {
            var b = fdeb[dsym];
            dt += bits16(dat, pos) & (1 << b) - 1, pos += b;
          }
          if (pos > tbts) {
            if (noSt)
              err(0);
            break;
          }
          if (resize)
            cbuf(bt + 131072);
          var end = bt + add;
          if (bt < dt) {
            var shift = dl - dt, dend = Math.min(dt, end);
            if (shift + bt < 0)
              err(3);
            for (; bt < dend; ++bt)
              buf[bt] = dict[shift + bt];
          }
          for (; bt < end; ++bt)
            buf[bt] = buf[bt - dt];
        }
      }
      st.l = lm, st.p = lpos, st.b = bt, st.f = final;
      if (lm)
        final = 1, st.m = lbt, st.d = dm, st.n = dbt;
    } while (!final);
    return bt != buf.length && noBuf ? slc(buf, 0, bt) : buf.subarray(0, bt);
  };
  var et = /* @__PURE__ */ new u82(0);
  function inflateSync(data, opts) {
    return inflt(data, { i: 2 }, opts && opts.out, opts && opts.dictionary);
  }
  var td = typeof TextDecoder != "undefined" && /* @__PURE__ */ new TextDecoder();
  var tds = 0;
  try {
    td.decode(et, { stream: true });
    tds = 1;
  } catch (e) {
  }

  // survey/unseal.js
  var TAG = 12;
  var NONCE = 12;
  var LENGTH = 3;
  function unseal(code, { size, entries, shape }) {
    const secret = utf8(normalised(code));
    const key = derived(secret, "key");
    const tag = derived(secret, "tag").slice(0, TAG);
    const all = Uint8Array.from(atob(entries), (sign) => sign.charCodeAt(0));
    for (let from = 0; from < all.length; from += size) {
      const entry = all.subarray(from, from + size);
      if (tag.some((byte, at) => byte !== entry[at])) continue;
      const nonce = entry.subarray(TAG, TAG + NONCE);
      const text = gcm(key, nonce, tag).decrypt(entry.subarray(TAG + NONCE));
      const length = text.subarray(0, LENGTH).reduce((sum, byte) => sum * 256 + byte, 0);
      const part = inflateSync(text.subarray(LENGTH, LENGTH + length));
      return named2(JSON.parse(new TextDecoder().decode(part)), shape);
    }
    return null;
  }
  function normalised(code) {
    const signs = code.toLowerCase().replace(/[^a-z0-9]/g, "");
    return signs.replaceAll("0", "o").replaceAll("1", "l").replaceAll("8", "b");
  }
  function named2(values, shape) {
    if (values === null || shape === null) return values;
    if (Array.isArray(shape)) return values.map((one) => named2(one, shape[0]));
    return Object.fromEntries(
      Object.entries(shape).map(([name, one], at) => [name, named2(values[at], one)])
    );
  }
  function derived(secret, purpose) {
    return hmac(sha256, secret, utf8(`playledger survey ${purpose}`));
  }
  function utf8(text) {
    return new TextEncoder().encode(text);
  }

  // survey/own.js
  var WRONG = "This code opens nothing here. Look whether it is whole: it has 26 letters and digits. Whoever runs the survey can tell you yours.";
  function hasOwn() {
    return SEALED.size > 0;
  }
  function ownBody() {
    const input = element("input", {
      id: "code",
      type: "text",
      autocomplete: "off",
      autocapitalize: "none",
      spellcheck: "false",
      "aria-describedby": "code-said"
    });
    const said = element("p", { id: "code-said", class: "remark", role: "status" });
    const form = element(
      "form",
      { class: "chooser" },
      element("label", { for: "code" }, "Your code"),
      input,
      element("button", { type: "submit" }, "Open")
    );
    const close = element("button", { type: "button", id: "close" }, "Close it again");
    close.hidden = true;
    form.append(close);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const own = opened(input.value);
      input.value = "";
      said.textContent = own ? "Open. Only this window shows it." : WRONG;
      close.hidden = !own;
      change({ own });
    });
    close.addEventListener("click", () => {
      said.textContent = "Closed.";
      close.hidden = true;
      change({ own: null });
      input.focus();
    });
    return [
      element(
        "p",
        { class: "answer" },
        "Your code shows your own songs, your place among the others, and your music twins."
      ),
      form,
      said,
      remark(
        "It is opened here, in your browser, and nothing is sent. Whoever has your code sees this too, so keep it to yourself."
      ),
      element("div", { id: "own-part" })
    ];
  }
  function opened(code) {
    try {
      return unseal(code, SEALED);
    } catch {
      return null;
    }
  }
  function refreshOwn(view) {
    const { own } = currentChoice();
    byId("own-part").replaceChildren(...own ? partOf(own, view) : []);
    byId("chart-own-sound").hidden = !own;
  }
  function partOf(own, view) {
    return [
      heading("Your songs"),
      songsList(own.songs),
      remarkOf(songsWords(own)),
      heading("Your place"),
      remarkOf(placeWords(own, view)),
      heading("Your music twins"),
      ...twinsOf(own),
      heading("What is kept of your answer"),
      remarkOf(answerWords(own))
    ];
  }
  function heading(words2) {
    return element("h3", { class: "group" }, words2);
  }
  function remarkOf(words2) {
    return element("p", { class: "told" }, words2);
  }
  var SOURCES = {
    link: "by the link that you gave",
    lake: "among songs that were listened to here",
    reference: "in the reference data",
    search: "by searching Spotify"
  };
  var STATES = {
    doubtful: "not sure which it is: a person will choose",
    unmatched: "not found",
    waiting: "still to be searched for"
  };
  function foundWords(song) {
    if (song.state === "chosen") return "chosen by a person";
    if (song.state !== "matched") return STATES[song.state] ?? song.state;
    const how = SOURCES[song.source ?? ""] ?? "";
    const isSame = song.similarity === null || song.similarity === 1;
    const sure = isSame ? "" : `, names alike by ${percent(song.similarity)}`;
    return `found ${how}${sure}`;
  }
  function songsList(songs) {
    const items = songs.map((song) => {
      const note = [
        foundWords(song),
        song.year === null ? "" : String(song.year),
        ...song.genres,
        song.features ? "" : "its sound is not known"
      ];
      return element(
        "li",
        {},
        songBy({ track_name: song.title, artist_name: song.artist }),
        element("span", { class: "note" }, note.filter(Boolean).join(" · "))
      );
    });
    return element("ol", { class: "stories named" }, ...items);
  }
  function songsWords(own) {
    const found = own.songs.filter((song) => song.state === "matched" || song.state === "chosen");
    if (!own.songs.length) return "You named no song that could be read.";
    return joinSentences(
      `${number(found.length)} of ${plural(own.songs.length, "song")} are recognised,`,
      `and of ${number(own.compared)} the reference data knows how they sound.`
    );
  }
  function placeWords(own, view) {
    if (!own.sound) return whyNotCompared(own, view);
    const isOnMap = own.place && view.rows("music_dna_map").length;
    const group = groupsOf(view).find((row) => row.cluster === own.group);
    return joinSentences(
      isOnMap ? "You are the star on the map above." : "There is no map to be on: people differ in no direction more than by chance.",
      group ? `You are in group ${group.cluster}, ${group.name} (${sizeWords(group)}).` : "You are in no group: none is told of."
    );
  }
  function twinsOf(own) {
    if (!own.agreed) {
      return [
        remarkOf(
          "You did not agree that others see how alike your songs are, so nobody is your twin, and you are nobody’s."
        )
      ];
    }
    if (!own.twins.length) {
      return [
        remarkOf(
          "Nobody is compared with you: too few of your songs are known, or nobody else agreed to it."
        )
      ];
    }
    return [
      element(
        "ol",
        { class: "twins" },
        ...own.twins.map((twin) => element("li", {}, ...twinWords(twin)))
      ),
      element(
        "p",
        { class: "remark" },
        "Somebody is always the likest. What counts is whether you are more alike than chance makes two people, and what you both named. A twin is known by the first signs of a pseudonym, and they know no more of you."
      )
    ];
  }
  var CHANCE = 95;
  function twinWords(twin) {
    const { songs, artists, genres } = twin;
    const both = [
      songs.length && `the ${songs.length === 1 ? "song" : "songs"} ${joinWords(songs)}`,
      artists.length && `the ${artists.length === 1 ? "artist" : "artists"} ${joinWords(artists)}`
    ].filter((one) => typeof one === "string");
    const beyond = twin.of_likest >= CHANCE;
    return [
      element("strong", {}, twin.name),
      " ",
      element(
        "span",
        {},
        joinSentences(
          `is alike by ${number(twin.similarity, 2)} on a scale from -1 to 1.`,
          `Of all pairs here ${number(Math.floor(twin.percentile))} in a hundred are less alike;`,
          `where songs are dealt out at random ${number(Math.floor(twin.by_chance))} are.`,
          `A twin is picked out of many: where songs are dealt out, that of ${number(Math.floor(twin.of_likest))} in a hundred people is less alike,`,
          beyond ? "so this is more than chance." : "so this may well be chance.",
          both.length ? `You both named ${joinWords(both)}.` : "You named no song and no artist in common.",
          genres.length ? `Genres of both: ${joinWords(genres.slice(0, 6))}.` : ""
        )
      )
    ];
  }
  var KEPT = [
    ["answered_on", "the day"],
    ["age_band", "age"],
    ["major", "subject"],
    ["year", "year"],
    ["hours_band", "hours a day"],
    ["listening_time", "when you listen"]
  ];
  function answerWords({ answer: answer2 }) {
    const kept = KEPT.flatMap(([key, name]) => {
      const value = answer2[key];
      return value ? [`${name}: ${key === "answered_on" ? dayName(value) : value}`] : [];
    });
    return joinSentences(
      kept.length ? `Besides your songs, ${kept.join("; ")}.` : "Nothing besides your songs.",
      "Your name, your mail and your home town are not. To have it deleted, ask whoever runs the survey."
    );
  }

  // survey/predictor.js
  function predictorBody(view) {
    const row = predictorOf(view);
    return [
      answer(predictorAnswer(view)),
      remark(
        row && row.balanced_accuracy !== null ? `This is ${ofPeople(row)} together: of nobody is it told what their songs say they study.` : ""
      )
    ];
  }

  // survey/space.js
  var DIMENSIONS = 3;
  function mapInSpace() {
    const button = element("button", { type: "button", class: "wish" }, "See it in three dimensions");
    const place = element("div", { class: "space" }, button);
    const view = viewOf(rows, currentOptions());
    place.hidden = !dimensionsOf(view);
    if (dimensionsOf(view) < DIMENSIONS) {
      place.replaceChildren(
        element(
          "p",
          { class: "empty" },
          "There is no map in three dimensions: a third direction would be no larger than chance."
        )
      );
    }
    button.addEventListener("click", () => {
      if (!canDrawSpace()) {
        place.replaceChildren(
          element(
            "p",
            { class: "empty" },
            "This browser draws nothing in three dimensions (it has no WebGL). The map above shows the two largest directions."
          )
        );
        return;
      }
      const figure = addFigure(mapInSpaceChart, currentOptions);
      place.replaceChildren(figure.element);
      figure.element.querySelector("summary")?.focus();
    });
    return place;
  }
  function canDrawSpace() {
    return Boolean(document.createElement("canvas").getContext("webgl"));
  }

  // survey/main.js
  var WORDS = { groups: groupsBody, predictor: predictorBody };
  var words = [];
  function wordsOf(body) {
    const made = element("div", { class: "words" });
    words.push({ element: made, body });
    return made;
  }
  function startPage() {
    const main = byId("main");
    const view = viewOf(rows, currentOptions());
    main.append(section("new", "What is new?", wordsOf(feedBody)));
    const titles = [{ id: "new", title: "What is new?" }];
    const add = (id, title, made) => {
      main.append(made);
      titles.push({ id, title });
    };
    const sections = peopleOf(view) === null ? [] : SURVEY_SECTIONS;
    for (const one of sections) {
      if (one.id === "predictor") addOwn(add);
      const body = WORDS[one.id];
      add(one.id, one.title, createChapter(one, currentOptions, ...body ? [wordsOf(body)] : []));
      if (one.id === "dna") byId("dna").append(mapInSpace());
    }
    if (!sections.length) addOwn(add);
    add("made", MADE, section("made", MADE, ...madeBody()));
    main.before(contents(titles));
    showPeriod(view);
  }
  var OWN = "What of you, and who is your music twin?";
  var MADE = "How was this made, and what can it not tell?";
  function addOwn(add) {
    if (!hasOwn()) return;
    const own = { id: "own", title: OWN, charts: [ownSoundChart] };
    add("own", OWN, createChapter(own, currentOptions, ...ownBody()));
  }
  function showPeriod(view) {
    const people = peopleOf(view);
    const days = view.rows("survey_feed").map((row) => row.until);
    const last = days.sort().at(-1);
    byId("period").textContent = people === null ? "" : `The favourite songs of ${number(people)} people${last ? `, as answered up to ${dayName(last)}` : ""}`;
  }
  function startControls() {
    const select = (
      /** @type {HTMLSelectElement} */
      byId("major")
    );
    const subjects = subjectsOf(viewOf(rows, currentOptions()));
    select.add(new Option("everybody", ""));
    for (const subject of subjects) select.add(new Option(subject, subject));
    select.addEventListener("change", () => change({ major: select.value }));
    byId("controls").hidden = !subjects.length;
  }
  function refreshAll() {
    const view = viewOf(rows, currentOptions());
    for (const one of words) one.element.replaceChildren(...one.body(view));
    const { major } = currentChoice();
    byId("meaning").textContent = major ? `Hours, times, artists, genres and decades are those of ${major}; all else is of everybody.` : "Hours, times, artists, genres and decades can be told of one subject.";
    if (hasOwn()) refreshOwn(view);
    refreshFigures();
    hideUntold();
  }
  function hideUntold() {
    for (const id of Object.keys(WORDS)) {
      const grid = document.querySelector(`#${id} .grid`);
      if (grid) grid.hidden = !grid.querySelector(".plot:not([hidden])");
    }
  }
  startTheme();
  startControls();
  startPage();
  refreshAll();
  watchScrolling();
  subscribe(refreshAll);
  watchScreen(refreshAll);
  startPrinting(refreshAll);
})();
/*! fflate - MIT License (c) 2023 Arjun Barrett */
/*! Bundled license information:

@noble/ciphers/utils.js:
  (*! noble-ciphers - MIT License (c) 2023 Paul Miller (paulmillr.com) *)
*/
