// Putting words and sentences together. The sentences of a chart are in that chart.

/**
 * The first letter large.
 * @param {string} words
 */
export function capitalized(words) {
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/**
 * 'a', 'a and b', 'a, b and c'.
 * @param {string[]} words
 */
export function joinWords(words) {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}

/**
 * Sentences, one after another; those that are empty are left out.
 * @param {...(string | false | null | undefined)} sentences
 */
export function joinSentences(...sentences) {
  return sentences
    .map((one) => (one || '').trim())
    .filter(Boolean)
    .join(' ');
}
