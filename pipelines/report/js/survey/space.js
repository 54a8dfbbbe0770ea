// The map in three dimensions, made when somebody asks for it: turning it takes what not every
// screen has.

import { viewOf } from '../charts/draw.js';
import { dimensionsOf, mapInSpaceChart } from '../charts/survey/map.js';
import { rows } from '../page/carried.js';
import { addFigure } from '../page/chapters.js';
import { element } from '../page/dom.js';
import { currentOptions } from './state.js';

const DIMENSIONS = 3;

/** A button, and in its place the map. */
export function mapInSpace() {
  const button = element('button', { type: 'button', class: 'wish' }, 'See it in three dimensions');
  const place = element('div', { class: 'space' }, button);
  const view = viewOf(rows, currentOptions());
  place.hidden = !dimensionsOf(view);
  if (dimensionsOf(view) < DIMENSIONS) {
    place.replaceChildren(
      element(
        'p',
        { class: 'empty' },
        'There is no map in three dimensions: a third direction would be no larger than chance.',
      ),
    );
  }
  button.addEventListener('click', () => {
    if (!canDrawSpace()) {
      place.replaceChildren(
        element(
          'p',
          { class: 'empty' },
          'This browser draws nothing in three dimensions (it has no WebGL). The map above shows the two largest directions.',
        ),
      );
      return;
    }
    const figure = addFigure(mapInSpaceChart, currentOptions);
    place.replaceChildren(figure.element);
    figure.element.querySelector('summary')?.focus();
  });
  return place;
}

function canDrawSpace() {
  return Boolean(document.createElement('canvas').getContext('webgl'));
}
