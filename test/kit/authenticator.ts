/** An authenticator in software (WebAuthn L3 §6), with a browser around it: makes passkeys, signs with them, and lies wherever a test wants it to. */
import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { isoCBOR } from '@simplewebauthn/server/helpers';

/** COSE algorithm: ES256, EdDSA, RS256, and ES384, which we don't offer. */
export type Alg = -7 | -8 | -257 | -35;

export interface Lies {
  type?: string;
  challenge?: string;
  origin?: string;
  crossOrigin?: unknown;
  topOrigin?: string;
  /** Whose hash is signed. */
  rpId?: string;
  up?: boolean;
  uv?: boolean;
  be?: boolean;
  bs?: boolean;
  counter?: number;
  /** What is posted as id; the signed one stays. */
  id?: string;
  /** `undefined`: absent. */
  userHandle?: string | undefined;
  /** Another passkey's signature. */
  signedBy?: Passkey;
  /** Last word on what is posted. */
  posted?(credential: Credential): unknown;
}

export interface Credential {
  id: string;
  rawId: string;
  type: string;
  response: Record<string, unknown>;
}

export interface Passkey {
  /** base64url */
  id: string;
  alg: Alg;
  privateKey: KeyObject;
  userHandle: string;
  counter: number;
}

export interface MadeWith extends Lies {
  alg?: Alg;
  /** Bytes of the id. */
  idBytes?: number;
  /** The id itself, instead of a new one. */
  idIs?: Buffer;
  /** Attestation statement; `none` when absent. */
  statement?: { fmt: string; attStmt: Map<string, unknown> };
}

interface Options {
  challenge: string;
  rpId?: string;
  rp?: { id: string };
  user?: { id: string };
  allowCredentials?: { id: string }[];
}

type Cbor = Parameters<typeof isoCBOR.encode>[0];
const base64url = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url');
const sha256 = (text: string | Uint8Array): Buffer => createHash('sha256').update(text).digest();
const bytesOf = (jwk: Record<string, unknown>, name: string): Uint8Array =>
  new Uint8Array(Buffer.from(String(jwk[name]), 'base64url'));

function pair(alg: Alg): { publicKey: KeyObject; privateKey: KeyObject } {
  if (alg === -8) return generateKeyPairSync('ed25519');
  if (alg === -257) return generateKeyPairSync('rsa', { modulusLength: 2048 });
  return generateKeyPairSync('ec', { namedCurve: alg === -7 ? 'P-256' : 'P-384' });
}

/** COSE_Key (RFC 9053 §7). */
function coseKey(alg: Alg, publicKey: KeyObject): Map<number, Cbor> {
  const jwk = publicKey.export({ format: 'jwk' }) as Record<string, unknown>;
  const at = (name: string) => bytesOf(jwk, name);
  if (alg === -8)
    return new Map<number, Cbor>([
      [1, 1],
      [3, -8],
      [-1, 6],
      [-2, at('x')],
    ]);
  if (alg === -257)
    return new Map<number, Cbor>([
      [1, 3],
      [3, -257],
      [-1, at('n')],
      [-2, at('e')],
    ]);
  return new Map<number, Cbor>([
    [1, 2],
    [3, alg],
    [-1, alg === -7 ? 1 : 2],
    [-2, at('x')],
    [-3, at('y')],
  ]);
}

const signed = ({ alg, privateKey }: Passkey, data: Buffer): Buffer =>
  sign(alg === -8 ? null : alg === -35 ? 'sha384' : 'sha256', data, privateKey);

