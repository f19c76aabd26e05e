/**
 * What `check()` tries on each server by itself: TLS, bind, base, role, clock. One that is dead is a warning as long as
 * another one does its work.
 */
import { isIP } from 'node:net';
import type { Clock } from '../../kernel/clock.ts';
import { clockFinding } from '../../kernel/clock-finding.ts';
import type { Finding } from '../../kernel/plugin.ts';
import { attempt, failed, ok, warning } from './check.ts';
import type { LdapConfig } from './config.ts';
import type { LdapConnection } from './connection.ts';
import { causeOf } from './failure.ts';
import type { ConnectionKind, Greeting, Server } from './server.ts';
import type { Sessions } from './sessions.ts';

interface Deps {
  sessions: Sessions;
  config: LdapConfig;
  clock: Clock;
}

export async function checkServers({ sessions, config, clock }: Deps): Promise<Finding[]> {
  const findings = await sessions.source.check();
  const servers = await sessions.servers().catch((error) => causeOf(error));
  if (typeof servers === 'string') return findings;
  const [first] = servers;
  if (first && servers.length === 1) return [...findings, ...(await checkServer(first, config, clock, '')).findings];

  const seen = await Promise.all(servers.map((server) => checkServer(server, config, clock, `${server.label}: `)));
  const working = seen.filter(({ works }) => works);
  for (const one of seen) findings.push(...(working.length > 0 ? one.findings.map(lessened) : one.findings));
  if (working.length === 0) return findings;
  const what = 'server in use';
  const hint = { fix: 'Name a server that takes writes in url.', key: 'url' };
  findings.push(
    await attempt(what, hint, async () => {
      const writable = working.some(({ takesWrites }) => takesWrites);
      if (!writable) return failed(what, 'Only read-only copies answer, so no password can be set.', hint);
      return { is: 'ok', what, cause: await sessions.inUse() };
    }),
  );
  return findings;
}

const lessened = (finding: Finding): Finding => (finding.is === 'failed' ? { ...finding, is: 'warning' } : finding);

interface Seen {
  findings: Finding[];
  works: boolean;
  takesWrites: boolean;
}

/** Stops at the first failure: the rest would only repeat it. */
async function checkServer(server: Server, config: LdapConfig, clock: Clock, prefix: string): Promise<Seen> {
  const on = async <T>(kind: ConnectionKind, work: (connection: LdapConnection, greeting: Greeting) => Promise<T>) => {
    const { connection, greeting } = await server.connect(kind);
    try {
      return await work(connection, greeting ?? { takesWrites: true });
    } finally {
      await connection.close();
    }
  };
  let greeting: Greeting | undefined;
  const base = `${prefix}read baseDn`;
  const steps = [
    () =>
      attempt(`${prefix}TLS connection`, { fix: 'See to the server.', key: 'url' }, () =>
        on('person', async () => undefined),
      ),
    () =>
      attempt(`${prefix}bind as the service account`, { fix: 'Correct bindDn and bindPassword.', key: 'bindDn' }, () =>
        on('service', async (_, told) => {
          greeting = told;
          return undefined;
        }),
      ),
    () =>
      attempt(base, { fix: `Grant the service account read on ${config.baseDn}.`, key: 'baseDn' }, () =>
        on('service', async (connection) => {
          const entries = await connection.search(config.baseDn, { scope: 'base', attributes: ['1.1'] });
          const hint = { fix: 'Correct baseDn, or grant read on it.', key: 'baseDn' };
          return entries.length === 1 ? undefined : failed(base, 'The entry is not visible to us.', hint);
        }),
      ),
  ];
  const findings: Finding[] = [];
  for (const step of steps) {
    const finding = await step();
    findings.push(finding);
    if (finding.is === 'failed') return { findings, works: false, takesWrites: false };
  }
  const takesWrites = greeting?.takesWrites !== false;
  findings.push(...nameFinding(prefix, server.endpoint.host, greeting));
  if (prefix !== '') {
    const cause = takesWrites ? 'takes writes' : 'a read-only copy: serves only while no other server answers';
    findings.push({ is: 'ok', what: `${prefix}role`, cause });
    if (greeting?.now !== undefined) findings.push(clockFinding(`${prefix}clock`, greeting.now, clock.now(), 'url'));
  }
  const works = findings.every(({ is }) => is !== 'failed');
  return { findings, works, takesWrites };
}

/** A name that several servers share: each connection may end at another one, with another state. */
function nameFinding(prefix: string, host: string, greeting: Greeting | undefined): Finding[] {
  if (greeting?.name === undefined || isIP(host) !== 0) return [];
  const what = `${prefix}name of the server`;
  if (greeting.name === host.toLowerCase()) return [ok(what)];
  const cause = `${host} is answered by ${greeting.name}. A name for several servers makes reads and writes meet different ones.`;
  return [warning(what, cause, { fix: 'Name each server in url by its own name, or give domain.', key: 'url' })];
}
