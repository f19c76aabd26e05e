/** What the directory itself says of people, as lines of a list: read person by person of those whom readiness knows. */
import type { Directory } from '../../directory/directory.ts';
import { createLanes } from '../../kernel/lanes.ts';
import * as readiness from '../../storage/repositories/readiness.ts';
import type { Storage } from '../../storage/storage.ts';
import { cellFault, type Entry, type ReadLine, UnusableFile } from './entry.ts';

const PAGE = 200;

/** Names of attributes. */
export interface AttributeNames {
  email?: string | undefined;
  phone?: string | undefined;
}

/** @throws UnusableFile when the directory can't be asked, or no attribute is named. */
export async function* entriesOfDirectory(
  { storage, directory }: { storage: Pick<Storage, 'db'>; directory: Pick<Directory, 'load'> },
  { email, phone }: AttributeNames,
): AsyncGenerator<ReadLine> {
  if (email === undefined && phone === undefined)
    throw new UnusableFile('No attribute is named: set rollout.attributes.email or rollout.attributes.phone.');
  const lane = createLanes(4);
  let line = 0;
  for (let after = ''; ; ) {
    const rows = await readiness.page(storage.db, after, PAGE);
    const found = await Promise.all(rows.map((row) => lane(() => directory.load(row.directoryKey))));
    for (const one of found) {
      if (one.is === 'unavailable') throw new UnusableFile(`The directory can’t be asked: ${one.cause}`);
      if (one.is === 'none') continue;
      const { account } = one;
      const mail = email && account.attributes[email]?.[0];
      const number = phone && account.attributes[phone]?.[0];
      if (!mail && !number) continue;
      line += 1;
      const { username } = account;
      const fault = (mail && cellFault('mail', mail)) || (number && cellFault('phone', number));
      const entry: Entry = { username, ...(mail ? { mail } : {}), ...(number ? { phone: number } : {}) };
      yield fault ? { is: 'broken', line, username, says: fault } : { is: 'entry', line, entry };
    }
    const last = rows.at(-1);
    if (rows.length < PAGE || !last) break;
    after = last.accountId;
  }
  if (line === 0)
    throw new UnusableFile(
      'Nobody has such an attribute. Was the directory walked through? sparekey readiness refresh',
    );
}
