/** An address, number or contact that comes a day after the first way to verify, or later, opens nothing until it has been there a while. */
import { days } from '../../kernel/clock.ts';
import * as people from '../../storage/repositories/people.ts';
import type { FlowDeps } from '../deps.ts';

/** ms; `undefined`: it counts at once. */
export async function settlingOf(
  { storage, clock, contacts }: Pick<FlowDeps, 'storage' | 'clock' | 'contacts'>,
  accountId: string,
  channel: string,
): Promise<number | undefined> {
  if (!['mail', 'phone', 'contact'].includes(channel)) return undefined;
  const known = await people.find(storage.db, accountId);
  const now = clock.now();
  const late = known?.enrolledAt !== undefined && now - known.enrolledAt > days(1);
  return late && contacts.recent > 0 ? now + contacts.recent : undefined;
}
