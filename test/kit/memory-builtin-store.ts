/** A BuiltinStore in memory, with the same all-or-nothing answers as the database. `fail` makes the next calls throw. */
import type { BuiltinAccount, BuiltinStore } from '../../src/directory/builtin.ts';

export interface MemoryBuiltinStore extends BuiltinStore {
  add(account: Partial<BuiltinAccount> & Pick<BuiltinAccount, 'id' | 'username'>): BuiltinAccount;
  row(id: string): BuiltinAccount;
  /** Every call of this name throws from now on. */
  fail(call: keyof BuiltinStore, message: string): void;
}

// As loose as the database's look-up key may be; the directory must be stricter by itself.
const loosely = (text: string): string => text.normalize('NFC').toLowerCase().normalize('NFC');

export function createMemoryBuiltinStore(): MemoryBuiltinStore {
  const rows = new Map<string, BuiltinAccount>();
  const broken = new Map<string, string>();
  const at = (call: keyof BuiltinStore): void => {
    const message = broken.get(call);
    if (message !== undefined) throw new Error(message);
  };
  const copy = (row: BuiltinAccount | undefined) => row && { ...row, groups: [...row.groups] };
  const all = () => [...rows.values()];

  return {
    add(account) {
      const row: BuiltinAccount = {
        mail: undefined,
        displayName: account.username,
        givenName: undefined,
        language: undefined,
        groups: [],
        passwordHash: '',
        passwordChangedAt: 0,
        mustChange: false,
        disabled: false,
        cannotChange: false,
        expiresAt: undefined,
        lockedUntil: undefined,
        failedBinds: 0,
        ...account,
      };
      rows.set(row.id, row);
      return row;
    },
    row(id) {
      const row = rows.get(id);
      if (!row) throw new Error(`No account ${id}.`);
      return row;
    },
    fail: (call, message) => broken.set(call, message),
    async findById(id) {
      at('findById');
      return copy(rows.get(id));
    },
    async findByUsername(username) {
      at('findByUsername');
      return copy(all().find((row) => loosely(row.username) === loosely(username)));
    },
    async findByMail(mail) {
      at('findByMail');
      const found = all().filter((row) => row.mail !== undefined && loosely(row.mail) === loosely(mail));
      return found.length > 1 ? 'several' : copy(found[0]);
    },
    async setPassword(id, { hash, at: changedAt, mustChange, replaces }) {
      at('setPassword');
      const row = rows.get(id);
      if (!row || row.passwordHash !== replaces) return false;
      Object.assign(row, { passwordHash: hash, passwordChangedAt: changedAt, mustChange });
      return true;
    },
    async recordFailedBind(id, { threshold, lockUntil }) {
      at('recordFailedBind');
      const row = rows.get(id);
      if (!row) return undefined;
      row.failedBinds += 1;
      if (row.failedBinds >= threshold) row.lockedUntil = lockUntil;
      return { failedBinds: row.failedBinds };
    },
    async unlock(id) {
      at('unlock');
      const row = rows.get(id);
      if (row) Object.assign(row, { lockedUntil: undefined, failedBinds: 0 });
    },
  };
}
