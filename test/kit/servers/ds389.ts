/**
 * A real 389 Directory Server in a folder of its own, with a service account that may write passwords and read the policies.
 * Its installer knows no address to listen on, so it runs in a network of its own; the server then listens on loopback only.
 */
import { chmodSync, cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'ldapts';
import { type Daemon, freePort, requireProgram, run, startDaemon, tempDir } from './process.ts';

export const SUFFIX = 'dc=example,dc=test';
const MANAGER = 'cn=Directory Manager';
const MANAGER_PASSWORD = 'directory-manager-password';
const SERVICE = `cn=sspr,${SUFFIX}`;
const SERVICE_PASSWORD = 'Service-account-1-password';
const PACKAGE = '389-ds-base';

export interface Ds389 {
  daemon: Daemon;
  /** Config for the plug-in `openldap`. */
  config(): Record<string, unknown>;
  personDn(uid: string): string;
  /** Applies LDIF changes as Directory Manager (adds when there is no changetype). */
  ldif(text: string): void;
  bindAs(dn: string, password: string): Promise<boolean>;
  stop(): Promise<void>;
}

/** The packaged paths, moved into `root`: the server's tools look there when PREFIX names it. */
function defaults(root: string): string {
  const moved: [RegExp, string][] = [
    [/^with_systemd *=.*$/m, 'with_systemd = 0'],
    [/^inst_dir *=.*$/m, `inst_dir = ${root}/lib/slapd-{instance_name}`],
    [/= \/(etc|run|var)(?=\/|$)/gm, `= ${root}/$1`],
    [/= \/dev\/shm/g, `= ${root}/shm`],
  ];
  const packaged = readFileSync('/usr/share/dirsrv/inf/defaults.inf', 'utf8');
  return moved.reduce((text, [from, to]) => text.replace(from, to), packaged);
}

const instance = (port: number, securePort: number): string => `[general]
config_version = 2
full_machine_name = localhost
start = False
systemd = False
strict_host_checking = False
[slapd]
instance_name = test
port = ${port}
secure_port = ${securePort}
root_password = ${MANAGER_PASSWORD}
self_sign_cert = True
[backend-userroot]
suffix = ${SUFFIX}
create_suffix_entry = True
`;

/** Rules of the global policy, in cn=config. */
export async function startDs389(policy: Record<string, string>): Promise<Ds389> {
  requireProgram('dscreate', PACKAGE);
  const dir = await tempDir('ds389');
  const root = dir.path;
  const [port, securePort] = [await freePort(), await freePort()];
  for (const name of ['share/dirsrv/inf', 'etc/dirsrv', 'etc/default', 'etc/tmpfiles.d', 'run/dirsrv', 'lib', 'shm'])
    mkdirSync(join(root, name), { recursive: true });
  for (const name of ['run/lock/dirsrv', 'var/log/dirsrv', 'var/lib/dirsrv'])
    mkdirSync(join(root, name), { recursive: true });
  for (const name of ['config', 'schema'])
    cpSync(join('/etc/dirsrv', name), join(root, 'etc/dirsrv', name), { recursive: true });
  // The server gives up root for the user dirsrv.
  chmodSync(root, 0o755);
  writeFileSync(join(root, 'share/dirsrv/inf/defaults.inf'), defaults(root));
  writeFileSync(join(root, 'ds.inf'), instance(port, securePort));
  const install = 'ip link set lo up && PREFIX="$0" exec dscreate from-file "$0/ds.inf"';
  run('unshare', ['--net', '/bin/sh', '-c', install, root], 'util-linux iproute2');

  const config = join(root, 'etc/dirsrv/slapd-test');
  const dse = join(config, 'dse.ldif');
  const loopback = 'nsslapd-listenhost: 127.0.0.1\nnsslapd-securelistenhost: 127.0.0.1';
  writeFileSync(dse, readFileSync(dse, 'utf8').replace(/^dn: cn=config$/m, `$&\n${loopback}`));
  const url = `ldaps://localhost:${securePort}`;
  const daemon = await startDaemon({
    command: 'ns-slapd',
    args: ['-D', config, '-i', join(root, 'run/dirsrv/slapd-test.pid'), '-d', '0'],
    debianPackage: PACKAGE,
    log: join(root, 'log'),
    ready: () => binds(url, MANAGER, MANAGER_PASSWORD),
  });
  const server: Ds389 = {
    daemon,
    config: () => ({
      url,
      caFile: join(root, 'etc/dirsrv/ssca/ca.crt'),
      bindDn: SERVICE,
      bindPassword: SERVICE_PASSWORD,
      baseDn: `ou=people,${SUFFIX}`,
      groupBaseDn: SUFFIX,
      defaultPolicyDn: 'cn=config',
    }),
    personDn: (uid) => `uid=${uid},ou=people,${SUFFIX}`,
    ldif: (text) => {
      const credentials = ['-x', '-D', MANAGER, '-w', MANAGER_PASSWORD, '-o', 'TLS_REQCERT=never'];
      run('ldapmodify', ['-a', '-H', url, ...credentials], 'ldap-utils', text);
    },
    bindAs: (dn, password) => binds(url, dn, password),
    stop: async () => {
      await daemon.stop();
      await dir.remove();
    },
  };
  try {
    server.ldif(BASE);
    const rules = Object.entries({ 'nsslapd-pwpolicy-local': 'on', ...policy });
    const changes = rules.map(([name, value]) => `replace: ${name}\n${name}: ${value}\n-\n`).join('');
    server.ldif(`dn: cn=config\nchangetype: modify\n${changes}add: aci\naci: ${READ_POLICY}\n`);
  } catch (error) {
    await server.stop();
    throw error;
  }
  return server;
}

/** cn=config takes only attributes by name, and says nothing without objectClass. */
const READ_POLICY = `(targetattr="${[
  'objectClass',
  ...['passwordCheckSyntax', 'passwordMinLength', 'passwordMinDigits', 'passwordMinUppers', 'passwordMinLowers'],
  ...['passwordMinAlphas', 'passwordMinSpecials', 'passwordMinCategories', 'passwordMaxRepeats', 'passwordMinAge'],
  ...['passwordHistory', 'passwordInHistory', 'passwordExp', 'passwordMaxAge', 'passwordLockout'],
  ...['passwordMaxFailure', 'passwordUnlock', 'passwordLockoutDuration', 'passwordChange', 'passwordTrackUpdateTime'],
].join(
  ' || ',
)}")(version 3.0; acl "Sparekey reads the policy"; allow (read,search,compare) userdn="ldap:///${SERVICE}";)`;

const BASE = `dn: ou=people,${SUFFIX}
objectClass: organizationalUnit
ou: people

dn: ou=untouchable,ou=people,${SUFFIX}
objectClass: organizationalUnit
ou: untouchable
aci: (targetattr="userPassword")(version 3.0; acl "Hands off"; deny (write) userdn="ldap:///${SERVICE}";)

dn: ${SERVICE}
objectClass: applicationProcess
objectClass: simpleSecurityObject
cn: sspr
userPassword: ${SERVICE_PASSWORD}

dn: ${SUFFIX}
changetype: modify
add: aci
aci: (targetattr="userPassword")(version 3.0; acl "Sparekey resets"; allow (write) userdn="ldap:///${SERVICE}";)
aci: (targetattr="accountUnlockTime || passwordRetryCount || passwordExpirationTime")(version 3.0; acl "Sparekey unlocks"; allow (write) userdn="ldap:///${SERVICE}";)
aci: (targetattr="*")(version 3.0; acl "Sparekey reads"; allow (read,search,compare) userdn="ldap:///${SERVICE}";)
aci: (targetattr="userPassword")(version 3.0; acl "People change"; allow (write) userdn="ldap:///self";)
`;

async function binds(url: string, dn: string, password: string): Promise<boolean> {
  const client = new Client({ url, timeout: 10_000, connectTimeout: 5_000, tlsOptions: { rejectUnauthorized: false } });
  try {
    await client.bind(dn, password);
    return true;
  } catch {
    return false;
  } finally {
    await client.unbind().catch(() => undefined);
  }
}
