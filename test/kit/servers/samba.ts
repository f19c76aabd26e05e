/**
 * A real Samba Active Directory domain controller on a private loopback address (its ports can't move), with OU=People,
 * OU=Admins and the service account `svc-sspr` that holds exactly the delegated rights. Provisioning takes about 4 s.
 */

import { randomInt } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { Attribute, Change, Client } from 'ldapts';
import { type Daemon, run, startDaemon, tempDir } from './process.ts';
import { createTestCa, type ServerCertificate, type TestCa } from './test-ca.ts';

export const DOMAIN_DN = 'DC=corp,DC=test';
export const PEOPLE_DN = `OU=People,${DOMAIN_DN}`;
const ADMIN_PASSWORD = 'Adm1n-Passw0rd!';
const SERVICE_PASSWORD = 'Svc-Pass-1!';
const PACKAGES = 'samba samba-ad-dc samba-ad-provision samba-dsdb-modules ldb-tools';

export interface SambaPerson {
  /** sAMAccountName */
  username: string;
  password: string;
  mail?: string;
  givenName?: string;
  sn?: string;
  displayName?: string;
  language?: string;
  /** Default OU=People. */
  ou?: string;
  /** Extra attributes. */
  extra?: Record<string, string>;
}

export interface SambaOptions {
  people?: SambaPerson[];
  /** Options of `samba-tool domain passwordsettings set`, for example `--history-length=3`; later ones win. */
  passwordSettings?: string[];
  /** What is delegated on OU=People. Default: all three. */
  delegated?: ('reset' | 'lockoutTime' | 'pwdLastSet')[];
  ca?: TestCa;
  certificate?: ServerCertificate;
}

