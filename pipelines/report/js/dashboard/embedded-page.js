// A whole page of ours within a page of the dashboard: in a frame that may run the page's own scripts
// and can reach nothing around it. pipelines/dashboard/embedded_page.py gives it.

/** @import { Component } from './streamlit.js' */
import { element } from '../page/dom.js';

/**
 * What Streamlit calls; a frame that shows the same already stays as its reader left it.
 * @param {Component<{ page: string, title: string, height: number, version: string }>} component
 */
export default function showPage({ data, parentElement }) {
  const shown = parentElement.querySelector('iframe');
  if (shown?.dataset.version === data.version) return;
  const frame = element('iframe', { sandbox: 'allow-scripts', title: data.title });
  frame.dataset.version = data.version;
  frame.style.height = `${data.height}px`;
  frame.srcdoc = data.page;
  shown?.remove();
  parentElement.append(frame);
}
