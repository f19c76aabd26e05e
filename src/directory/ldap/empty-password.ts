/** An empty password must never reach a server: a bind with it is anonymous and succeeds (RFC 4513 §5.1.2). Only NULs are as empty. */
import type { Secret } from '../../kernel/secret.ts';

export const isEmpty = (password: Secret): boolean => /^\0*$/.test(password.reveal());
