/**
 * Our cookies: opaque, for this host only, gone with the browser (but for one that opens nothing). `__Host-` needs TLS, so the demo on plain localhost has
 * bare names; configuration refuses plain http anywhere else.
 */
import type { FastifyReply, FastifyRequest } from 'fastify';

export const cookieNames = (secure: boolean) => {
  const prefix = secure ? '__Host-' : '';
  return {
    flow: `${prefix}sspr_flow`,
    heir: `${prefix}sspr_heir`,
    session: `${prefix}sspr_sid`,
    csrf: `${prefix}sspr_csrf`,
    language: `${prefix}sspr_lang`,
    device: `${prefix}sspr_device`,
    passkey: `${prefix}sspr_passkey`,
    approval: `${prefix}sspr_approval`,
    outcome: `${prefix}sspr_outcome`,
    next: `${prefix}sspr_next`,
    back: `${prefix}sspr_back`,
  };
};

export type CookieName = keyof ReturnType<typeof cookieNames>;

/** Lax: a person comes back from a link in a mail in the middle of a journey. */
const SAME_SITE = {
  flow: 'lax',
  heir: 'lax',
  session: 'strict',
  csrf: 'strict',
  language: 'lax',
  device: 'lax',
  passkey: 'strict',
  approval: 'strict',
  outcome: 'strict',
  next: 'strict',
  back: 'lax',
} as const;

/** The only one that outlives the browser: it opens nothing, it makes an attempt from a known browser less unusual (C-13). */
const DEVICE_SECONDS = 400 * 86_400;

export function createCookies(secure: boolean) {
  const names = cookieNames(secure);
  const options = (name: CookieName) => ({
    path: '/',
    httpOnly: true,
    secure,
    sameSite: SAME_SITE[name],
    ...(name === 'device' ? { maxAge: DEVICE_SECONDS } : {}),
  });
  return {
    read: (request: FastifyRequest, name: CookieName): string | undefined => request.cookies[names[name]] || undefined,
    set: (reply: FastifyReply, name: CookieName, value: string) => reply.setCookie(names[name], value, options(name)),
    clear: (reply: FastifyReply, name: CookieName) => reply.clearCookie(names[name], options(name)),
  };
}

export type Cookies = ReturnType<typeof createCookies>;
