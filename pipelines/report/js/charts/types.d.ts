// What a chart is, what it is drawn from, and what it returns.

import type { OwnPart } from '../data/survey-tables.js';
import type { Day, Row, Scope, TableName } from '../data/tables.js';

/** A chart, as sections.js lists it. */
export interface Chart {
  /** Its figure in the page has 'chart-' before it. */
  id: string;
  /** A noun phrase. */
  title: string;
  /** Tables without whose rows there is nothing to draw. */
  needs: TableName[];
  /** The sentence for where one of them has no rows; there is a general one. */
  without?: string;
  /** Over both columns of the page. */
  wide?: boolean;
  /** Gives the same for the same view, and looks at nothing else. */
  draw(view: View): Drawing | Empty;
}

/** A chapter of the page, as sections.js lists it. */
export interface Section {
  id: string;
  /** A question. */
  title: string;
  charts: Chart[];
  /** Its chapter is there only where this table has rows; without it, where a month is known. */
  of?: TableName;
  /** One of the playlists is chosen at its top. */
  chooser?: boolean;
}

/** What the reader chose, and what their screen is like. */
export interface Options extends Screen {
  scope: Scope;
  /** 'all', a year or a month, as '2026' or '2026-03'; a survey has none. */
  period?: string;
  /** The last known month of the period. */
  month: Day;
  /** The id of a playlist. */
  playlist: string;
  /** On the page of a survey. */
  survey?: SurveyChoice;
}

export interface SurveyChoice {
  /** Of fewer people nothing is told. */
  k: number;
  /** A subject; '' is everybody. */
  major: string;
  /** What the reader's code opened. */
  own: OwnPart | null;
}

export interface Screen {
  colours: Colours;
  /** The screen is that of a phone. */
  narrow: boolean;
  /** Nothing may move. */
  still: boolean;
}

/** All that a chart is drawn from. */
export interface View extends Options {
  /** The rows of a table, in the chosen scope if no other is named. */
  rows: <T extends TableName>(table: T, scope?: Scope) => Row<T>[];
  /** Every month that is known, whatever the scope. */
  months: Day[];
}

/**
 * What a chart draws. Caption and table are plain text; in data and layout, where Plotly reads tags,
 * text that is somebody else's has to be escaped.
 */
export interface Drawing {
  empty?: undefined;
  data: Trace[];
  layout: Layout;
  /** In pixels; 300 if it is not said. */
  height?: number;
  caption: string;
  table: NumbersTable;
  /** For a chart that plays. */
  steps?: Steps;
}

/** A sentence that says why there is nothing to draw. */
export interface Empty {
  empty: string;
}

/** A drawing with all that Plotly is called with. */
export interface Plot extends Drawing {
  config: Record<string, unknown>;
  height: number;
}

/** The pictures of a chart that plays, one after the other. */
export interface Steps {
  labels: string[];
  /** Which of them comes first. */
  at: number;
  /** In milliseconds. */
  interval: number;
  draw(at: number): Pick<Drawing, 'data' | 'layout' | 'caption' | 'table'>;
}

/** A trace of Plotly's; its reference says what each type has. */
export interface Trace {
  type: string;
  name?: string;
  [attribute: string]: unknown;
}

/** A layout of Plotly's, or a part of it. */
export type Layout = Record<string, unknown>;

export interface NumbersTable {
  head: string[];
  rows: (string | number | null)[][];
}

export interface Colours {
  dark: boolean;
  paper: string;
  ink: string;
  faint: string;
  grid: string;
  accent: string;
  second: string;
  third: string;
  quiet: string;
  /** From little to much. */
  scale: [number, string][];
  contexts: Record<string, string>;
  /** For artists: which is whose is in artists/colours.js. */
  artists: string[];
  /** For what has no colour of its own; neighbours differ well. */
  series: string[];
}

/** Any row that says whether plays may be missing. */
export interface Least {
  at_least: boolean;
}

export interface MonthRow extends Least {
  month: Day;
}

export interface Song {
  track_name: string | null;
  artist_name: string | null;
}

/** A line over months: its values, and what is said of each. */
export interface Line<R> {
  name: string;
  colour: string;
  value: (row: R) => number | null;
  text: (row: R) => string;
  dash?: string;
  symbol?: string;
}

/** One part of stacked bars over months. */
export interface Stack<R> {
  name: string;
  colour: string;
  value: (row: R) => number;
  text: (row: R) => string;
}

/** An entry of a list; mark and text are escaped already. */
export interface Bar {
  name: string | null;
  /** Below the name, such as whose song it is. */
  under?: string;
  value: number;
  /** Written behind the bar. */
  mark: string;
  /** Shown when it is pointed at. */
  text: string;
  colour?: string;
}

export interface Spoke {
  name: string;
  /** From 0 to 1. */
  r: number | null;
  text: string;
}
