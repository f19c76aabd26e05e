/**
 * Earlier passwords, kept only where no directory keeps them. All hashes of one account share a salt, so a candidate
 * costs one hash however long the history is; salts still differ between accounts.
 */
import { argon2Hash, PASSWORD_COST, sameSaltHash } from '../kernel/argon2.ts';
import * as rows from '../storage/repositories/password-history.ts';
import type { Trx } from '../storage/storage.ts';
import type { FlowDeps } from './deps.ts';

export function createPasswordHistory(
  deps: Pick<FlowDeps, 'storage' | 'directory' | 'passwords' | 'keyring' | 'clock'>,
) {
  // Asked each time: what a directory can do is only known once it answered.
  const keep = () => (deps.directory.can.resetHistory ? 0 : deps.passwords.history);
  const pepper = deps.keyring.derive('password-history');

  return {
    /** `hash` is what `remember` wants once the password is in force; `undefined` where we keep no history. */
    async compare(accountId: string, password: string): Promise<{ known: boolean; hash: string | undefined }> {
      if (keep() === 0) return { known: false, hash: undefined };
      const known = await rows.list(deps.storage.db, accountId, keep());
      const hash = known[0]
        ? await sameSaltHash(password, known[0], pepper)
        : await argon2Hash(password, pepper, PASSWORD_COST);
      return { known: known.includes(hash), hash };
    },
    remember: (trx: Trx, accountId: string, hash: string): Promise<void> =>
      rows.add(trx, { accountId, hash, now: deps.clock.now() }, keep()),
  };
}
