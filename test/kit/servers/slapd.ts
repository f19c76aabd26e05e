/**
 * A real OpenLDAP (slapd 2.5, ppolicy, memberof) on ports of the kernel's choice, with the service account `cn=sspr`
 * that has exactly the rights which the documentation asks for.
 */
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'ldapts';
import { type Daemon, freePort, run, startDaemon, tempDir } from './process.ts';
import { createTestCa, type ServerCertificate, type TestCa } from './test-ca.ts';

export const SUFFIX = 'dc=example,dc=test';
export const DEFAULT_POLICY = `cn=default,ou=policies,${SUFFIX}`;
const ADMIN = `cn=admin,${SUFFIX}`;
const ADMIN_PASSWORD = 'root-dn-password';
const SERVICE = `cn=sspr,${SUFFIX}`;
const SERVICE_PASSWORD = 'service-account-password';

export interface SlapdPerson {
  uid: string;
  password: string;
  mail?: string | string[];
  givenName?: string;
  sn?: string;
  cn?: string;
  language?: string;
  /** DN of a password policy other than the default one. */
  policy?: string;
}

export interface SlapdOptions {
  people?: SlapdPerson[];
  /** Right of the service account on userPassword: decides whether ppolicy binds its resets. Default `write`. */
  passwordRight?: 'write' | 'manage' | 'none';
  /** Right on the operational attributes. `none`: it can't unlock. Default `manage`. */
  stateRight?: 'manage' | 'none';
  /** Default true. */
  ppolicy?: boolean;
  /** More attributes of the default policy, as LDIF lines; wins over ours. */
  policy?: Record<string, string>;
  /** More LDIF, added after the people. */
  ldif?: string;
  /** Lines of the database section instead of `dbnosync`, which makes tests quick and commits worthless. */
  database?: string[];
  certificate?: ServerCertificate;
  ca?: TestCa;
  /** 1 to 4095, another one for each server that replicates: makes it a provider (syncprov). */
  serverId?: number;
  /** Starts empty: everything comes by `replicateFrom`. */
  empty?: boolean;
}