export interface Samba {
  daemon: Daemon;
  ca: TestCa;
  /** 127.x.y.z: LDAP 389, LDAPS 636, Kerberos 88. */
  address: string;
  ldapUrl: string;
  ldapsUrl: string;
  adminDn: string;
  adminPassword: string;
  config(transport?: 'ldaps' | 'starttls'): Record<string, unknown>;
  personDn(username: string): string;
  addPerson(person: SambaPerson): Promise<void>;
  /** True when a simple bind (DN, UPN or DOMAIN\user) over LDAPS succeeds. */
  bindAs(name: string, password: string): Promise<boolean>;
  /** Applies LDIF changes as Administrator. */
  ldif(text: string): void;
  read(dn: string, attribute: string): Promise<string[]>;
  /** `samba-tool` on the live database, no credentials: `tool('user', 'disable', 'bob')`. */
  tool(...args: string[]): string;
  /** Makes a password years old (pwdLastSet in 2016), which no LDAP client can do. */
  backdatePassword(dn: string): void;
  /** Runs work with a connection bound as Administrator. */
  asAdmin<T>(work: (client: Client) => Promise<T>): Promise<T>;
  pause(): void;
  resume(): void;
  kill(): Promise<void>;
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export const unicodePwd = (password: string): Buffer => Buffer.from(`"${password}"`, 'utf16le');
const ADMIN = `CN=Administrator,CN=Users,${DOMAIN_DN}`;
const personDn = (username: string): string => `CN=${username},${PEOPLE_DN}`;

export async function startSamba(options: SambaOptions = {}): Promise<Samba> {
  const dir = await tempDir('samba');
  const ca = options.ca ?? (await createTestCa());
  const address = await freeAddress();
  const certificate =
    options.certificate ?? ca.issue(['DNS:dc1.corp.test', 'DNS:localhost', 'IP:127.0.0.1', `IP:${address}`]);
  const conf = join(dir.path, 'etc', 'smb.conf');
  for (const name of ['etc', 'run', 'log', 'ncalrpc']) mkdirSync(join(dir.path, name), { recursive: true });
  writeFileSync(conf, smbConf(dir.path, address, ca.caFile, certificate));
  const provision = [
    'domain',
    'provision',
    '-s',
    conf,
    '--realm=CORP.TEST',
    '--domain=CORP',
    '--server-role=dc',
  ].concat(['--dns-backend=NONE', `--adminpass=${ADMIN_PASSWORD}`, '--host-name=dc1', `--host-ip=${address}`]);
  const tool = (...args: string[]) =>
    run('samba-tool', args.concat(['-H', join(dir.path, 'private/sam.ldb'), '-s', conf]), PACKAGES);
  run('samba-tool', provision, PACKAGES);
  tool('ou', 'create', PEOPLE_DN);
  tool('ou', 'create', `OU=Admins,${DOMAIN_DN}`);
  tool('user', 'create', 'svc-sspr', SERVICE_PASSWORD, '--userou=CN=Users');
  tool('user', 'setexpiry', 'svc-sspr', '--noexpiry');
  tool('domain', 'passwordsettings', 'set', ...settings(options.passwordSettings ?? []));
  const shown = tool('user', 'show', 'svc-sspr', '--attributes=objectSid');
  const sid = /objectSid: (S-[\d-]+)/.exec(shown)?.[1];
  if (!sid) throw new Error(`No objectSid in: ${shown}`);
  for (const right of options.delegated ?? ['reset', 'lockoutTime', 'pwdLastSet']) {
    tool('dsacl', 'set', `--objectdn=${PEOPLE_DN}`, `--sddl=${delegation(right, sid)}`);
  }

  const ldapsUrl = `ldaps://${address}:636`;
  const launch = () =>
    startDaemon({
      command: 'samba',
      args: ['-s', conf, '-F', '--no-process-group'],
      debianPackage: PACKAGES,
      log: join(dir.path, 'log', 'out'),
      ready: async () => (await bind(ldapsUrl, ADMIN, ADMIN_PASSWORD)) === 'bound',
      deadline: 60_000,
    });
  const asAdmin = async <T>(work: (client: Client) => Promise<T>): Promise<T> => {
    const client = newClient(ldapsUrl);
    try {
      await client.bind(ADMIN, ADMIN_PASSWORD);
      return await work(client);
    } finally {
      await client.unbind();
    }
  };
  const samba: Samba = {
    daemon: await launch(),
    ca,
    address,
    ldapUrl: `ldap://${address}:389`,
    ldapsUrl,
    adminDn: ADMIN,
    adminPassword: ADMIN_PASSWORD,
    config: (transport = 'ldaps') => ({
      url: transport === 'ldaps' ? ldapsUrl : `ldap://${address}:389`,
      startTls: transport === 'starttls',
      caFile: ca.caFile,
      bindDn: `CN=svc-sspr,CN=Users,${DOMAIN_DN}`,
      bindPassword: SERVICE_PASSWORD,
      baseDn: PEOPLE_DN,
    }),
    personDn,
    addPerson: (person) => asAdmin((client) => addPerson(client, person)),
    bindAs: async (name, password) => (await bind(ldapsUrl, name, password)) === 'bound',
    ldif: (text) => {
      const credentials = ['-x', '-D', ADMIN, '-w', ADMIN_PASSWORD, '-o', 'TLS_REQCERT=never'];
      run('ldapmodify', ['-H', ldapsUrl, ...credentials], 'ldap-utils', text);
    },
    read: (dn, attribute) =>
      asAdmin(async (client) => {
        const { searchEntries } = await client.search(dn, { scope: 'base', attributes: [attribute] });
        const value = searchEntries[0]?.[attribute] ?? [];
        return (Array.isArray(value) ? value : [value]).map(String);
      }),
    tool,
    backdatePassword: (dn) => {
      run('/usr/bin/python3', ['-c', BACKDATE, conf, join(dir.path, 'private/sam.ldb'), dn], 'python3-samba');
    },
    asAdmin,
    pause: () => samba.daemon.pause(),
    resume: () => samba.daemon.resume(),
    kill: () => samba.daemon.kill(),
    restart: async () => {
      await samba.daemon.stop();
      samba.daemon = await launch();
    },
    stop: async () => {
      await samba.daemon.stop();
      await dir.remove();
      if (!options.ca) await ca.remove();
    },
  };
  try {
    await asAdmin(async (client) => {
      for (const person of options.people ?? []) await addPerson(client, person);
    });
  } catch (error) {
    await samba.stop();
    throw error;
  }
  return samba;
}

async function addPerson(client: Client, person: SambaPerson): Promise<void> {
  const dn = `CN=${person.username},${person.ou ?? PEOPLE_DN}`;
  const attributes: Record<string, string> = {
    objectClass: 'user',
    sAMAccountName: person.username,
    userPrincipalName: `${person.username}@corp.test`,
    displayName: person.displayName ?? person.username,
    userAccountControl: '512',
    ...(person.mail ? { mail: person.mail } : {}),
    ...(person.givenName ? { givenName: person.givenName } : {}),
    ...(person.sn ? { sn: person.sn } : {}),
    ...(person.language ? { preferredLanguage: person.language } : {}),
    ...person.extra,
  };
  const list = Object.entries(attributes).map(([type, value]) => new Attribute({ type, values: [value] }));
  list.push(new Attribute({ type: 'unicodePwd', values: [unicodePwd(person.password)] }));
  await client.add(dn, list);
}

/** Sets attributes as Administrator; an empty list removes. */
export const replace = (type: string, ...values: (string | Buffer)[]): Change =>
  new Change({ operation: 'replace', modification: new Attribute({ type, values: values as string[] }) });

const newClient = (url: string): Client =>
  new Client({ url, timeout: 10_000, connectTimeout: 5_000, tlsOptions: { rejectUnauthorized: false } });

async function bind(url: string, name: string, password: string): Promise<'bound' | 'refused' | 'unreachable'> {
  const client = newClient(url);
  try {
    await client.bind(name, password);
    return 'bound';
  } catch (error) {
    return typeof (error as { code?: unknown }).code === 'number' ? 'refused' : 'unreachable';
  } finally {
    await client.unbind().catch(() => undefined);
  }
}

// The control lets the database itself, never a client, set pwdLastSet freely (DSDB_CONTROL_PASSWORD_BYPASS_LAST_SET_OID).
const BACKDATE = `
import sys, ldb
from samba.samdb import SamDB
from samba.param import LoadParm
from samba.auth import system_session
lp = LoadParm(); lp.load(sys.argv[1])
db = SamDB(url=sys.argv[2], lp=lp, session_info=system_session())
m = ldb.Message(ldb.Dn(db, sys.argv[3]))
m['pwdLastSet'] = ldb.MessageElement('131000000000000000', ldb.FLAG_MOD_REPLACE, 'pwdLastSet')
db.modify(m, ['local_oid:1.3.6.1.4.1.7165.4.3.20:0'])
`;

const settings = (own: string[]): string[] => [
  '--min-pwd-age=0',
  '--max-pwd-age=365',
  '--history-length=3',
  '--account-lockout-threshold=3',
  '--account-lockout-duration=30',
  '--reset-account-lockout-after=30',
  ...own,
];

const USER_CLASS = 'bf967aba-0de6-11d0-a285-00aa003049e2';

function delegation(right: 'reset' | 'lockoutTime' | 'pwdLastSet', sid: string): string {
  if (right === 'reset') return `(OA;CIIO;CR;00299570-246d-11d0-a768-00aa006e0529;${USER_CLASS};${sid})`;
  if (right === 'lockoutTime') return `(OA;CIIO;RPWP;28630ebf-41d5-11d1-a9c1-0000f80367c1;${USER_CLASS};${sid})`;
  return `(OA;CIIO;RPWP;bf967a0a-0de6-11d0-a285-00aa003049e2;${USER_CLASS};${sid})`;
}

/** A loopback address on which nobody listens at the LDAP port. */
async function freeAddress(): Promise<string> {
  for (let attempt = 0; attempt < 20; attempt += 1) {
    const address = `127.${randomInt(1, 255)}.${randomInt(1, 255)}.${randomInt(2, 255)}`;
    if (await canListen(address, 389)) return address;
  }
  throw new Error('No loopback address with a free LDAP port was found. Samba needs to be started as root.');
}

const canListen = (host: string, port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer().once('error', () => resolve(false));
    server.listen(port, host, () => server.close(() => resolve(true)));
  });

function smbConf(path: string, address: string, caFile: string, certificate: ServerCertificate): string {
  return `[global]
  netbios name = dc1
  realm = CORP.TEST
  workgroup = CORP
  server role = active directory domain controller
  private dir = ${path}/private
  state directory = ${path}/state
  cache directory = ${path}/cache
  lock directory = ${path}/lock
  pid directory = ${path}/run
  ncalrpc dir = ${path}/ncalrpc
  binddns dir = ${path}/bind-dns
  ntp signd socket directory = ${path}/ntp_signd
  winbindd socket directory = ${path}/winbindd
  log file = ${path}/log/samba.log
  interfaces = ${address}/8
  bind interfaces only = yes
  server services = ldap, cldap, kdc, drepl
  old password allowed period = 0
  tls keyfile = ${certificate.keyFile}
  tls certfile = ${certificate.certFile}
  tls cafile = ${caFile}
[sysvol]
  path = ${path}/state/sysvol
  read only = No
[netlogon]
  path = ${path}/state/sysvol/corp.test/scripts
  read only = No
`;
}
