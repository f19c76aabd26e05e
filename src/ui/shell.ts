/** What every page gets besides its own content. Plain data, made once per request by the routes. */
import type { Language } from '../text/index.ts';

export interface Help {
  /** Who it is and where: "IT help desk, room 12". */
  text: string;
  phone?: string;
  hours?: string;
}

export interface ShellProps {
  language: Language;
  organisation: { name: string; help: Help };
  /** Path of this page without query: the language links lead back to it. */
  path: string;
  /** For the hidden `_csrf` field of every form. */
  csrf: string;
  /** CSP nonce of this response. */
  nonce: string;
  /** From `assets`; no script, no script element. */
  assets: { styles: string; script?: string | undefined };
  /** IANA name; UTC when absent. */
  timeZone?: string;
  demo?: boolean;
  /** Given when somebody is signed in: name in the header, sign-out button. */
  person?: { displayName: string };
  /** Given on pages of a session that ends when idle: warns, lets people stay, then leads to `ended`. */
  idle?: { seconds: number; keepAlive: string; ended: string };
}
