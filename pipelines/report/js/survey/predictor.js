// The answer of the predictor, before its figures.

/** @import { View } from '../charts/types.js' */
import { predictorAnswer, predictorOf } from '../charts/survey/predictor.js';
import { ofPeople } from '../charts/survey/profile.js';
import { answer, remark } from './words.js';

/** @param {View} view */
export function predictorBody(view) {
  const row = predictorOf(view);
  return [
    answer(predictorAnswer(view)),
    remark(
      row && row.balanced_accuracy !== null
        ? `This is ${ofPeople(row)} together: of nobody is it told what their songs say they study.`
        : '',
    ),
  ];
}
