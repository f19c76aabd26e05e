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
  /** Opens the stop page `<origin>/stop#<stop>`: "it wasn't me". Notices have one. */
  stop: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9_-]{20,128}$' })),
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

/** What a helper did. */
export const helperAction = Type.Union([
  Type.Literal('issued'),
  Type.Literal('used'),
  Type.Literal('unlocked'),
  Type.Literal('cleared'),
  Type.Literal('frozen'),
  Type.Literal('thawed'),
  Type.Literal('must-change'),
]);

export const mailValues = {
  /** `token`: opens the link `<origin>/recover/link#<token>`; a practice run has none. */
  'recovery-code-mail': Type.Object({
    ...code,
    token: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9_-]{20,128}$' })),
  }),
  'confirm-address': Type.Object(code),
  /** A helper asks the caller to read it back. `helper`: their name. Hostile. */
  'caller-code': Type.Object({ ...code, helper: Type.String() }),
  'password-reset-notice': Type.Object(about),
  'password-changed-notice': Type.Object(about),
  'unlocked-notice': Type.Object(about),
  /** Everything is proven, but risk asks for patience until then (ms). */
  'waiting-notice': Type.Object({ ...about, until: Type.Number() }),
  /** Recovery was stopped. */
  'frozen-notice': Type.Object(about),
  /** Usernames of the accounts that have this address. Hostile. */
  'usernames-mail': Type.Object({ ...about, usernames: Type.Array(Type.String(), { maxItems: 20 }) }),
  /** For operators. `says`: one sentence of ours. */
  'incident-alert': Type.Object({ ...about, account: Type.String(), incident: Type.String(), says: Type.String() }),
  /** Says nothing but that it came. */
  'test-message': Type.Object(about),
  /** A helper did something for the account, or the pass was used. `helper`: their name. Hostile. */
  'helper-action-notice': Type.Object({
    ...about,
    action: helperAction,
    helper: Type.String(),
  }),
  /** To a contact: is it them? `token` opens `<origin>/approve#<token>`; `signIn`: they must sign in for it. */
  'approval-request': Type.Object({
    ...about,
    asks: Type.String(),
    token: Type.String({ pattern: '^[A-Za-z0-9_-]{20,128}$' }),
    minutes: Type.Integer({ minimum: 1 }),
    signIn: Type.Boolean(),
  }),
  /** To somebody who may become a contact. */
  'approval-consent': Type.Object({
    ...about,
    asks: Type.String(),
    token: Type.String({ pattern: '^[A-Za-z0-9_-]{20,128}$' }),
  }),
  /** To a contact who has confirmed. */
  'approval-given': Type.Object({ ...about, asks: Type.String() }),
  /** `contact`: what the person calls them. Hostile. */
  'contact-approved-notice': Type.Object({ ...about, contact: Type.String() }),
  'approval-refused-notice': Type.Object({ ...about, contact: Type.String() }),
  'factor-added-notice': Type.Object(factor),
  'factor-removed-notice': Type.Object(factor),
  'recovery-code-used-notice': Type.Object({ ...about, left: Type.Optional(Type.Integer({ minimum: 0 })) }),
  /** A connected system did not take the new password. `system`: its label. */
  'system-failed-notice': Type.Object({ ...about, system: Type.String() }),
  /** To whoever has not enrolled yet. `says`: the organisation's own words; `optOut`: opens `<origin>/reminders/stop#<optOut>`. */
  'enrol-reminder': Type.Object({
    ...about,
    says: Type.Optional(Type.String({ maxLength: 600 })),
    optOut: Type.String({ pattern: '^[A-Za-z0-9_-]{20,128}$' }),
  }),
  /** To whoever runs IT. `from`, `to`: days; `saved` in `currency`; `adoption` 0 to 1; `median` in seconds; `rating` 1 to 5. */
  'weekly-report': Type.Object({
    ...about,
    from: Type.String({ pattern: '^[0-9-]{10}$' }),
    to: Type.String({ pattern: '^[0-9-]{10}$' }),
    resets: Type.Integer({ minimum: 0 }),
    unlocks: Type.Integer({ minimum: 0 }),
    calls: Type.Integer({ minimum: 0 }),
    currency: Type.String({ pattern: '^[A-Z]{3}$' }),
    saved: Type.Optional(Type.Integer()),
    adoption: Type.Optional(Type.Number()),
    median: Type.Optional(Type.Integer({ minimum: 0 })),
    rating: Type.Optional(Type.Number()),
  }),
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
