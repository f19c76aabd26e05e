/** What each mail template is given. The schemas are the types, and they are checked again before a stored mail is rendered. */
import { type Static, Type } from 'typebox';
import Value from 'typebox/value';

const about = {
  /** Display name of the person. Hostile. */
  name: Type.String(),
  /** ms since 1970: when it happened or was asked for. */
  at: Type.Number(),
  /** Where the request came from, when that is known and may be told. */
  ip: Type.Optional(Type.String()),
};
const code = {
  ...about,
  code: Type.String({ pattern: '^[0-9]{6,12}$' }),
  /** How long it works. */
  minutes: Type.Integer({ minimum: 1 }),
};
const factor = {
  ...about,
  /** Id of the verification method. */
  method: Type.String(),
  /** The person's own name for it, or a masked address. Hostile. */
  label: Type.Optional(Type.String()),
};

export const mailValues = {
  /** `token`: opens the link `<origin>/recover/link#<token>`; a practice run has none. */
  'recovery-code-mail': Type.Object({
    ...code,
    token: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9_-]{20,128}$' })),
  }),
  'confirm-address': Type.Object(code),
  'password-reset-notice': Type.Object(about),
  'password-changed-notice': Type.Object(about),
  'factor-added-notice': Type.Object(factor),
  'factor-removed-notice': Type.Object(factor),
  'recovery-code-used-notice': Type.Object({ ...about, left: Type.Optional(Type.Integer({ minimum: 0 })) }),
  /** A gate was passed, then nobody went on. `method`: which gate. */
  'attempt-notice': Type.Object({ ...about, method: Type.Optional(Type.String()) }),
} as const;

export type MailTemplate = keyof typeof mailValues;
export type MailValues = { [Template in MailTemplate]: Static<(typeof mailValues)[Template]> };

export const mailTemplates = Object.keys(mailValues) as MailTemplate[];

export const isMailTemplate = (name: string): name is MailTemplate => Object.hasOwn(mailValues, name);

export const fits = <Template extends MailTemplate>(
  template: Template,
  values: unknown,
): values is MailValues[Template] => Value.Check(mailValues[template], values);
