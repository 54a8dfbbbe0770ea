// The card of the chosen period: a picture to share, which the page carries as SVG and draws as PNG in
// the browser's own canvas. What a card says is ../../cards/words.py.

/** @import { Scope } from '../data/tables.js' */
import { carriedCards } from './carried.js';
import { byId, element } from './dom.js';
import { periodName } from './period.js';

/** @type {Promise<Record<string, Record<string, string>>> | undefined} */
let cards;

/**
 * The SVG of a card, or undefined where there is none.
 * @param {string} period
 * @param {Scope} scope
 */
async function cardOf(period, scope) {
  cards ??= unpacked(carriedCards);
  return (await cards)[scope]?.[period];
}

/** @param {string} packed */
async function unpacked(packed) {
  const bytes = Uint8Array.from(atob(packed), (sign) => sign.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate'));
  return JSON.parse(await new Response(stream).text());
}

/**
 * The card of a period, small, and the buttons that save it.
 * @param {string} period
 * @param {Scope} scope
 */
export function cardBody(period, scope) {
  const preview = element('img', {
    class: 'card',
    alt: `The card of ${periodName(period)}: the figures of the cover as one picture`,
    width: 1080,
    height: 1350,
  });
  const body = element(
    'div',
    { class: 'sharing' },
    preview,
    element(
      'div',
      {},
      element(
        'p',
        {},
        'One picture to share. It shows what the cover shows, and says nothing of when you sleep, ' +
          'what you listen for, or who listens with you.',
      ),
      element(
        'p',
        { class: 'chooser' },
        saver('Save this card', () => savePicture(period, scope)),
        saver('Save it as SVG', () => saveDrawing(period, scope)),
      ),
    ),
  );
  cardOf(period, scope).then((svg) => {
    if (svg) preview.src = addressOf(svg);
    body.hidden = !svg;
  });
  return [body];
}

/**
 * @param {string} words
 * @param {() => Promise<void>} save
 */
function saver(words, save) {
  const button = element('button', { type: 'button' }, words);
  button.addEventListener('click', async () => {
    try {
      await save();
      byId('status').textContent = 'The card is saved.';
    } catch (error) {
      console.error('card', error);
      byId('status').textContent =
        'This browser cannot save the card. The same picture lies in the folder cards beside this page.';
    }
  });
  return button;
}

/**
 * @param {string} period
 * @param {Scope} scope
 */
async function savePicture(period, scope) {
  const svg = await cardOf(period, scope);
  if (!svg) return;
  const image = new Image();
  image.src = addressOf(svg);
  await image.decode();
  const canvas = element('canvas', { width: 1080, height: 1350 });
  canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height);
  const png = await new Promise((resolve) => canvas.toBlob(resolve, 'image/png'));
  save(/** @type {Blob} */ (png), `${period}.png`);
}

/**
 * @param {string} period
 * @param {Scope} scope
 */
async function saveDrawing(period, scope) {
  const svg = await cardOf(period, scope);
  if (svg) save(new Blob([svg], { type: 'image/svg+xml' }), `${period}.svg`);
}

/** @param {string} svg */
function addressOf(svg) {
  return `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
}

/**
 * @param {Blob} content
 * @param {string} name
 */
function save(content, name) {
  const address = URL.createObjectURL(content);
  element('a', { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
