// The button and the slider of charts that play.

function showPlayer(one) {
  stop(one);
  const { steps } = one.shown;
  // It stays where it is, hidden or not: what has the focus must not lose it.
  if (steps && !one.player) addPlayer(one);
  if (one.player) one.player.hidden = !steps;
  if (!steps) return;
  one.step = steps.at ?? 0;
  one.slider.max = String(steps.labels.length - 1);
  showStep(one);
}

function addPlayer(one) {
  one.button = element('button', { type: 'button' }, 'Play');
  one.slider = element('input', {
    type: 'range', min: '0', 'aria-label': `${one.declared.title}: step`,
  });
  one.label = element('span', { class: 'step' });
  one.slider.addEventListener('input', () => {
    stop(one);
    go(one, Number(one.slider.value));
  });
  one.button.addEventListener('click', () => (one.timer ? stop(one) : play(one)));
  one.player = element('div', { class: 'player' }, one.button, one.slider, one.label);
  one.picture.append(one.player);
}

function showStep(one) {
  const told = one.shown.steps.labels[one.step];
  one.slider.value = String(one.step);
  one.slider.setAttribute('aria-valuetext', told);
  one.label.textContent = told;
}

function go(one, step) {
  one.step = step;
  showStep(one);
  one.stale = true;
  if (one.near) paint(one);
}

function play(one) {
  const { labels, interval = 900 } = one.shown.steps;
  if (one.step >= labels.length - 1) go(one, 0);
  one.button.textContent = 'Pause';
  one.timer = setInterval(() => {
    go(one, one.step + 1);
    if (one.step >= labels.length - 1) stop(one);
  }, interval);
}

function stop(one) {
  clearInterval(one.timer);
  one.timer = null;
  if (one.button) one.button.textContent = 'Play';
}
