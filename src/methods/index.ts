/** The registry of ways to verify: one line each. */
import { contactApproval } from './contact-approval.ts';
import { directoryFacts } from './directory-facts.ts';
import { email } from './email.ts';
import { helperPass } from './helper-pass.ts';
import { oidc } from './oidc.ts';
import { passkey } from './passkey.ts';
import { questions } from './questions.ts';
import { recoveryCode } from './recovery-code.ts';
import { sms } from './sms.ts';
import { totp } from './totp.ts';
import { voice } from './voice.ts';

export const methodPlugins = {
  email,
  totp,
  passkey,
  sms,
  voice,
  'recovery-code': recoveryCode,
  oidc,
  'contact-approval': contactApproval,
  questions,
  'directory-facts': directoryFacts,
  'helper-pass': helperPass,
} as const;

export type MethodId = keyof typeof methodPlugins;
