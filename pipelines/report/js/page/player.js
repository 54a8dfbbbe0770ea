// The button and the slider of a chart that plays. Which picture is drawn is for figure.js.

/** @import { Steps } from '../charts/types.js' */
import { element } from './dom.js';

/**
 * @param {string} title of the chart
 * @param {() => void} whenStepped
 */
export function createPlayer(title, whenStepped) {
  const button = element('button', { type: 'button' }, 'Play');
  const slider = element('input', { type: 'range', min: '0', 'aria-label': `${title}: step` });
  const label = element('span', { class: 'step' });
  /** @type {Pick<Steps, 'labels' | 'interval'>} */
  let steps = { labels: [], interval: 0 };
  /** @type {number | null} */
  let timer = null;

  const player = {
    element: element('div', { class: 'player' }, button, slider, label),
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
    },
    stop,
  };

  /** @param {number} step */
  function showStep(step) {
    player.step = step;
    slider.value = String(step);
    slider.setAttribute('aria-valuetext', steps.labels[step]);
    label.textContent = steps.labels[step];
  }

  /** @param {number} step */
  function go(step) {
    showStep(step);
    whenStepped();
  }

  function play() {
    const last = steps.labels.length - 1;
    if (player.step >= last) go(0);
    button.textContent = 'Pause';
    timer = setInterval(() => {
      go(player.step + 1);
      if (player.step >= last) stop();
    }, steps.interval);
  }

  function stop() {
    if (timer !== null) clearInterval(timer);
    timer = null;
    button.textContent = 'Play';
  }

  slider.addEventListener('input', () => {
    stop();
    go(Number(slider.value));
  });
  button.addEventListener('click', () => (timer === null ? play() : stop()));
  return player;
}
