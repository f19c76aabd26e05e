/** Turns what went wrong on the way to a mail server into a cause, a fix and the configuration key that it hangs on. */
import type { NodemailerError } from 'nodemailer';
import type { Finding } from '../../kernel/plugin.ts';

export type Explanation = Required<Pick<Finding, 'cause' | 'fix' | 'key'>>;

const UNTRUSTED = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

const byCode: Record<string, (reply: string) => Explanation> = {
  EDNS: () => ({
    cause: 'The name of the mail server is not known to DNS.',
    fix: 'Correct the name, or the resolver of this machine.',
    key: 'host',
  }),
  ECONNREFUSED: () => ({
    cause: 'Nothing listens on that port: the connection was refused.',
    fix: 'Check host and port, and that the mail server runs.',
    key: 'port',
  }),
  CONNECT_TIMEOUT: () => ({
    cause: 'No connection within connectTimeout.',
    fix: 'Check host, port and the firewall between here and there.',
    key: 'host',
  }),
  GREETING_TIMEOUT: () => ({
    cause: 'Connected, but no greeting came within connectTimeout.',
    fix: 'A server that expects TLS from the first byte stays silent: try security: tls.',
    key: 'security',
  }),
  SOCKET_TIMEOUT: () => ({
    cause: 'The mail server stayed silent for longer than replyTimeout.',
    fix: 'Look at the load and the log of the mail server.',
    key: 'replyTimeout',
  }),
  CERT_HAS_EXPIRED: () => ({
    cause: 'The certificate of the mail server has expired.',
    fix: 'Renew it on the mail server.',
    key: 'host',
  }),
  ERR_TLS_CERT_ALTNAME_INVALID: () => ({
    cause: 'The certificate of the mail server is for another name.',
    fix: 'Use a name that the certificate carries.',
    key: 'host',
  }),
  EAUTH: (reply) => ({
    cause: `The mail server refuses the sign-in${reply}.`,
    fix: 'Check the two; some providers want an app password.',
    key: 'password',
  }),
  EABORT: () => ({
    cause: 'The mail server took too long over one message.',
    fix: 'Look at the load and the log of the mail server.',
    key: 'replyTimeout',
  }),
};

const NO_STARTTLS: Explanation = {
  cause: 'The mail server offers no STARTTLS, and without it nothing is sent.',
  fix: 'Switch TLS on at the mail server, or try security: tls with port 465.',
  key: 'security',
};
const NOT_TLS: Explanation = {
  cause: 'The mail server does not speak TLS from the first byte on that port.',
  fix: 'Use security: starttls (587), or the TLS port (465).',
  key: 'security',
};
const UNTRUSTED_CA: Explanation = {
  cause: 'The certificate of the mail server is signed by an authority that is not trusted here.',
  fix: 'Put the PEM of that authority into a file and name it as caFile.',
  key: 'caFile',
};

/** `reply` is the server's text, already without anything of the message. */
export function explain(error: NodemailerError, reply = ''): Explanation {
  const said = reply === '' ? '' : ` (${reply})`;
  const root = error.originalCode ?? '';
  if (UNTRUSTED.has(root) || UNTRUSTED.has(error.code ?? '')) return UNTRUSTED_CA;
  if (/STARTTLS|upgrade/i.test(`${error.command} ${error.message}`) && error.code === 'ETLS') return NO_STARTTLS;
  if (root === 'ERR_SSL_WRONG_VERSION_NUMBER' || root === 'ERR_SSL_PACKET_LENGTH_TOO_LONG') return NOT_TLS;
  for (const code of [error.timeoutType, root, error.code]) {
    const known = byCode[code ?? ''];
    if (known) return known(said);
  }
  const code = [error.code, root].filter(Boolean).join(', ') || 'no code';
  return {
    cause: `The conversation with the mail server failed${said || ` (${code})`}.`,
    fix: 'Look at the log of the mail server.',
    key: 'host',
  };
}
