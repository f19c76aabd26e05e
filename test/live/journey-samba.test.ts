/** The main job on a real Samba AD domain controller over LDAPS, with a service account that only has delegated rights. */

import { startSamba } from '../kit/servers/samba.ts';
import { FIRST, openHouse } from './journey-house.ts';
import { type JourneyFixture, journeySuite } from './journey-suite.ts';
import { prepare, sambaSubject } from './samba-fixture.ts';

async function fixture(): Promise<JourneyFixture> {
  const samba = await startSamba();
  await prepare(samba);
  const subject = await sambaSubject(samba, 'ldaps');
  const { network } = subject;
  if (!network) throw new Error('Samba has a network.');
  const pso = ['domain', 'passwordsettings', 'pso'];
  const ages = ['--min-pwd-age=0', '--max-pwd-age=0', '--account-lockout-threshold=0'];
  samba.tool(...pso, 'create', 'long', '10', '--min-pwd-length=30', ...ages);
  const timeouts = { connectTimeout: 2_000, operationTimeout: 2_000 };
  const directory = { type: 'active-directory', ...subject.config, ...timeouts };
  const house = await openHouse({ ca: samba.ca, directory });
  return {
    house,
    network,
    addPerson: subject.addPerson,
    putInto: subject.putInto,
    signsIn: subject.signsIn,
    async lock(username) {
      for (let attempt = 0; attempt < 3; attempt += 1) await subject.signsIn(username, `not ${FIRST}`);
    },
    async demandLong(username) {
      samba.tool(...pso, 'apply', 'long', username);
    },
    async close() {
      await house.close();
      await subject.close();
      await samba.stop();
    },
  };
}

journeySuite(
  'Samba AD over LDAPS',
  {
    blocks: [
      ['disabled', /ACCOUNTDISABLE/],
      ['account-expired', /accountExpires is/],
      ['protected', /Member of the protected group CN=Protected/],
      ['cannot-change-password', /Change Password is denied in nTSecurityDescriptor/],
      ['missing-right', /lacks .{0,3}Reset Password.{0,3} on CN=/],
    ],
    historyOf: 'sparekey',
    ownRules: true,
    faults: 'at the write',
  },
  fixture,
);
