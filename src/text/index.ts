/** The door to our texts. */
export { type Amounts, amountsIn } from './amounts.ts';
export { catalogues } from './catalogues.ts';
export { type Direction, isLanguage, type Language, languageInfo, languages, pickLanguage } from './languages.ts';
export { formatDay, formatMoment, formatWait } from './moment.ts';
export { createTranslator, type TextKey, type TextValues, type Translate } from './translator.ts';
export { type Wording, wordingFault } from './wording.ts';
