/** The worker behind the meter: loads the dictionaries of zxcvbn, then answers one estimate a message. */
import { parentPort } from 'node:worker_threads';
import { ZxcvbnFactory } from '@zxcvbn-ts/core';
import { adjacencyGraphs, dictionary } from '@zxcvbn-ts/language-common';
import { dictionary as german } from '@zxcvbn-ts/language-de';
import { dictionary as english } from '@zxcvbn-ts/language-en';
import type { Estimate } from '../../policy/passwords/strength.ts';

export interface Question {
  text: string;
  /** Words that an attacker who knows the person tries first. */
  words: readonly string[];
}

const zxcvbn = new ZxcvbnFactory({
  dictionary: { ...dictionary, ...english, ...german },
  graphs: adjacencyGraphs,
  // The default of 100 costs eight times as much and finds nothing more.
  l33tMaxSubstitutions: 10,
  useLevenshteinDistance: false,
});

parentPort?.on('message', ({ text, words }: Question) => {
  const { guessesLog10, feedback } = zxcvbn.check(text, [...words]);
  const estimate: Estimate = { guesses: guessesLog10, ...feedback };
  parentPort?.postMessage(estimate);
});
