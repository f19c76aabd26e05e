/** What a call says, by language. The keys are never spoken: who is asked for them has the page in front of them. */

interface Phrases {
  /** Voice of espeak-ng. */
  voice: string;
  /** Words per minute of sentences; digits are slower. */
  pace: number;
  greeting: (organisation: string) => string;
  code: string;
  again: string;
  goodbye: string;
}

const phrases: Record<string, Phrases> = {
  en: {
    voice: 'en-gb',
    pace: 140,
    greeting: (organisation) => `Hello. This is ${organisation}. Please press the keys that your screen shows.`,
    code: 'Your code is:',
    again: 'Once more:',
    goodbye: 'Goodbye.',
  },
  de: {
    voice: 'de',
    pace: 140,
    greeting: (organisation) =>
      `Guten Tag. Hier ist ${organisation}. Bitte drücken Sie die Tasten, die Ihr Bildschirm zeigt.`,
    code: 'Ihr Code lautet:',
    again: 'Noch einmal:',
    goodbye: 'Auf Wiederhören.',
  },
  ar: {
    voice: 'ar',
    pace: 130,
    greeting: (organisation) => `مرحبا. معكم ${organisation}. من فضلك اضغط على الأرقام الظاهرة على الشاشة.`,
    code: 'رمزك هو:',
    again: 'مرة أخرى:',
    goodbye: 'مع السلامة.',
  },
};

export const spokenLanguages = Object.keys(phrases);

export const phrasesFor = (language: string): Phrases =>
  (phrases[language.toLowerCase().split('-')[0] ?? ''] ?? phrases['en']) as Phrases;
