/** The dozen people of the demo, each with a reason to be there. */

/** Known to everybody who reads this file: the demo must never be anything else. */
export const DEMO_PASSWORD = 'orange tram to the lake';

export interface SeedPerson {
  username: string;
  displayName: string;
  givenName: string;
  mail: string;
  language: 'en' | 'de' | 'ar';
  groups: string[];
  /** What they set up: confirmed addresses, an app, saved codes. */
  addresses: string[];
  app: boolean;
  sheet: boolean;
  /** Confirmed number, E.164. All are of a range that is kept for films. */
  phone?: string;
  /** Username of whoever may confirm them. */
  manager?: string;
  /** Number on the student card. */
  card?: string;
  /** Question of the catalogue to its answer. */
  answers?: Readonly<Record<string, string>>;
  /** Linked with the demo's identity provider. */
  linked?: boolean;
  mustChange?: boolean;
  disabled?: boolean;
  cannotChange?: boolean;
  ended?: boolean;
  /** For the demo page. */
  note:
    | 'ready'
    | 'all'
    | 'nothing'
    | 'one-missing'
    | 'must-change'
    | 'disabled'
    | 'cannot-change'
    | 'protected'
    | 'card'
    | 'questions'
    | 'ended';
}

const person = (
  username: string,
  displayName: string,
  language: SeedPerson['language'],
  note: SeedPerson['note'],
  more: Partial<SeedPerson> = {},
): SeedPerson => ({
  username,
  displayName,
  givenName: displayName.split(' ')[0] as string,
  mail: `${username}@northfield.example`,
  language,
  groups: ['staff'],
  addresses: [`${username}@private.example`],
  app: true,
  sheet: false,
  note,
  ...more,
});

export const DEMO_PEOPLE: readonly SeedPerson[] = [
  person('amina', 'Amina Haddad', 'en', 'ready', {
    phone: '+491713920001',
    manager: 'chiara',
    groups: ['staff', 'helpdesk'],
  }),
  person('ben', 'Ben Okafor', 'en', 'ready', { app: false, sheet: true }),
  person('chiara', 'Chiara Rossi', 'en', 'all', {
    groups: ['staff', 'operators'],
    sheet: true,
    phone: '+491713920002',
    manager: 'amina',
    linked: true,
    addresses: ['chiara@private.example', 'chiara@northfield.example'],
  }),
  person('dmitri', 'Dmitri Volkov', 'en', 'nothing', { addresses: [], app: false }),
  person('elena', 'Elena Petrova', 'en', 'must-change', { mustChange: true }),
  person('farid', 'Farid Rahimi', 'en', 'disabled', { disabled: true }),
  person('grace', 'Grace Mbeki', 'en', 'cannot-change', { cannotChange: true }),
  person('hana', 'Hana Sato', 'en', 'protected', { groups: ['administrators'] }),
  person('ivan', 'Ivan Horvat', 'en', 'one-missing', { app: false }),
  person('jamila', 'جميلة منصور', 'ar', 'ready', { sheet: true }),
  person('klaus', 'Klaus Weber', 'de', 'ready', { sheet: true, groups: ['staff', 'auditors'] }),
  person('maya', 'Maya Lindqvist', 'en', 'card', { groups: ['students'], card: '20417', phone: '+491713920003' }),
  person('noah', 'Noah Adeyemi', 'en', 'questions', {
    groups: ['library'],
    sheet: true,
    answers: {
      'first-toy': 'tin giraffe',
      'hiding-place': 'piano stool',
      'first-concert': 'brass band',
      'lost-thing': 'green umbrella',
      'first-trip': 'cable car',
    },
  }),
  person('lucia', 'Lucía Fernández', 'en', 'ended', { ended: true }),
];
