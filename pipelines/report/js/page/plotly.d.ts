// What is called of Plotly, whose own script runs before.

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
