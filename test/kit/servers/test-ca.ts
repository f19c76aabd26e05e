/** A certificate authority for one test file: makes server certificates that are good, expired or for another name. */
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run, tempDir } from './process.ts';

export interface ServerCertificate {
  certFile: string;
  keyFile: string;
}

export interface TestCa {
  /** PEM file to trust. */
  caFile: string;
  /** `names` as OpenSSL wants them: `DNS:localhost`, `IP:127.0.0.1`. */
  issue(names: string[], options?: { expired?: boolean }): ServerCertificate;
  remove(): Promise<void>;
}

const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
const openssl = (args: string[]) => run('openssl', args, 'openssl');

export async function createTestCa(): Promise<TestCa> {
  const dir = await tempDir('ca');
  const caFile = join(dir.path, 'ca.pem');
  const caKey = join(dir.path, 'ca.key');
  openssl(['req', '-x509', ...KEY, '-keyout', caKey, '-out', caFile, '-days', '30', '-subj', '/CN=Sparekey Test CA']);
  let issued = 0;
  return {
    caFile,
    issue(names, options = {}) {
      issued += 1;
      const file = (ending: string) => join(dir.path, `server-${issued}.${ending}`);
      const days = options.expired ? '-1' : '30';
      writeFileSync(file('ext'), `subjectAltName=${names.join(',')}\n`);
      openssl(['req', ...KEY, '-keyout', file('key'), '-out', file('csr'), '-subj', '/CN=server']);
      openssl(
        ['x509', '-req', '-in', file('csr'), '-CA', caFile, '-CAkey', caKey, '-CAcreateserial'].concat([
          '-days',
          days,
          '-extfile',
          file('ext'),
          '-out',
          file('pem'),
        ]),
      );
      chmodSync(file('key'), 0o600);
      return { certFile: file('pem'), keyFile: file('key') };
    },
    remove: dir.remove,
  };
}
