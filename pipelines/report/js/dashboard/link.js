// Links to pages of the dashboard: real addresses, so that they can be copied or opened elsewhere; a
// click stays in this page, since Python opens the other one. pipelines/dashboard/links.py makes them.

import { element } from '../page/dom.js';

/**
 * @typedef {{ address: string, page: string, parameters: Record<string, string> }} Link
 * @typedef {(link: Link) => void} Follow
 */

/**
 * A name that leads somewhere, if there is where to.
 * @param {string} text somebody else's: it is shown as it is
 * @param {Link | null | undefined} link
 * @param {Follow} follow
 * @param {string} [className]
 */
export function linked(text, link, follow, className = '') {
  if (!link) return element('span', { class: className, dir: 'auto' }, text);
  const made = element('a', { class: className, dir: 'auto', href: link.address }, text);
  made.addEventListener('click', (event) => {
    // Whoever asks for another tab gets one.
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    follow(link);
  });
  return made;
}
