// What charts of years say where no year is known.

export const NO_YEARS =
  'Of no song the year of release is known: exports do not tell it. Polls do, and the reference ' +
  'data.';
