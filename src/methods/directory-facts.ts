/**
 * `directory-facts`: asks for what the directory knows of a person (a number on a card, a date of birth). Others know such
 * things, too, so it proves nothing: it is only ever asked in addition (`also`), behind a gate that proves possession. Values
 * stay in the directory and in the sealed journey; no page, mail or log shows one.
 */
import { Type } from 'typebox';
import { sameText } from '../kernel/keyring.ts';
import { definePlugin } from '../kernel/plugin.ts';
import { readDigits } from './code.ts';
import { datesOf } from './directory-facts/dates.ts';
import type { MethodPorts, Subject, VerificationMethod } from './method.ts';
import { bare } from './words.ts';

const fact = Type.Object(
  {
    name: Type.String({
      pattern: '^[a-z0-9][a-z0-9-]{0,40}$',
      description: 'Names the fact in forms. Never changes.',
      examples: ['card'],
    }),
    attribute: Type.String({
      minLength: 1,
      description: 'Attribute of the directory that holds it, as the directory spells it.',
      examples: ['employeeNumber'],
    }),
    kind: Type.Enum(['text', 'digits', 'date'], {
      default: 'text',
      description:
        'How it is compared: letters and digits without case, accents and blanks; digits only; or a date in any usual writing.',
    }),
    label: Type.Record(Type.String(), Type.String({ minLength: 1, maxLength: 120 }), {
      description: 'What people are asked, by language.',
      examples: [{ en: 'Number on your library card', de: 'Nummer auf dem Bibliotheksausweis' }],
    }),
  },
  { additionalProperties: false },
);

export const configSchema = Type.Object({
  facts: Type.Array(fact, {
    default: [],
    maxItems: 5,
    description: 'What is asked. People are asked what the directory knows of them; where it knows nothing, nothing.',
    examples: [[{ name: 'card', attribute: 'employeeNumber', label: { en: 'Number on your card' } }]],
  }),
});

type Kind = 'text' | 'digits' | 'date';

/** Every reading of what was typed or stored; two texts mean the same when they have one in common. */
const readings: Record<Kind, (text: string) => string[]> = {
  text: (text) => [bare(text)],
  digits: (text) => [readDigits(text)],
  date: datesOf,
};

export const directoryFacts = definePlugin({
  id: 'directory-facts',
  summary: 'What the directory knows of the person. Only ever asked in addition.',
  configSchema,
  open({ facts }, ports: MethodPorts): VerificationMethod {
    type Fact = (typeof facts)[number];
    const read = (kind: Kind, texts: readonly string[]): string[] =>
      texts.flatMap(readings[kind]).filter((text) => text !== '');
    const valuesOf = (account: Subject, { attribute, kind }: Fact): string[] =>
      read(kind, account.attributes[attribute] ?? []);
    const known = (account: Subject): Fact[] => facts.filter((one) => valuesOf(account, one).length > 0);

    const mac = (text: string): string => ports.mac('directory-fact', text);
    const isRight = (account: Subject, one: Fact, typed: string): boolean => {
      const given = read(one.kind, [typed]).map(mac);
      return valuesOf(account, one)
        .map(mac)
        .some((value) => given.some((text) => sameText(value, text)));
    };

    return {
      id: 'directory-facts',
      worth: { evidence: 'none', channel: 'directory', weight: 0 },
      first: false,
      several: false,
      signIn: false,
      tries: 3,
      attributes: [...new Set(facts.map(({ attribute }) => attribute))],
      offer: (_authenticators, account) =>
        known(account).length === 0 ? undefined : { method: 'directory-facts', hint: undefined },
      decoy: () => ({}),
      challenge: async ({ account }) => {
        const own = known(account);
        const asked = own.length === 0 ? facts : own;
        return {
          pending: { asked: asked.map(({ name }) => name) },
          prompt: {
            kind: 'answer-fields',
            method: 'directory-facts',
            fields: asked.map(({ name, label }) => ({ name, says: label })),
            resendable: false,
          },
          effects: [],
        };
      },
      judge: async ({ account }, _authenticators, pending, answer) => {
        const asked = facts.filter(({ name }) => (pending['asked'] as string[]).includes(name));
        // All of them are looked at, so that nobody learns which one was wrong.
        const wrong = asked.filter((one) => !isRight(account, one, answer[one.name] ?? ''));
        return asked.length > 0 && wrong.length === 0 ? { is: 'verified', effects: [] } : { is: 'mismatch' };
      },
    };
  },
});
