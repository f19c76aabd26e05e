/** The registry of ways to verify: one line each. */
import { email } from './email.ts';
import { recoveryCode } from './recovery-code.ts';
import { totp } from './totp.ts';

export const methodPlugins = { email, totp, 'recovery-code': recoveryCode } as const;

export type MethodId = keyof typeof methodPlugins;
