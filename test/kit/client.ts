/** A browser without script, over HTTP inject: keeps cookies, follows redirects, fills in and sends the forms it was given. */
import type { FastifyInstance, LightMyRequestResponse } from 'fastify';
import { Page } from './html.ts';

export type { Form } from './html.ts';

export class Client extends Page {
  readonly cookies = new Map<string, string>();
  status = 0;
  path = '/';
  last!: LightMyRequestResponse;
  /** Every answer since the beginning, redirects included. */
  readonly trace: LightMyRequestResponse[] = [];
  readonly #server: FastifyInstance;
  readonly #origin: string;
  readonly #ip: string;

  constructor(server: FastifyInstance, origin: string, ip = '192.0.2.10') {
    super();
    this.#server = server;
    this.#origin = origin;
    this.#ip = ip;
  }

  async get(path: string, headers: Record<string, string> = {}): Promise<this> {
    return this.#take(await this.#send('GET', path, undefined, headers), path);
  }

  /** Sends the form whose action this is, with what is typed on top of its hidden fields, and follows the redirect. */
  async submit(action: string, typed: Record<string, string> = {}): Promise<this> {
    return this.post(action, { ...this.form(action).fields, ...typed });
  }

  /** Only the answer to that form: no redirect is followed, the page stays. */
  submitted(action: string, typed: Record<string, string> = {}): Promise<LightMyRequestResponse> {
    const body = new URLSearchParams({ ...this.form(action).fields, ...typed }).toString();
    return this.#send('POST', action, body, {
      'content-type': 'application/x-www-form-urlencoded',
      origin: this.#origin,
    });
  }

  async post(path: string, fields: Record<string, string>, headers: Record<string, string> = {}): Promise<this> {
    return this.postBody(path, new URLSearchParams(fields).toString(), headers);
  }

  async postBody(path: string, body: string, headers: Record<string, string> = {}): Promise<this> {
    const type = { 'content-type': 'application/x-www-form-urlencoded', origin: this.#origin };
    return this.#take(await this.#send('POST', path, body, { ...type, ...headers }), path);
  }

  async #send(method: 'GET' | 'POST', url: string, payload: string | undefined, headers: Record<string, string>) {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    return this.#server.inject({
      method,
      url,
      headers: { ...(cookie ? { cookie } : {}), ...headers },
      remoteAddress: this.#ip,
      ...(payload === undefined ? {} : { payload }),
    });
  }

  async #take(response: LightMyRequestResponse, path: string): Promise<this> {
    for (const { name, value, maxAge, expires } of response.cookies as {
      name: string;
      value: string;
      maxAge?: number;
      expires?: Date;
    }[]) {
      if (maxAge === 0 || (expires && expires.getTime() <= 0)) this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    this.last = response;
    this.trace.push(response);
    this.status = response.statusCode;
    this.path = path;
    const target = response.headers.location;
    if (typeof target === 'string' && response.statusCode >= 300 && response.statusCode < 400) return this.get(target);
    this.html = response.body;
    return this;
  }
}
