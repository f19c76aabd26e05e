/** The person's own file: what an operator would get, for whoever it is about. */
import type { FlowDeps, Origin } from '../flow/deps.ts';
import type { Account } from '../kernel/account.ts';
import type { JsonObject } from '../kernel/json.ts';
import { personFile } from './person-file.ts';

export type OwnFile = (account: Account, origin: Pick<Origin, 'ip'>) => Promise<JsonObject>;

export const createOwnFile =
  (flow: Pick<FlowDeps, 'storage' | 'authenticators' | 'audit' | 'keyring'>): OwnFile =>
  async (account, { ip }) => {
    const file = await personFile(flow, account.id, account);
    await flow.storage.transaction((trx) =>
      flow.audit.append(trx, {
        event: 'data.exported',
        outcome: 'success',
        actor: account.id,
        subject: account.id,
        ip,
      }),
    );
    return file;
  };
