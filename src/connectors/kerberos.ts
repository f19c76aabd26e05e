/**
 * Principals of an MIT Kerberos realm, through kadmin with a keytab. The password goes to the standard input of kadmin, twice,
 * as to a person at the keyboard; arguments hold names only, and those are plain.
 */
import { access, constants } from 'node:fs/promises';
import { definePlugin, type Finding } from '../kernel/plugin.ts';
import type { Secret } from '../kernel/secret.ts';
import type { Connector, ConnectorPorts, Delivered, Found, Order, Verified } from './connector.ts';
import { inForce } from './in-force.ts';
import { judge, refusal, type Told } from './kerberos/judge.ts';
import { type Principal, principalOf } from './kerberos/principal.ts';
import { type KerberosConfig, kerberosConfig } from './kerberos/settings.ts';
import { runProgram } from './process/run-program.ts';
import { distrust } from './process/trusted-file.ts';

export type { KerberosConfig } from './kerberos/settings.ts';

/** Somebody to ask for; whether there is such a principal does not matter. */
const NOBODY = 'sparekey-check';

function openKerberos(config: KerberosConfig, _ports: ConnectorPorts): Connector {
  const { realm, principal, timeout } = config;
  const env = {
    PATH: '/usr/bin:/bin',
    LANG: 'C',
    LC_ALL: 'C',
    // Never a ticket of somebody else, and none that is left behind.
    KRB5CCNAME: 'MEMORY:sparekey',
    ...(config.krb5File === undefined ? {} : { KRB5_CONFIG: config.krb5File }),
  };
  const login = ['-r', realm, '-p', `${principal}@${realm}`, '-k', '-t', config.keytabFile].concat(
    config.adminServer === undefined ? [] : ['-s', config.adminServer],
  );

  /** One command; the deadline is that of the attempt. */
  async function kadmin(until: number, command: readonly string[], stdin = ''): Promise<Told> {
    const left = Math.max(1, until - performance.now());
    return judge(
      await runProgram({ file: config.kadmin, args: [...login, ...command], env, cwd: '/', stdin, timeout: left }),
    );
  }
  const deadline = () => performance.now() + timeout;
  const named = (link: string): Principal => principalOf(link, realm, principal, config.protected);

  async function look(until: number, name: string): Promise<Found> {
    const told = await kadmin(until, ['getprinc', name]);
    if (told.is === 'refused') return { is: 'retry', whole: false, cause: told.cause };
    if (told.is !== 'done') return told;
    const field = (title: string) => new RegExp(`^${title}: (.*)$`, 'm').exec(told.stdout)?.[1] ?? '';
    // An alias leads to another name, which may be one that is never written.
    if (field('Principal') !== name)
      return { is: 'protected', cause: `${name} is another name of ${field('Principal')}.` };
    return field('Attributes').includes('DISALLOW_ALL_TIX')
      ? { is: 'protected', cause: `${name} was switched off by an administrator (-allow_tix).` }
      : { is: 'found', name };
  }

  const delivered = (told: Told): Delivered => {
    if (told.is === 'refused') return refusal(told.cause);
    if (told.is === 'none') return { is: 'no-account' };
    return told.is === 'done' ? { is: 'delivered' } : told;
  };

  /** In this order: what is repeated after a failure in between ends in the same state. */
  async function run(until: number, name: string, order: Order): Promise<Delivered> {
    if (order.is === 'unlock') return delivered(await kadmin(until, ['modprinc', '-unlock', name]));
    if (order.is === 'must-change') return delivered(await kadmin(until, ['modprinc', '+needchange', name]));
    const password = order.password.reveal();
    const told = await kadmin(until, ['cpw', name], `${password}\n${password}\n`);
    // Said again: the history refuses what is in force already.
    const again =
      told.is === 'refused' && /reuse/i.test(told.cause) && (await verify(name, order.password)) === 'right';
    const set: Delivered = again ? { is: 'delivered' } : delivered(told);
    if (set.is !== 'delivered' || !order.mustChange) return set;
    return inForce(delivered(await kadmin(until, ['modprinc', '+needchange', name])));
  }

  async function verify(name: string, password: Secret): Promise<Verified> {
    const stdin = `${password.reveal()}\n`;
    const ended = await runProgram({ file: config.kinit, args: ['--', name], env, cwd: '/', stdin, timeout });
    if (ended.is !== 'ended') return 'unknown';
    // It asks for a new one only after the old one was proven.
    if (ended.code === 0 || /Enter new password/.test(ended.stdout)) return 'right';
    return /Password incorrect|Preauthentication failed/.test(ended.stderr) ? 'wrong' : 'unknown';
  }

  return {
    can: { unlock: true, mustChange: true, find: true, verify: true },
    async find({ link }): Promise<Found> {
      const target = named(link);
      return target.is === 'principal' ? look(deadline(), target.name) : target;
    },
    async deliver({ link }, order): Promise<Delivered> {
      const target = named(link);
      if (target.is === 'none') return { is: 'no-account' };
      if (target.is === 'protected') return { is: 'rejected', cause: target.cause };
      if (order.is === 'password' && /[\r\n\0]/.test(order.password.reveal()))
        return { is: 'rejected', cause: 'The password has a line break, which kadmin can not be given.' };
      const until = deadline();
      const found = await look(until, target.name);
      if (found.is === 'none') return { is: 'no-account' };
      if (found.is === 'retry') return found;
      return found.is === 'found'
        ? run(until, target.name, order)
        : { is: 'rejected', cause: 'cause' in found ? found.cause : found.is };
    },
    async verify({ link }, password): Promise<Verified> {
      const target = named(link);
      return target.is === 'principal' ? verify(target.name, password) : 'unknown';
    },
    async check(): Promise<Finding[]> {
      const what = `kadmin as ${principal}@${realm}`;
      for (const [key, file] of [['kadmin', config.kadmin] as const, ['kinit', config.kinit] as const]) {
        const doubt = await distrust(file);
        if (doubt !== undefined)
          return [{ is: 'failed', what: `the program ${file}`, cause: doubt, fix: 'apt-get install krb5-user', key }];
      }
      const readable = await access(config.keytabFile, constants.R_OK).then(
        () => true,
        () => false,
      );
      const keytab = { what: 'the keytab', key: 'keytabFile' };
      if (!readable)
        return [
          {
            is: 'failed',
            ...keytab,
            cause: `${config.keytabFile} can't be read.`,
            fix: 'Make it with ktadd, for the user of Sparekey.',
          },
        ];
      // getprivs grants everybody everything since 1.18, and one's own principal can always be read.
      const told = await kadmin(deadline(), ['getprinc', `${NOBODY}@${realm}`]);
      if (told.is === 'retry' || told.is === 'refused') {
        const [, key = 'principal', cause = told.cause] = /^(\w+): (.*)$/s.exec(told.cause) ?? [];
        return [{ is: 'failed', what, cause, fix: 'Run the same kadmin by hand as the user of Sparekey.', key }];
      }
      return [
        { is: 'ok', what },
        { is: 'ok', what: 'right i in kadm5.acl; c and m show on the canary only' },
      ];
    },
    async close() {},
  };
}

export const kerberos = definePlugin({
  id: 'kerberos',
  summary: 'Principals of an MIT Kerberos realm, through kadmin.',
  configSchema: kerberosConfig,
  open: openKerberos,
});
