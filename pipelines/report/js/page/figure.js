// A chart's figure in the page: caption, picture and table. What a chart shows is in ../charts.

/** @import { Chart, Empty, NumbersTable, Options, Plot } from '../charts/types.js' */
/** @import { Rows } from '../data/tables.js' */
import { draw } from '../charts/draw.js';
import { element } from './dom.js';
import { createPlayer } from './player.js';
import { tableOf } from './table.js';

/**
 * A chart with nothing to draw, and why: what it lacks, or that there is none of what it shows.
 * @typedef {{ title: string, why: string }} Lack
 *
 * @typedef {ReturnType<typeof createFigure>} Figure
 */

/**
 * @param {Chart} chart
 * @param {Rows} rows
 * @param {() => Options} options what it is drawn with now
 * @param {'h3' | 'h4'} [level] of its heading
 */
export function createFigure(chart, rows, options, level = 'h3') {
  const { id, title } = chart;
  const caption = element('p', { class: 'caption' });
  // The caption stands beside it: to say it here too would have it read twice.
  const plot = element('div', { class: 'plot', role: 'img', 'aria-label': `${title}, drawn` });
  const empty = element('p', { class: 'empty' });
  const numbers = element('div', {
    class: 'scroll',
    tabindex: '0',
    role: 'region',
    'aria-label': `${title}, as a table`,
  });
  const summary = element(
    'summary',
    {},
    'As a table',
    element('span', { class: 'unseen' }, `: ${title}`),
  );
  const details = element('details', { class: 'numbers' }, summary, numbers);
  const picture = element('div', {}, plot, empty);
  const heading = element('figcaption', {}, element(level, {}, title), caption);

  /** @type {Plot | Empty} */
  let shown = { empty: '' };
  /** @type {NumbersTable | undefined} */
  let table;
  let isStale = true;
  /** @type {ReturnType<typeof createPlayer> | undefined} */
  let player;

  const figure = {
    title,
    element: element(
      'figure',
      { id: `chart-${id}`, class: chart.wide ? 'chart wide' : 'chart' },
      heading,
      picture,
      details,
    ),
    /** Whether it is on the screen, or close to it. */
    isNear: false,

    /** Show the words of what is to be shown now; the picture is drawn when it is near. */
    refresh() {
      shown = drawing(chart, rows, options());
      isStale = true;
      table = shown.empty === undefined ? shown.table : undefined;
      const isEmpty = shown.empty !== undefined;
      caption.textContent = shown.empty === undefined ? shown.caption : '';
      caption.style.minHeight = '';
      empty.textContent = shown.empty ?? '';
      caption.hidden = isEmpty;
      empty.hidden = !isEmpty;
      plot.hidden = isEmpty;
      details.hidden = isEmpty;
      plot.style.minHeight = `${shown.empty === undefined ? shown.height : 300}px`;
      showPlayer(shown.empty === undefined ? shown : undefined);
      showTable();
    },

    paint() {
      if (!isStale) return;
      isStale = false;
      if (shown.empty !== undefined) {
        Plotly.purge(plot);
        return;
      }
      const { steps, config } = shown;
      const step = steps && player ? steps.draw(player.step) : shown;
      if (step !== shown) tell(step);
      Plotly.react(plot, step.data, step.layout, config);
    },

    /** What is said of it, where there is something to draw. */
    caption() {
      return caption.textContent ?? '';
    },

    /** Play no longer: nobody sees it. */
    rest() {
      figure.isNear = false;
      player?.stop();
    },

    /** Let go of what drawing it took. */
    end() {
      player?.show(undefined);
      Plotly.purge(plot);
    },

    /** Why it is empty; undefined where it is not. */
    whyEmpty() {
      return shown.empty;
    },

    /** Say no more than that the reason is the same as above. */
    shortenWhyEmpty() {
      empty.textContent = 'The same goes for this.';
    },
  };

  /** @param {Plot | undefined} drawn */
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

  /**
   * Let caption and table follow a chart that plays. The picture must not jump when the words
   * become fewer.
   * @param {{ caption: string, table: NumbersTable }} step
   */
  function tell(step) {
    if (caption.textContent === step.caption) return;
    caption.style.minHeight = `${caption.offsetHeight}px`;
    caption.textContent = step.caption;
    table = step.table;
    showTable();
  }

  /** The table is built when somebody opens it. */
  function showTable() {
    if (details.open && table) numbers.replaceChildren(tableOf(table));
  }

  details.addEventListener('toggle', showTable);
  return figure;
}

/**
 * Draws each figure when it comes near the window.
 * @param {Map<Element, Figure>} figures by their elements, of which some are observed
 * @param {IntersectionObserverInit} near
 */
export function paintsWhatIsNear(figures, near) {
  return new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      const figure = figures.get(target);
      if (!figure) continue;
      figure.isNear = isIntersecting;
      if (isIntersecting) figure.paint();
    }
  }, near);
}

/**
 * What a chart shows now. One that fails must not take the others with it.
 * @param {Chart} chart
 * @param {Rows} rows
 * @param {Options} options
 */
function drawing(chart, rows, options) {
  try {
    return draw(chart, rows, options);
  } catch (error) {
    console.error(chart.id, error);
    return { empty: 'This could not be drawn. The numbers are in the tables.' };
  }
}

/**
 * Hide figures with nothing to draw; why that is so is said in a line elsewhere.
 * @param {Iterable<Figure>} figures
 * @returns {Lack[]} those that are hidden now
 */
export function hideEmpty(figures) {
  /** @type {Lack[]} */
  const lacks = [];
  for (const figure of figures) {
    const why = figure.whyEmpty();
    figure.element.hidden = why !== undefined;
    if (why !== undefined) lacks.push({ title: figure.title, why });
  }
  return lacks;
}

/**
 * Figures that stand together say only once why there is nothing.
 * @param {Figure[]} figures
 */
export function shortenReasons(figures) {
  const said = new Set();
  for (const figure of figures) {
    const why = figure.whyEmpty();
    if (why === undefined) continue;
    if (said.has(why)) figure.shortenWhyEmpty();
    said.add(why);
  }
}