export interface Slapd {
  daemon: Daemon;
  ca: TestCa;
  serverId: number | undefined;
  port: number;
  securePort: number;
  ldapUrl: string;
  ldapsUrl: string;
  adminDn: string;
  adminPassword: string;
  /** Config for the plug-in `openldap`; LDAPS unless told. */
  config(transport?: 'ldaps' | 'starttls'): Record<string, unknown>;
  personDn(uid: string): string;
  /** True when a simple bind over LDAPS succeeds. */
  bindAs(dn: string, password: string): Promise<boolean>;
  /** Applies LDIF changes as rootdn (adds when there is no changetype); relaxed, so operational attributes work. */
  ldif(text: string): void;
  /** Values of one attribute, as rootdn. */
  read(dn: string, attribute: string): Promise<string[]>;
  /** Restarts it as a copy of another one that takes no writes, or (`mirror`) still takes some. `referral`: where it sends writers. */
  replicateFrom(provider: Slapd, as: 'copy' | 'mirror', referral?: string): Promise<void>;
  pause(): void;
  resume(): void;
  kill(): Promise<void>;
  /** Starts it again on the same ports with the same data. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

const POLICY: Record<string, string> = {
  pwdMinLength: '8',
  pwdInHistory: '3',
  pwdCheckQuality: '2',
  pwdLockout: 'TRUE',
  pwdMaxFailure: '3',
  pwdLockoutDuration: '600',
  pwdMustChange: 'TRUE',
};

export async function startSlapd(options: SlapdOptions = {}): Promise<Slapd> {
  const dir = await tempDir('slapd');
  const ca = options.ca ?? (await createTestCa());
  const certificate = options.certificate ?? ca.issue(['DNS:localhost', 'IP:127.0.0.1']);
  const conf = join(dir.path, 'slapd.conf');
  mkdirSync(join(dir.path, 'db'));
  writeFileSync(conf, configuration(dir.path, ca.caFile, certificate, options));
  writeFileSync(join(dir.path, 'base.ldif'), baseLdif(options));
  if (!options.empty) run('slapadd', ['-q', '-f', conf, '-l', join(dir.path, 'base.ldif')], 'slapd');

  const launch = async (port: number, securePort: number) => {
    const probe = () => bind(`ldaps://127.0.0.1:${securePort}`, SERVICE, SERVICE_PASSWORD);
    return startDaemon({
      command: 'slapd',
      args: ['-d', 'none', '-f', conf, '-h', `ldap://127.0.0.1:${port} ldaps://127.0.0.1:${securePort}`],
      debianPackage: 'slapd slapd-contrib',
      log: join(dir.path, 'log'),
      // A copy that is empty refuses everybody until it has been filled.
      ready: async () => (await probe()) !== 'unreachable',
    });
  };
  let port = 0;
  let securePort = 0;
  let daemon: Daemon | undefined;
  for (let attempt = 0; !daemon; attempt += 1) {
    port = await freePort();
    securePort = await freePort();
    try {
      daemon = await launch(port, securePort);
    } catch (error) {
      if (attempt >= 3) throw error;
    }
  }
  const ldapsUrl = `ldaps://127.0.0.1:${securePort}`;
  const ldapUrl = `ldap://127.0.0.1:${port}`;

  const slapd: Slapd = {
    daemon,
    ca,
    serverId: options.serverId,
    port,
    securePort,
    ldapUrl,
    ldapsUrl,
    adminDn: ADMIN,
    adminPassword: ADMIN_PASSWORD,
    config: (transport = 'ldaps') => ({
      url: transport === 'ldaps' ? ldapsUrl : ldapUrl,
      startTls: transport === 'starttls',
      caFile: ca.caFile,
      bindDn: SERVICE,
      bindPassword: SERVICE_PASSWORD,
      baseDn: `ou=people,${SUFFIX}`,
      groupBaseDn: SUFFIX,
      ...(options.ppolicy === false ? {} : { defaultPolicyDn: DEFAULT_POLICY }),
    }),
    personDn,
    bindAs: async (dn, password) => (await bind(ldapsUrl, dn, password)) === 'bound',
    ldif: (text) => {
      run(
        'ldapmodify',
        ['-a', '-e', 'relax', '-H', ldapsUrl, '-x', '-D', ADMIN, '-w', ADMIN_PASSWORD, '-o', 'TLS_REQCERT=never'],
        'ldap-utils',
        text,
      );
    },
    read: async (dn, attribute) => {
      const client = admin(ldapsUrl);
      try {
        await client.bind(ADMIN, ADMIN_PASSWORD);
        const { searchEntries } = await client.search(dn, { scope: 'base', attributes: [attribute] });
        const value = searchEntries[0]?.[attribute] ?? [];
        return (Array.isArray(value) ? value : [value]).map(String);
      } finally {
        await client.unbind();
      }
    },
    replicateFrom: async (provider, as, referral) => {
      const tls = `tls_reqcert=demand tls_cacert=${ca.caFile}`;
      const bind = `bindmethod=simple binddn="${ADMIN}" credentials=${ADMIN_PASSWORD} ${tls}`;
      const search = `searchbase="${SUFFIX}" type=refreshAndPersist retry="1 +"`;
      const lines = [
        `syncrepl rid=${String(provider.serverId ?? 1).padStart(3, '0')} provider=${provider.ldapsUrl} ${bind} ${search}`,
        ...(as === 'mirror' ? ['multiprovider on'] : []),
        ...(referral ? [`updateref ${referral}`] : []),
      ];
      appendFileSync(conf, `${lines.join('\n')}\n`);
      await slapd.restart();
    },
    pause: () => slapd.daemon.pause(),
    resume: () => slapd.daemon.resume(),
    kill: () => slapd.daemon.kill(),
    restart: async () => {
      await slapd.daemon.stop();
      slapd.daemon = await launch(port, securePort);
    },
    stop: async () => {
      await slapd.daemon.stop();
      await dir.remove();
      if (!options.ca) await ca.remove();
    },
  };
  try {
    for (const person of options.people ?? []) slapd.ldif(personLdif(person));
    if (options.ldif) slapd.ldif(options.ldif);
  } catch (error) {
    await slapd.stop();
    throw error;
  }
  return slapd;
}

export const personDn = (uid: string): string => `uid=${uid},ou=people,${SUFFIX}`;

const admin = (url: string): Client =>
  new Client({ url, timeout: 5_000, connectTimeout: 5_000, tlsOptions: { rejectUnauthorized: false } });

async function bind(url: string, dn: string, password: string): Promise<'bound' | 'refused' | 'unreachable'> {
  const client = admin(url);
  try {
    await client.bind(dn, password);
    return 'bound';
  } catch (error) {
    return typeof (error as { code?: unknown }).code === 'number' ? 'refused' : 'unreachable';
  } finally {
    await client.unbind().catch(() => undefined);
  }
}

const utf8 = (attribute: string, value: string): string => `${attribute}:: ${Buffer.from(value).toString('base64')}`;

export function personLdif(person: SlapdPerson): string {
  const mail = person.mail === undefined ? [] : [person.mail].flat();
  return [
    `dn: ${personDn(person.uid)}`,
    'objectClass: inetOrgPerson',
    utf8('uid', person.uid),
    utf8('cn', person.cn ?? `${person.givenName ?? person.uid} ${person.sn ?? 'Test'}`),
    utf8('sn', person.sn ?? 'Test'),
    ...(person.givenName ? [utf8('givenName', person.givenName)] : []),
    ...mail.map((address) => utf8('mail', address)),
    ...(person.language ? [`preferredLanguage: ${person.language}`] : []),
    ...(person.policy ? [`pwdPolicySubentry: ${person.policy}`] : []),
    utf8('userPassword', person.password),
    '',
    '',
  ].join('\n');
}

function baseLdif(options: SlapdOptions): string {
  const policy = { ...POLICY, ...options.policy };
  const lines = Object.entries(policy).map(([name, value]) => `${name}: ${value}`);
  return `dn: ${SUFFIX}
objectClass: dcObject
objectClass: organization
o: Example

dn: ou=people,${SUFFIX}
objectClass: organizationalUnit

dn: ou=untouchable,ou=people,${SUFFIX}
objectClass: organizationalUnit

dn: ou=groups,${SUFFIX}
objectClass: organizationalUnit

dn: ou=policies,${SUFFIX}
objectClass: organizationalUnit

dn: ${SERVICE}
objectClass: applicationProcess
objectClass: simpleSecurityObject
cn: sspr
userPassword: ${SERVICE_PASSWORD}
${
  options.ppolicy === false
    ? ''
    : `
dn: ${DEFAULT_POLICY}
objectClass: device
objectClass: pwdPolicy
pwdAttribute: userPassword
${lines.join('\n')}
`
}`;
}

function configuration(path: string, caFile: string, certificate: ServerCertificate, options: SlapdOptions): string {
  const passwordRight = options.passwordRight ?? 'write';
  const state =
    options.stateRight === 'none'
      ? ''
      : `access to attrs=pwdAccountLockedTime,pwdFailureTime,pwdReset by dn.exact="${SERVICE}" manage by * read`;
  const ppolicy = options.ppolicy !== false;
  return `include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload memberof
${ppolicy ? 'moduleload ppolicy' : ''}
TLSCACertificateFile ${caFile}
TLSCertificateFile ${certificate.certFile}
TLSCertificateKeyFile ${certificate.keyFile}
security simple_bind=128
${options.serverId === undefined ? '' : `moduleload syncprov\nserverID ${options.serverId}`}
pidfile ${path}/slapd.pid
access to dn.base="" by * read
access to dn.subtree="ou=untouchable,ou=people,${SUFFIX}" attrs=userPassword by anonymous auth by * none
access to dn.subtree="ou=people,${SUFFIX}" attrs=userPassword by dn.exact="${SERVICE}" ${passwordRight} by self write by anonymous auth by * none
access to attrs=userPassword by anonymous auth by * none
${ppolicy ? state : ''}
access to * by users read
database mdb
suffix "${SUFFIX}"
rootdn "${ADMIN}"
rootpw ${ADMIN_PASSWORD}
directory ${path}/db
${(options.database ?? ['dbnosync']).join('\n')}
${
  ppolicy
    ? `overlay ppolicy
ppolicy_default "${DEFAULT_POLICY}"
ppolicy_hash_cleartext
ppolicy_use_lockout
`
    : ''
}overlay memberof
${options.serverId === undefined ? '' : 'overlay syncprov\n'}`;
}
