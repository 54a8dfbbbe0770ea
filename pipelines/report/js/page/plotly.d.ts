// What the page calls of Plotly, whose own script stands before this one in the page.

import type { Layout, Trace } from '../charts/types.js';

declare global {
  const Plotly: {
    react(
      element: HTMLElement,
      data: Trace[],
      layout: Layout,
      config: Record<string, unknown>,
    ): Promise<unknown>;
    purge(element: HTMLElement): void;
  };
}
