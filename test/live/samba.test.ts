/** Samba Active Directory for real: the directory contract over LDAPS and StartTLS, and what only Active Directory does. */
import { afterAll, beforeAll } from 'vitest';
import { directoryContract } from '../contract/directory.ts';
import { type Samba, startSamba } from '../kit/servers/samba.ts';
import { prepare, sambaSubject } from './samba-fixture.ts';

let samba: Samba;
beforeAll(async () => {
  samba = await startSamba();
  await prepare(samba);
}, 120_000);
afterAll(() => samba?.stop(), 60_000);

const traits = {
  blocks: [
    'disabled' as const,
    'account-expired' as const,
    'protected' as const,
    'cannot-change-password' as const,
    'missing-right' as const,
  ],
  network: true,
  tooShort: 'x1A',
};

directoryContract('Samba AD over LDAPS', traits, () => sambaSubject(samba, 'ldaps'));
directoryContract('Samba AD over StartTLS', traits, () => sambaSubject(samba, 'starttls'));
