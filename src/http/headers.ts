/**
 * Response headers of every page (standards.md section 12): nothing from elsewhere, nothing inline, nothing framed. Made once; only
 * the nonce is new with every answer.
 */
import { randomBytes } from 'node:crypto';
import type { FastifyReply } from 'fastify';

declare module 'fastify' {
  interface FastifyReply {
    /** Of the scripts that this answer may run. */
    cspNonce: string;
  }
}

const PERMISSIONS =
  'camera=(), microphone=(), geolocation=(), payment=(), usb=(), otp-credentials=(self), publickey-credentials-get=(self), publickey-credentials-create=(self)';

const policy = (nonce: string): string =>
  `default-src 'none';script-src 'strict-dynamic' 'nonce-${nonce}';style-src 'self';img-src 'self' data:;font-src 'self';` +
  "connect-src 'self';form-action 'self';frame-ancestors 'none';base-uri 'none';object-src 'none';" +
  "require-trusted-types-for 'script'";

const FIXED = {
  // Everything here is personal or short-lived; assets set their own.
  'cache-control': 'no-store',
  'permissions-policy': PERMISSIONS,
  'referrer-policy': 'no-referrer',
  'x-frame-options': 'DENY',
  'x-content-type-options': 'nosniff',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'origin-agent-cluster': '?1',
  'x-dns-prefetch-control': 'off',
  'x-download-options': 'noopen',
  'x-permitted-cross-domain-policies': 'none',
};

const TWO_YEARS = 63_072_000;

export function securityHeaders(publicUrl: URL): (reply: FastifyReply) => void {
  const fixed: Record<string, string> =
    publicUrl.protocol === 'https:'
      ? { ...FIXED, 'strict-transport-security': `max-age=${TWO_YEARS}; includeSubDomains` }
      : FIXED;
  return (reply) => {
    reply.cspNonce = randomBytes(16).toString('base64url');
    reply.headers(fixed).header('content-security-policy', policy(reply.cspNonce));
  };
}
