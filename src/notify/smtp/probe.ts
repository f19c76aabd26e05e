/** Tries the way to the mail server step by step, up to the sender's address, and sends nothing. Never throws. */
import { TLSSocket } from 'node:tls';
import type { NodemailerError } from 'nodemailer';
import SMTPConnection, { type SMTPConnectionOptions } from 'nodemailer/lib/smtp-connection';
import { days } from '../../kernel/clock.ts';
import type { Finding } from '../../kernel/plugin.ts';
import { explain } from './explain.ts';

export interface ProbeOptions {
  connection: SMTPConnectionOptions & { host: string };
  auth: { user: string; pass: string } | undefined;
  from: string;
  /** ms since 1970 */
  now: number;
}

type Step = (done: (error?: NodemailerError | null) => void) => void;

const tidy = (reply: string | undefined): string => (reply ?? '').replace(/\s+/g, ' ').slice(0, 240);

const failed = (what: string, error: NodemailerError): Finding => ({
  is: 'failed',
  what,
  ...explain(error, tidy(error.response)),
});

function certificate(connection: SMTPConnection, now: number): Finding[] {
  if (!(connection._socket instanceof TLSSocket)) return [];
  const endsAt = Date.parse(connection._socket.getPeerCertificate().valid_to);
  const what = 'TLS certificate of the mail server';
  if (endsAt - now > days(14)) return [{ is: 'ok', what }];
  const cause = `It ends on ${new Date(endsAt).toISOString().slice(0, 10)}.`;
  return [{ is: 'warning', what, cause, fix: 'Renew it on the mail server.', key: 'host' }];
}

const senderFinding = (from: string, mail: string | undefined, rcpt: string | undefined): Finding => {
  const what = `send as ${from}`;
  if (mail !== undefined) {
    const fix = 'Use an address that this login may send as, or allow it on the mail server.';
    return { is: 'failed', what, cause: `The mail server refuses the sender (${mail}).`, fix, key: 'from' };
  }
  if (rcpt === undefined) return { is: 'ok', what };
  const cause = `Mail to the sender itself is refused (${rcpt}), so bounces and replies are lost.`;
  return { is: 'warning', what, cause, fix: 'Create the mailbox, or use another sender.', key: 'from' };
};

export async function probe({ connection: options, auth, from, now }: ProbeOptions): Promise<Finding[]> {
  let sender: Finding | undefined;
  // A custom login method is nodemailer's public way to send single commands: MAIL and RCPT without DATA.
  const trySender: NonNullable<SMTPConnectionOptions['customAuth']>[string] = async ({ sendCommand }) => {
    const refusal = async (command: string): Promise<string | undefined> => {
      const { status, response } = await sendCommand(command);
      return status >= 200 && status < 300 ? undefined : tidy(response);
    };
    const mail = await refusal(`MAIL FROM:<${from}>`);
    const rcpt = mail === undefined ? await refusal(`RCPT TO:<${from}>`) : undefined;
    await refusal('RSET');
    sender = senderFinding(from, mail, rcpt);
  };
  const connection = new SMTPConnection({ ...options, customAuth: { 'TRY-SENDER': trySender } });
  const broken = new Promise<NodemailerError>((resolve) => connection.on('error', resolve));
  const attempt = (step: Step): Promise<NodemailerError | undefined> =>
    Promise.race([broken, new Promise<NodemailerError | undefined>((go) => step((error) => go(error ?? undefined)))]);

  const findings: Finding[] = [];
  /** False when there is no point in going on. */
  const passed = (what: string, error: NodemailerError | undefined): boolean => {
    findings.push(error ? failed(what, error) : { is: 'ok', what });
    return error === undefined;
  };
  try {
    const connected = await attempt((done) => connection.connect(done));
    if (!passed(`connect to ${options.host}, port ${options.port}`, connected)) return findings;
    findings.push(...certificate(connection, now));
    if (auth) {
      const loggedIn = await attempt((done) => connection.login({ credentials: { ...auth } }, done));
      if (!passed(`sign in as ${auth.user}`, loggedIn)) return findings;
    }
    const tried = await attempt((done) => connection.login({ method: 'TRY-SENDER' }, done));
    findings.push(tried || !sender ? failed(`send as ${from}`, tried ?? new Error('No answer.')) : sender);
    return findings;
  } finally {
    connection.quit();
    connection.close();
  }
}
