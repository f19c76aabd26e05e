/**
 * Every request to the identity provider goes through here: TLS (plain http only on this machine), no redirect is followed,
 * and no answer is read beyond a limit (A27).
 */
import type { CustomFetch } from 'openid-client';

/** Far above any real metadata, key set or token. */
const LONGEST = 256 * 1024;

export const isLoopback = ({ hostname }: URL): boolean =>
  hostname === 'localhost' || hostname.endsWith('.localhost') || hostname === '[::1]' || /^127\.[\d.]+$/.test(hostname);

/** What may be asked: https everywhere; http on this machine, when the issuer itself is there. */
export const mayAsk = (url: URL, issuer: URL): boolean =>
  url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url) && isLoopback(issuer));

export const exchangeWith =
  (issuer: URL): CustomFetch =>
  async (address, options) => {
    const url = new URL(address);
    if (!mayAsk(url, issuer)) throw new TypeError(`${url.origin} is not asked: only https is.`);
    const response = await fetch(url, { ...(options as RequestInit), redirect: 'manual' });
    const { status, headers } = response;
    if (status >= 300 && status < 400) {
      await response.body?.cancel();
      throw new TypeError(`${url.origin} answered ${status}: redirects are not followed.`);
    }
    return new Response(await bodyOf(response, url), { status, headers });
  };

async function bodyOf(response: Response, url: URL): Promise<Uint8Array<ArrayBuffer> | null> {
  if (!response.body) return null;
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of response.body) {
    length += piece.byteLength;
    if (length > LONGEST) throw new TypeError(`${url.origin} answered more than ${LONGEST / 1024} KiB.`);
    pieces.push(piece);
  }
  return new Uint8Array(Buffer.concat(pieces));
}
