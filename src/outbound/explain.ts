/** Turns a request without an answer into a cause, a fix and the configuration key that it hangs on. */
import type { Finding } from '../kernel/plugin.ts';
import { FORBIDDEN } from './addresses.ts';

export type Explanation = Required<Pick<Finding, 'cause' | 'fix' | 'key'>>;

const say = (key: string, cause: string, fix: string): Explanation => ({ cause, fix, key });

const untrusted = say(
  'caFile',
  'The certificate of the server is signed by an authority that is not trusted here.',
  'Put the PEM of that authority into a file and name it as caFile.',
);
const unknownName = say(
  'url',
  'The name of the server is not known to DNS.',
  'Correct the name, or the resolver of this machine.',
);

const byCode: Record<string, Explanation> = {
  ENOTFOUND: unknownName,
  EAI_AGAIN: unknownName,
  ECONNREFUSED: say(
    'url',
    'Nothing listens there: the connection was refused.',
    'Check host and port, and that the server runs.',
  ),
  ECONNRESET: say('url', 'The server hung up before its answer was whole.', 'Look at the log of the server.'),
  EPIPE: say('url', 'The server hung up before its answer was whole.', 'Look at the log of the server.'),
  ETIMEDOUT: say(
    'timeout',
    'No whole answer within the time limit.',
    'Look at the load of the server and the firewall in between.',
  ),
  ETOOLONG: say('url', 'The answer of the server is far too long.', 'Check that the address is the right one.'),
  CERT_HAS_EXPIRED: say('url', 'The certificate of the server has expired.', 'Renew it on the server.'),
  ERR_TLS_CERT_ALTNAME_INVALID: say(
    'url',
    'The certificate of the server is for another name.',
    'Use a name that the certificate carries.',
  ),
  [FORBIDDEN]: say(
    'url',
    'The name leads to an address that no server may have.',
    'Use the public name of the server, or extend allowedNetworks.',
  ),
  ERR_SSL_WRONG_VERSION_NUMBER: say('url', 'There is no TLS on that port.', 'Use the https port of the server.'),
  ERR_SSL_PACKET_LENGTH_TOO_LONG: say('url', 'There is no TLS on that port.', 'Use the https port of the server.'),
  DEPTH_ZERO_SELF_SIGNED_CERT: untrusted,
  SELF_SIGNED_CERT_IN_CHAIN: untrusted,
  UNABLE_TO_GET_ISSUER_CERT: untrusted,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: untrusted,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: untrusted,
};

/** Only the code is used: the message of an error may repeat the address with the text in it. */
export function explain(error: unknown): Explanation {
  const code = (error as { code?: unknown }).code;
  const name = typeof code === 'string' && /^[A-Z0-9_]+$/.test(code) ? code : 'no code';
  // Node gives parser errors of a nonsense answer codes of their own.
  if (name.startsWith('HPE_')) return say('url', 'What answers there does not speak HTTP.', 'Check host and port.');
  return (
    byCode[name] ?? say('url', `The conversation with the server failed (${name}).`, 'Look at the log of the server.')
  );
}
