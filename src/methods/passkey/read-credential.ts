/**
 * A credential as the browser posts it, as plain fields or not at all. Nothing else of what was posted is looked at, so that
 * nobody can slip anything into the verification.
 */
import type {
  AuthenticationResponseJSON,
  AuthenticatorTransport,
  RegistrationResponseJSON,
} from '@simplewebauthn/server';
import { decodeClientDataJSON } from '@simplewebauthn/server/helpers';

/** WebAuthn L3 §7.1 step 25: bytes of a credential id. */
const LONGEST_ID = 1_023;
const BASE64URL = /^[A-Za-z0-9_-]+$/;
const TRANSPORTS: readonly string[] = ['ble', 'cable', 'hybrid', 'internal', 'nfc', 'smart-card', 'usb'];

type Fields = Record<string, unknown>;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const bytesText = (value: unknown): string | undefined =>
  typeof value === 'string' && BASE64URL.test(value) ? value : undefined;

/** Id and response of any credential. */
function read(text: string | undefined): { id: string; response: Fields } | undefined {
  const given = parse(text ?? '');
  if (!isFields(given) || !isFields(given['response']) || given['type'] !== 'public-key') return undefined;
  const id = bytesText(given['id']);
  if (id === undefined || given['rawId'] !== id || Buffer.from(id, 'base64url').length > LONGEST_ID) return undefined;
  return { id, response: given['response'] };
}

export function readAssertion(text: string | undefined): AuthenticationResponseJSON | undefined {
  const given = read(text);
  const clientDataJSON = bytesText(given?.response['clientDataJSON']);
  const authenticatorData = bytesText(given?.response['authenticatorData']);
  const signature = bytesText(given?.response['signature']);
  const userHandle = given?.response['userHandle'] ?? undefined;
  if (!given || !clientDataJSON || !authenticatorData || !signature) return undefined;
  if (userHandle !== undefined && !bytesText(userHandle)) return undefined;
  return {
    id: given.id,
    rawId: given.id,
    type: 'public-key',
    clientExtensionResults: {},
    response: {
      clientDataJSON,
      authenticatorData,
      signature,
      ...(userHandle === undefined ? {} : { userHandle: userHandle as string }),
    },
  };
}

export function readRegistration(text: string | undefined): RegistrationResponseJSON | undefined {
  const given = read(text);
  const clientDataJSON = bytesText(given?.response['clientDataJSON']);
  const attestationObject = bytesText(given?.response['attestationObject']);
  const transports = given?.response['transports'];
  if (!given || !clientDataJSON || !attestationObject) return undefined;
  return {
    id: given.id,
    rawId: given.id,
    type: 'public-key',
    clientExtensionResults: {},
    response: {
      clientDataJSON,
      attestationObject,
      transports: Array.isArray(transports) ? transports.filter(isTransport) : [],
    },
  };
}

const isTransport = (value: unknown): value is AuthenticatorTransport =>
  typeof value === 'string' && TRANSPORTS.includes(value);

/** Made inside a frame of another site (W-02). We are never framed, so it is never right. @throws Error when it can't be read. */
export function isFramed(clientDataJSON: string): boolean {
  const { crossOrigin, topOrigin } = decodeClientDataJSON(clientDataJSON);
  return (crossOrigin !== undefined && crossOrigin !== false) || topOrigin !== undefined;
}