/** `counts`: has a signature counter, as security keys do; synced passkeys have none. */
export function createAuthenticator({
  origin = 'https://reset.example.test',
  uv = true,
  synced = true,
  counts = false,
} = {}) {
  const passkeys: Passkey[] = [];

  const clientData = (type: string, challenge: string, lies: Lies): Buffer =>
    Buffer.from(
      JSON.stringify({
        type: lies.type ?? type,
        challenge: lies.challenge ?? challenge,
        origin: lies.origin ?? origin,
        crossOrigin: 'crossOrigin' in lies ? lies.crossOrigin : false,
        ...(lies.topOrigin === undefined ? {} : { topOrigin: lies.topOrigin }),
      }),
    );

  const authData = (rpId: string, counter: number, lies: Lies, attested = Buffer.alloc(0)): Buffer => {
    const bit = (on: boolean, n: number) => (on ? 1 << n : 0);
    const flags =
      bit(lies.up ?? true, 0) |
      bit(lies.uv ?? uv, 2) |
      bit(lies.be ?? synced, 3) |
      bit(lies.bs ?? synced, 4) |
      bit(attested.length > 0, 6);
    const count = Buffer.alloc(4);
    count.writeUInt32BE(lies.counter ?? counter);
    return Buffer.concat([sha256(lies.rpId ?? rpId), Buffer.from([flags]), count, attested]);
  };

  const post = (credential: Credential, lies: Lies): string => {
    const said = lies.posted ? lies.posted(credential) : credential;
    return typeof said === 'string' ? said : JSON.stringify(said);
  };

  return {
    passkeys,

    /** Answers PublicKeyCredentialCreationOptionsJSON, given as text. */
    make(options: string, lies: MadeWith = {}): string {
      const { challenge, rp, user } = JSON.parse(options) as Options;
      const { alg = -7, idIs, idBytes = idIs?.length ?? 32, statement = { fmt: 'none', attStmt: new Map() } } = lies;
      const { publicKey, privateKey } = pair(alg);
      const id = idIs ?? randomBytes(idBytes);
      const passkey: Passkey = { id: base64url(id), alg, privateKey, userHandle: user?.id ?? '', counter: 0 };
      passkeys.push(passkey);
      const length = Buffer.alloc(2);
      length.writeUInt16BE(idBytes);
      const attested = Buffer.concat([Buffer.alloc(16), length, id, isoCBOR.encode(coseKey(alg, publicKey))]);
      const authenticatorData = new Uint8Array(authData(rp?.id ?? '', 0, lies, attested));
      const attestation = new Map<string, Cbor>([
        ['fmt', statement.fmt],
        ['attStmt', statement.attStmt as Cbor],
        ['authData', authenticatorData],
      ]);
      const posted = lies.id ?? passkey.id;
      const response = {
        clientDataJSON: base64url(clientData('webauthn.create', challenge, lies)),
        attestationObject: base64url(isoCBOR.encode(attestation)),
        transports: ['internal', 'hybrid'],
      };
      return post({ id: posted, rawId: posted, type: 'public-key', response }, lies);
    },

    /** Answers PublicKeyCredentialRequestOptionsJSON with one of its passkeys: the newest that is asked for. */
    use(options: string, lies: Lies = {}, one?: Passkey): string {
      const { challenge, rpId = '', allowCredentials = [] } = JSON.parse(options) as Options;
      const listed = (id: string) => allowCredentials.length === 0 || allowCredentials.some((named) => named.id === id);
      const passkey = one ?? passkeys.findLast(({ id }) => listed(id));
      if (!passkey) throw new Error('This authenticator has none of the passkeys that are asked for.');
      if (counts) passkey.counter += 1;
      const client = clientData('webauthn.get', challenge, lies);
      const authenticator = authData(rpId, passkey.counter, lies);
      const signature = signed(lies.signedBy ?? passkey, Buffer.concat([authenticator, sha256(client)]));
      const id = lies.id ?? passkey.id;
      const response = {
        clientDataJSON: base64url(client),
        authenticatorData: base64url(authenticator),
        signature: base64url(signature),
        ...('userHandle' in lies ? { userHandle: lies.userHandle } : { userHandle: passkey.userHandle }),
      };
      return post({ id, rawId: id, type: 'public-key', response }, lies);
    },
  };
}

export type Authenticator = ReturnType<typeof createAuthenticator>;
