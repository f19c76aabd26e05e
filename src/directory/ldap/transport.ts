/**
 * Opens a TCP connection to an LDAP server and returns it only once it is TLS with a verified certificate: LDAPS from the
 * start, or StartTLS (RFC 4511 §4.14) before anything else is said. There is no way to switch the verification off.
 */
import net from 'node:net';
import tls from 'node:tls';
import { BerReader } from 'ldapts';
import type { Endpoint } from './endpoints.ts';
import { ConnectError } from './failure.ts';

/** @throws ConnectError */
export async function openTransport(endpoint: Endpoint): Promise<tls.TLSSocket> {
  const { host, port } = endpoint;
  const tcp = net.connect({
    host,
    port,
    ...(endpoint.addresses ? { lookup: knownAddresses(endpoint.addresses) } : {}),
  });
  tcp.setNoDelay(true);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const error = Object.assign(new Error('no answer in time'), { code: 'TIMEOUT' });
    timer = setTimeout(() => reject(error), endpoint.connectTimeout);
  });
  let secured: tls.TLSSocket | undefined;
  const handshake = async () => {
    await once(tcp, 'connect');
    if (endpoint.startTls) await requestStartTls(tcp);
    // Without `host`, Node would compare the certificate with "localhost" on an upgraded socket.
    const servername = net.isIP(host) ? '' : host;
    secured = tls.connect({ socket: tcp, host, servername, secureContext: trustOf(endpoint.ca) });
    await once(secured, 'secureConnect');
    return secured;
  };
  const work = handshake();
  work.catch(() => undefined);
  try {
    return await Promise.race([work, late]);
  } catch (error) {
    secured?.on('error', () => undefined).destroy();
    tcp.on('error', () => undefined).destroy();
    throw explain(error, endpoint);
  } finally {
    clearTimeout(timer);
  }
}

const trusts = new Map<string | undefined, tls.SecureContext>();

/** To read the certificates of authorities takes longer than all else of a connection, and they are those of the start. */
function trustOf(ca: string | undefined): tls.SecureContext {
  const made = trusts.get(ca) ?? tls.createSecureContext(ca === undefined ? {} : { ca });
  trusts.set(ca, made);
  return made;
}

/** In place of the system's look-up. Node tries one after the other. */
const knownAddresses =
  (addresses: readonly string[]): net.LookupFunction =>
  (_host, options, answer) => {
    const all = addresses.map((address) => ({ address, family: net.isIP(address) }));
    const [first] = all;
    if (options.all) answer(null, all);
    else if (first) answer(null, first.address, first.family);
    else answer(Object.assign(new Error('no address'), { code: 'ENOTFOUND' }), '');
  };

const once = (socket: net.Socket, event: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const closed = () => reject(Object.assign(new Error('closed'), { code: 'ECONNRESET' }));
    socket.once('error', reject).once('close', closed);
    socket.once(event, () => {
      socket.off('error', reject).off('close', closed);
      resolve();
    });
  });

const START_TLS = '1.3.6.1.4.1.1466.20037';
// LDAPMessage { messageID 1, ExtendedRequest { requestName START_TLS } }
const START_TLS_REQUEST = Buffer.concat([
  Buffer.from([0x30, 0x1d, 0x02, 0x01, 0x01, 0x77, 0x18, 0x80, 0x16]),
  Buffer.from(START_TLS),
]);

async function requestStartTls(tcp: net.Socket): Promise<void> {
  tcp.write(START_TLS_REQUEST);
  const answer = await new Promise<Buffer>((resolve, reject) => {
    let bytes = Buffer.alloc(0);
    const done = (error?: Error) => {
      tcp.off('data', take).off('error', done).off('close', closed).pause();
      if (error) reject(error);
      else resolve(bytes);
    };
    const closed = () => done(Object.assign(new Error('closed'), { code: 'ECONNRESET' }));
    const take = (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk]);
      if (bytes.length > 65_536 || messageLength(bytes) !== undefined) done();
    };
    tcp.on('data', take).once('error', done).once('close', closed);
  });
  // Bytes after the answer would be clear text smuggled in front of the TLS session.
  const refused = (text: string) => Object.assign(new Error(text), { code: 'STARTTLS_REFUSED' });
  if (messageLength(answer) !== answer.length) throw refused('unexpected bytes before TLS');
  const reader = new BerReader(answer);
  reader.readSequence();
  reader.readInt();
  if (reader.readSequence() !== 0x78) throw refused('not an extended response');
  const code = reader.readEnumeration();
  if (code !== 0) throw refused(`result code ${code}`);
}

/** Length of the first LDAP message in the buffer; undefined while it is incomplete. */
function messageLength(bytes: Buffer): number | undefined {
  const reader = new BerReader(bytes);
  try {
    if (reader.readSequence(0x30) === null) return undefined;
  } catch {
    return bytes.length + 1; // not LDAP at all: ends the wait, fails the comparison
  }
  const total = reader.offset + reader.length;
  return bytes.length >= total ? total : undefined;
}

const UNKNOWN_CA = new Set([
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'CERT_SIGNATURE_FAILURE',
]);

function explain(error: unknown, { host, port, startTls }: Endpoint): ConnectError {
  const { code = 'UNKNOWN', message } = error as NodeJS.ErrnoException;
  const at = `${host}:${port}`;
  const make = (cause: string, fix: string, key = 'url') => new ConnectError(code, `${cause} (${code})`, fix, key);
  if (UNKNOWN_CA.has(code)) {
    const cause = `The certificate of ${at} was issued by an authority that is not trusted here`;
    return make(cause, 'Set caFile to the PEM certificate of the authority that issued it.', 'caFile');
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    const { subjectaltname = 'no name' } = (error as { cert?: { subjectaltname?: string } }).cert ?? {};
    const cause = `The certificate of ${at} is for another name: it lists ${subjectaltname}, not ${host}`;
    return make(cause, 'Use a name that the certificate lists, or issue one that lists this name.');
  }
  if (code === 'CERT_HAS_EXPIRED') return make(`The certificate of ${at} has expired`, 'Renew it on the server.');
  if (code === 'CERT_NOT_YET_VALID') {
    return make(`The certificate of ${at} is not valid yet`, 'Compare the clocks of both machines.');
  }
  if (code === 'ECONNREFUSED') return make(`Nobody listens at ${at}`, 'Start the server or correct host and port.');
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return make(`The name ${host} is not known`, 'Check DNS and the name.');
  if (code === 'TIMEOUT') return make(`${at} did not answer in time`, 'Check firewall, host and port.');
  if (code === 'STARTTLS_REFUSED') {
    return make(`${at} refused StartTLS: ${message}`, 'Give the server a certificate, or use ldaps://.', 'startTls');
  }
  const hint = startTls ? 'Check that the port speaks LDAP.' : 'Check that the port speaks LDAPS.';
  return make(`No TLS connection to ${at}: ${message}`, hint);
}
