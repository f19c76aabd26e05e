/** Configuration of the command connector. */
import { type Static, Type } from 'typebox';
import { Duration } from '../../kernel/setting.ts';

export const PLACEHOLDERS = ['link', 'username', 'order', 'id', 'attempt'] as const;
export type Placeholder = (typeof PLACEHOLDERS)[number];

export const commandConfig = Type.Object(
  {
    file: Type.String({
      pattern: '^/',
      description:
        'The program, with its whole path. It must belong to root or to the user of Sparekey, and nobody else may write it.',
    }),
    args: Type.Array(Type.String(), {
      default: ['{order}', '{link}'],
      description: `Its arguments, each handed over as one, with no shell in between. ${PLACEHOLDERS.map((name) => `{${name}}`).join(' ')} are replaced. There is none for the password: arguments can be seen by everybody on the machine.`,
    }),
    input: Type.Union([Type.Literal('json'), Type.Literal('line')], {
      default: 'json',
      description:
        'What comes on standard input: one JSON object with everything, or the password alone on one line (nothing for other orders).',
    }),
    environment: Type.Record(Type.String({ pattern: '^[A-Z_][A-Z0-9_]*$' }), Type.String(), {
      default: {},
      description: 'What it sees beside PATH and LANG. Nothing of the environment of Sparekey is handed on.',
    }),
    cwd: Type.String({ pattern: '^/', default: '/', description: 'The folder that it is started in.' }),
    orders: Type.Array(Type.Union([Type.Literal('password'), Type.Literal('unlock'), Type.Literal('must-change')]), {
      default: ['password'],
      minItems: 1,
      uniqueItems: true,
      description: 'What it understands.',
    }),
    protected: Type.Array(Type.String({ minLength: 1 }), {
      default: ['root'],
      description: 'Links for which it is never started, whatever their case.',
    }),
    timeout: Duration({
      default: '10 s',
      duration: { min: '1 s', max: '5 min' },
      description: 'Time after which it is killed, together with all that it started.',
    }),
  },
  { additionalProperties: false },
);
export type CommandConfig = Static<typeof commandConfig>;
