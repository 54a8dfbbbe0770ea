// The order in which contexts are stacked. Their colours are in ../colours.js.

export const CONTEXT_ORDER = [
  'everyday',
  'focus',
  'relaxation',
  'party',
  'workout',
  'kids',
  'sleep',
];
