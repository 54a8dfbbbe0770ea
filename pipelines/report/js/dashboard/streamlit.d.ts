// What Streamlit gives to the default export of a component, as far as ours use it.

export interface Component<Data> {
  data: Data;
  parentElement: HTMLElement;
  /** Tells Python something once: the script of the page runs again, and finds it under the name. */
  setTriggerValue(name: string, value: unknown): void;
}
