/** OpenLDAP for real: the directory contract over LDAPS and StartTLS, and what only OpenLDAP does. */
import { directoryContract } from '../contract/directory.ts';
import { openldapSubject } from './openldap-fixture.ts';

const traits = {
  blocks: [
    'disabled',
    'account-expired',
    'protected',
    'cannot-change-password',
    'minimum-age',
    'admin-locked',
    'missing-right',
  ] as const,
  network: true,
  tooShort: 'x1A',
  wholeSeconds: true,
};

directoryContract('OpenLDAP over LDAPS', { ...traits, blocks: [...traits.blocks] }, () => openldapSubject('ldaps'));
directoryContract('OpenLDAP over StartTLS', { ...traits, blocks: [...traits.blocks] }, () =>
  openldapSubject('starttls'),
);
