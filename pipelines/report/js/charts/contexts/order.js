// The order in which contexts are stacked.

export const CONTEXT_ORDER = [
  'everyday',
  'focus',
  'relaxation',
  'party',
  'workout',
  'kids',
  'sleep',
];
