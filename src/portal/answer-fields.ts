/** Which fields a form may send, by what was asked: nothing else is read. */
import type { FieldRules } from '../http/form.ts';
import type { Prompt } from '../kernel/prompt.ts';

/** A credential in JSON; the form limit of 8 KiB holds above it. */
const CREDENTIAL = { max: 7_000 };
/** What a person answers may hold any character. */
const FREE = { max: 300, secret: true } as const;

/** For the form of a prompt, at a gate or while a way is added. */
export function answerFields(prompt: Prompt): FieldRules {
  switch (prompt.kind) {
    case 'enter-code':
      return { code: { max: 200 } };
    case 'scan-secret':
      return { code: { max: 200 }, label: { max: 100, optional: true } };
    case 'use-passkey':
      return { credential: CREDENTIAL };
    case 'create-passkey':
      return { credential: CREDENTIAL, label: { max: 100, optional: true } };
    case 'answer-fields':
      return Object.fromEntries(prompt.fields.map(({ name }) => [name, FREE]));
    case 'go-elsewhere':
      return { returned: { max: 4_000 } };
    case 'enter-address':
      return { address: { max: 400 } };
    case 'save-codes':
      return { saved: { max: 10, optional: true } };
    case 'choose-questions':
      return Object.fromEntries(
        Array.from({ length: prompt.count }, (_, n) => [
          [`question${n}`, { max: 60 }],
          [`own${n}`, { ...FREE, optional: true }],
          [`answer${n}`, FREE],
        ]).flat() as [string, FieldRules[string]][],
      );
    case 'choose-contact':
      return { address: { max: 400 }, label: { max: 100, optional: true } };
    case 'wait-for-approval':
      return {};
  }
}
