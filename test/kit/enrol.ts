/** Gives an account its ways to verify without going through the pages: for tests that begin where a person is enrolled already. */
import { Secret as OtpSecret, TOTP } from 'otpauth';
import type { FlowDeps } from '../../src/flow/deps.ts';
import type { Account } from '../../src/kernel/account.ts';
import { newId } from '../../src/kernel/random.ts';

export interface Enrolled {
  addresses: string[];
  /** Base32 */
  seed: string;
  /** Saved codes, unused. */
  codes: string[];
}

export async function enrol(
  flow: Pick<FlowDeps, 'storage' | 'authenticators' | 'methods' | 'clock'>,
  account: Account,
  addresses: string[],
): Promise<Enrolled> {
  const { storage, authenticators, methods, clock } = flow;
  const now = clock.now();
  const seed = new OtpSecret({ size: 20 }).base32;
  const step = { flow: newId(), challenge: newId(), now, language: 'en', account, purpose: 'enrolment' } as const;
  const sheet = await methods.get('recovery-code')?.enrolment?.begin(step, account, {}, []);
  if (!sheet || 'is' in sheet || sheet.prompt.kind !== 'save-codes') throw new Error('No sheet of saved codes.');
  const { pending, prompt } = sheet;
  await storage.transaction(async (trx) => {
    const add = (method: string, data: Parameters<typeof authenticators.add>[1]['data']) =>
      authenticators.add(trx, { id: newId(), accountId: account.id, method, label: 'Test', data }, now);
    for (const address of addresses) await add('email', { address });
    await add('totp', { seed, lastStep: 0 });
    await add('recovery-code', pending);
  });
  return { addresses, seed, codes: [...prompt.codes] };
}

/** What the app shows at that instant (ms). */
export const appCodeAt = (seed: string, timestamp: number): string =>
  new TOTP({ secret: OtpSecret.fromBase32(seed) }).generate({ timestamp });
