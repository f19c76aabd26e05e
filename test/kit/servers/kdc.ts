/** A real MIT realm for tests: krb5kdc and kadmind on free ports, a policy with length, history and lockout, a keytab for us. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Daemon, freePort, requireProgram, serverEnv, startDaemon, tempDir, until } from './process.ts';

const PACKAGES = 'krb5-kdc krb5-admin-server krb5-user';
export const REALM = 'MIT.TEST';

export interface Kdc {
  krb5File: string;
  keytabFile: string;
  /** kadmin.local: `local('addprinc', '-pw', …)`. */
  local(...command: string[]): string;
  /** `''` when a ticket was given, else what kinit said. */
  kinit(principal: string, password: string): string;
  log(): string;
  /** Both daemons. */
  stop(): Promise<void>;
  start(): Promise<void>;
  pause(): void;
  resume(): void;
  remove(): Promise<void>;
}

export async function startKdc(): Promise<Kdc> {
  const dir = await tempDir('kdc');
  const own = (name: string) => join(dir.path, name);
  const [kdcPort, adminPort, passwordPort] = [await freePort(), await freePort(), await freePort()];
  writeFileSync(
    own('krb5.conf'),
    `[libdefaults]
 default_realm = ${REALM}
 dns_lookup_kdc = false
 dns_lookup_realm = false
 rdns = false
 qualify_shortname = ""
[realms]
 ${REALM} = {
  kdc = 127.0.0.1:${kdcPort}
  admin_server = 127.0.0.1:${adminPort}
 }
[logging]
 kdc = FILE:${own('kdc.log')}
 admin_server = FILE:${own('admin.log')}
`,
  );
  writeFileSync(
    own('kdc.conf'),
    `[kdcdefaults]
 kdc_listen = 127.0.0.1:${kdcPort}
 kdc_tcp_listen = 127.0.0.1:${kdcPort}
[realms]
 ${REALM} = {
  database_name = ${own('principal')}
  key_stash_file = ${own('stash')}
  acl_file = ${own('acl')}
  kadmind_listen = 127.0.0.1:${adminPort}
  kpasswd_listen = 127.0.0.1:${passwordPort}
 }
`,
  );
  writeFileSync(own('acl'), `sparekey/admin@${REALM} cim\nweak/admin@${REALM} i\nmute/admin@${REALM} c\n`);
  const env = { ...serverEnv(), KRB5_CONFIG: own('krb5.conf'), KRB5_KDC_PROFILE: own('kdc.conf'), LANG: 'C' };
  const run = (command: string, args: string[], input = ''): string => {
    requireProgram(command, PACKAGES);
    return execFileSync(command, args, { input, env, encoding: 'utf8', stdio: 'pipe' });
  };
  const local = (...command: string[]) => run('kadmin.local', command);
  run('kdb5_util', ['create', '-s', '-r', REALM, '-P', 'master-key-of-the-test']);
  local('addpol', '-minlength', '8', '-history', '3', '-maxfailure', '3', '-lockoutduration', '600s', 'people');
  for (const admin of ['sparekey/admin', 'weak/admin', 'mute/admin']) {
    local('addprinc', '-randkey', admin);
    local('ktadd', '-k', own('keytab'), admin);
  }
  const kinit = (principal: string, password: string): string => {
    try {
      execFileSync('kinit', ['-c', 'MEMORY:test', principal], { input: `${password}\n`, env, stdio: 'pipe' });
      return '';
    } catch (error) {
      const { stdout, stderr } = error as { stdout: Buffer; stderr: Buffer };
      return `${stdout}${stderr}`;
    }
  };
  let daemons: Daemon[] = [];
  const start = async () => {
    const launch = (command: string, args: string[], ready: () => Promise<boolean>) =>
      startDaemon({ command, args, env, debianPackage: PACKAGES, log: own(`${command}.out`), ready });
    const kdc = await launch('krb5kdc', ['-n'], async () => !/contact/.test(kinit('nobody', 'x')));
    const answers = async () => {
      try {
        run('kadmin', ['-k', '-t', own('keytab'), '-p', 'sparekey/admin', 'getprivs']);
        return true;
      } catch {
        return false;
      }
    };
    daemons = [kdc, await launch('kadmind', ['-nofork'], answers)];
  };
  await start();
  const log = () =>
    ['kdc.log', 'admin.log'].map((name) => run('cat', [own(name)])).join('') +
    daemons.map((one) => one.output()).join('');
  return {
    krb5File: own('krb5.conf'),
    keytabFile: own('keytab'),
    local,
    kinit,
    log,
    start,
    stop: async () => {
      for (const daemon of daemons) await daemon.stop();
      await until(() => daemons.every((daemon) => !daemon.running()), 'the realm to be gone');
    },
    pause: () => {
      for (const daemon of daemons) daemon.pause();
    },
    resume: () => {
      for (const daemon of daemons) daemon.resume();
    },
    remove: async () => {
      for (const daemon of daemons) await daemon.stop();
      await dir.remove();
    },
  };
}
