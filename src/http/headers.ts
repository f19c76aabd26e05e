/** Response headers of every page (standards.md section 12): nothing from elsewhere, nothing inline, nothing framed. */
import type { FastifyHelmetOptions } from '@fastify/helmet';

const PERMISSIONS =
  'camera=(), microphone=(), geolocation=(), payment=(), usb=(), otp-credentials=(self), publickey-credentials-get=(self), publickey-credentials-create=(self)';

export const permissionsPolicy = ['permissions-policy', PERMISSIONS] as const;

export function securityHeaders(publicUrl: URL): FastifyHelmetOptions {
  const secure = publicUrl.protocol === 'https:';
  return {
    enableCSPNonces: true,
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        'default-src': ["'none'"],
        'script-src': ["'strict-dynamic'"],
        'style-src': ["'self'"],
        'img-src': ["'self'", 'data:'],
        'font-src': ["'self'"],
        'connect-src': ["'self'"],
        'form-action': ["'self'"],
        'frame-ancestors': ["'none'"],
        'base-uri': ["'none'"],
        'object-src': ["'none'"],
        'require-trusted-types-for': ["'script'"],
      },
    },
    strictTransportSecurity: secure ? { maxAge: 63_072_000, includeSubDomains: true } : false,
    referrerPolicy: { policy: 'no-referrer' },
    xFrameOptions: { action: 'deny' },
    crossOriginOpenerPolicy: { policy: 'same-origin' },
    crossOriginResourcePolicy: { policy: 'same-origin' },
    crossOriginEmbedderPolicy: false,
    xXssProtection: false,
  };
}
