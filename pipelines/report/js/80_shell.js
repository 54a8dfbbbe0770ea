// The shell: a figure in the page for each chart, and what Plotly gets besides the chart's own.

const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif';
const CONFIG = { displayModeBar: false, responsive: true, doubleClick: false, showTips: false };

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  Object.entries(attributes).forEach(([key, value]) => made.setAttribute(key, value));
  made.append(...children);
  return made;
}

function section(id, title, ...body) {
  const heading = element('h2', { id: `${id}-title` }, title);
  return element('section', { id, 'aria-labelledby': `${id}-title` }, heading, ...body);
}

function shell(declared) {
  const one = {
    declared, near: false, stale: true, shown: {}, player: null,
    caption: element('p', { class: 'caption' }),
    // The caption stands beside it: to say it here too would have it read twice.
    plot: element('div', { class: 'plot', role: 'img', 'aria-label': `${declared.title}, drawn` }),
    empty: element('p', { class: 'empty' }),
    details: element('details', { class: 'numbers' }, element('summary', {}, 'As a table', element('span', { class: 'unseen' }, `: ${declared.title}`)),
      element('div', {
        class: 'scroll', tabindex: '0', role: 'region', 'aria-label': `${declared.title}, as a table`,
      })),
  };
  one.picture = element('div', {}, one.plot, one.empty);
  one.figure = element('figure', {
    id: `chart-${declared.id}`, class: declared.wide ? 'chart wide' : 'chart',
  }, element('figcaption', {}, element('h3', {}, declared.title), one.caption), one.picture, one.details);
  one.details.addEventListener('toggle', () => showTable(one));
  return one;
}

/** Compute what a figure shows: its words at once, its picture when it is near. */
function refresh(one, view) {
  one.shown = drawn(one.declared, view);
  one.stale = true;
  const { empty, caption, table } = one.shown;
  one.caption.textContent = caption ?? '';
  one.caption.style.minHeight = '';
  one.empty.textContent = empty ?? '';
  one.caption.hidden = !caption;
  one.empty.hidden = !empty;
  one.plot.hidden = Boolean(empty);
  one.details.hidden = Boolean(empty) || !table;
  one.plot.style.minHeight = `${one.shown.height ?? 300}px`;
  showPlayer(one);
  showTable(one);
}

function paint(one) {
  if (!one.stale) return;
  one.stale = false;
  const { empty, steps, height = 300 } = one.shown;
  if (empty) {
    Plotly.purge(one.plot);
    return;
  }
  const { traces, layout, caption, table } = steps ? steps.draw(one.step) : one.shown;
  if (steps && caption) tell(one, caption, table);
  Plotly.react(one.plot, traces, dressed(layout ?? {}, height), CONFIG);
}

/** Let words and table follow a chart that plays; the picture must not jump when words are fewer. */
function tell(one, caption, table) {
  if (one.caption.textContent === caption) return;
  one.caption.style.minHeight = `${one.caption.offsetHeight}px`;
  one.caption.textContent = caption;
  one.shown.table = table;
  showTable(one);
}

/** A chart's layout in the page's fonts and colours. */
function dressed(layout, height) {
  const { ink, faint, grid, paper } = viewNow().colours;
  const font = { family: FONT, size: 12, color: ink };
  const axis = {
    gridcolor: grid, linecolor: grid, zerolinecolor: grid, tickcolor: grid,
    tickfont: { color: faint }, title: { font: { color: faint, size: 12 } },
    fixedrange: true, automargin: true,
  };
  const base = {
    height, autosize: true, dragmode: false, hovermode: 'closest', showlegend: false, font,
    paper_bgcolor: 'rgba(0,0,0,0)', plot_bgcolor: 'rgba(0,0,0,0)', separators: '.,',
    margin: { l: 8, r: 8, t: 8, b: 8 },
    legend: { orientation: 'h', y: -0.15, x: 0, itemclick: false, itemdoubleclick: false },
    hoverlabel: { bgcolor: paper, bordercolor: faint, font, align: 'left', namelength: -1 },
  };
  const axes = Object.keys(layout).filter((key) => /^[xy]axis\d*$/.test(key));
  ['xaxis', 'yaxis', ...axes].forEach((key) => { base[key] = axis; });
  return merged(base, layout);
}

function merged(base, over) {
  const isObject = (value) => value && typeof value === 'object' && !Array.isArray(value);
  const result = { ...base };
  Object.entries(over).forEach(([key, value]) => {
    result[key] = isObject(value) ? merged(isObject(base[key]) ? base[key] : {}, value) : value;
  });
  return result;
}

/** The numbers of a figure, built when somebody opens them. */
function showTable(one) {
  if (!one.details.open || !one.shown.table) return;
  const { head, rows: body } = one.shown.table;
  const isNumber = head.map((_, n) => body.some((cells) => typeof cells[n] === 'number'));
  const line = (cells, name) => element('tr', {}, ...cells.map((cell, n) =>
    element(name, {
      ...(isNumber[n] && { class: 'figure' }), ...(name === 'th' && { scope: 'col' }),
    }, typeof cell === 'number' ? number(cell, 2) : String(cell ?? '–'))));
  one.details.lastChild.replaceChildren(element('table', {},
    element('thead', {}, line(head, 'th')),
    element('tbody', {}, ...body.map((cells) => line(cells, 'td')))));
}
