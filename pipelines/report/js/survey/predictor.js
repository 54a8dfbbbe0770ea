// The answer of the predictor, before its figures.

/** @import { View } from '../charts/types.js' */
import { predictorAnswer, predictorOf } from '../charts/survey/predictor.js';
import { answer, remark } from './words.js';

/** @param {View} view */
export function predictorBody(view) {
  const row = predictorOf(view);
  return [
    answer(predictorAnswer(view)),
    remark(
      row && row.balanced_accuracy !== null
        ? `It is asked of ${row.people} people by groups, never of one: nobody’s subject is told from their songs.`
        : '',
    ),
  ];
}
