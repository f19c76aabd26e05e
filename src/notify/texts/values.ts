/** What each text message is given. Checked again before a stored one is worded. */
import { type Static, Type } from 'typebox';
import Value from 'typebox/value';
import { helperAction } from '../templates/values.ts';

const code = {
  code: Type.String({ pattern: '^[0-9]{6,12}$' }),
  /** How long it works. */
  minutes: Type.Integer({ minimum: 1 }),
};

export const textValues = {
  code: Type.Object(code),
  'confirm-number': Type.Object(code),
  /** To be read back to a helper. */
  'caller-code': Type.Object(code),
  'password-reset-notice': Type.Object({}),
  'factor-removed-notice': Type.Object({}),
  'frozen-notice': Type.Object({}),
  'helper-action-notice': Type.Object({ action: helperAction }),
  /** Until then (ms) nothing happens. */
  'waiting-notice': Type.Object({ until: Type.Number() }),
} as const;

export type TextTemplate = keyof typeof textValues;
export type TextValuesOf<Template extends TextTemplate> = Static<(typeof textValues)[Template]>;

export const textTemplates = Object.keys(textValues) as TextTemplate[];

export const isTextTemplate = (name: string): name is TextTemplate => Object.hasOwn(textValues, name);

/** Anything but a code that somebody waits for. */
export const isNotice = (template: string): boolean => template.endsWith('-notice');

export const fits = <Template extends TextTemplate>(
  template: Template,
  values: unknown,
): values is TextValuesOf<Template> => Value.Check(textValues[template], values);
