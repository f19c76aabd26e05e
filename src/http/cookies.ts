/**
 * Our cookies: opaque, for this host only, gone with the browser. `__Host-` needs TLS, so the demo on plain localhost has
 * bare names; configuration refuses plain http anywhere else.
 */
import type { FastifyReply, FastifyRequest } from 'fastify';

export const cookieNames = (secure: boolean) => {
  const prefix = secure ? '__Host-' : '';
  return {
    flow: `${prefix}sspr_flow`,
    session: `${prefix}sspr_sid`,
    csrf: `${prefix}sspr_csrf`,
    language: `${prefix}sspr_lang`,
  };
};

export type CookieName = keyof ReturnType<typeof cookieNames>;

/** Lax: a person comes back from a link in a mail in the middle of a journey. */
const SAME_SITE = { flow: 'lax', session: 'strict', csrf: 'strict', language: 'lax' } as const;

export function createCookies(secure: boolean) {
  const names = cookieNames(secure);
  const options = (name: CookieName) => ({ path: '/', httpOnly: true, secure, sameSite: SAME_SITE[name] });
  return {
    read: (request: FastifyRequest, name: CookieName): string | undefined => request.cookies[names[name]] || undefined,
    set: (reply: FastifyReply, name: CookieName, value: string) => reply.setCookie(names[name], value, options(name)),
    clear: (reply: FastifyReply, name: CookieName) => reply.clearCookie(names[name], options(name)),
  };
}

export type Cookies = ReturnType<typeof createCookies>;
