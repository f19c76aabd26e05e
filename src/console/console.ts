/**
 * The door of the console. Every address asks for a signed-in person with a proven second factor and one right; dangerous acts
 * for a fresh proof. Whoever is turned away is told why, and it is in the audit.
 */
import type { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { VNode } from 'preact';
import type { Origin } from '../flow/deps.ts';
import type { Person } from '../flow/enrolment/service.ts';
import type { StaffService } from '../flow/staff/service.ts';
import type { Cookies } from '../http/cookies.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Right } from '../staff/rights.ts';
import type { Staff } from '../staff/staff.ts';
import type { Language, Translate } from '../text/index.ts';
import { paths } from '../ui/paths.ts';
import type { ShellProps } from '../ui/shell.ts';
import { type ClosedDoor, DoorPage } from './door-page.tsx';
import { type MenuId, menu } from './menu.ts';

/** One request of somebody who is allowed to make it. */
export interface Ask {
  staff: Staff;
  /** When they last proved who they are. */
  provedAt: number;
  t: Translate;
  language: Language;
  origin: Origin;
  request: FastifyRequest;
  reply: FastifyReply;
  shell: ShellProps;
  /** Parts of the console that are really there, in the order of the menu. */
  menu: readonly MenuId[];
  /** One plain text of the address: too long, doubled, or with control characters counts as absent. */
  query(name: string, max?: number): string | undefined;
  page(node: VNode, status?: number): FastifyReply;
  /** 303. */
  go(path: string): FastifyReply;
  /** Something to save; nothing is rendered by a browser. */
  file(name: string, type: string, body: string | Buffer | Readable): FastifyReply;
}

type AnswerTo = (ask: Ask) => Promise<FastifyReply>;

export interface PostOptions {
  /** A second factor proven within `lifetimes.stepUp`; else the person is led to prove it and comes back to the page. */
  stepUp?: boolean;
  /** Bytes. */
  bodyLimit?: number;
}

export interface ConsoleRoutes {
  get(path: string, right: Right, answer: AnswerTo): void;
  post(path: string, right: Right, answer: AnswerTo, options?: PostOptions): void;
}

/** One part of the console. */
export type Area = (routes: ConsoleRoutes) => void;

/** What the console borrows of the portal: one sign-in, one page frame. */
export interface Front {
  visit(
    request: FastifyRequest,
    reply: FastifyReply,
  ): {
    t: Translate;
    language: Language;
    origin: Origin;
    shell(person?: Person): ShellProps;
    page(node: VNode, status?: number): FastifyReply;
    go(path: string): FastifyReply;
  };
  person(request: FastifyRequest, language: Language): Promise<Person | undefined>;
}

export interface ConsoleDeps {
  front: Front;
  staff: StaffService;
  cookies: Cookies;
  clock: Clock;
  /** ms; may change while it runs. */
  stepUp(): number;
}

const UNFIT = /[\p{Cc}\p{Cs}\uFFFD]/u;

/** Where a page of the console may be come back to after a sign-in. */
export const isConsolePath = (path: string): boolean => /^\/console(\/[\w.-]{1,64}){0,6}$/.test(path);

const pathOf = (url: string): string => url.split('?')[0] ?? '';

/** The page on which a form stood: the address above it. */
const above = (path: string): string => path.replace(/\/[^/]*$/, '') || '/console';

export function createConsole(app: FastifyInstance, deps: ConsoleDeps) {
  const { front, staff: service, cookies, clock } = deps;
  const registered = new Set<string>();

  const queryOf =
    (request: FastifyRequest) =>
    (name: string, max = 200) => {
      const given = request.query as Record<string, unknown>;
      const value = Object.hasOwn(given, name) ? given[name] : undefined;
      if (typeof value !== 'string' || value.length > max || UNFIT.test(value)) return undefined;
      return value.trim() === '' ? undefined : value.trim();
    };

  const signIn = (reply: FastifyReply, back: string, confirm: boolean): FastifyReply => {
    if (isConsolePath(back)) cookies.set(reply, 'next', back);
    return reply.redirect(confirm ? `${paths.signIn}?confirm=1` : paths.signIn, 303);
  };

  const open =
    (right: Right | undefined, answer: AnswerTo, options: PostOptions = {}) =>
    async (request: FastifyRequest, reply: FastifyReply) => {
      const visit = front.visit(request, reply);
      const path = pathOf(request.url);
      const back = request.method === 'GET' ? path : above(path);
      const person = await front.person(request, visit.language);
      if (!person) return signIn(reply, back, false);
      const closed = (why: ClosedDoor, status = 403) => {
        cookies.clear(reply, 'next');
        return visit.page(DoorPage({ t: visit.t, shell: visit.shell(person), why }), status);
      };
      const admission = await service.admit(person.session, person.account);
      if (admission.is === 'stale') return signIn(reply, back, true);
      if (admission.is !== 'admitted') return closed(admission.is);
      const { staff } = admission;
      if (right && !staff.rights.has(right)) {
        await service.refused(staff, right, visit.origin.ip);
        return closed('no-right');
      }
      if (options.stepUp && clock.now() - person.session.provedAt > deps.stepUp()) return signIn(reply, back, true);
      if (cookies.read(request, 'next') !== undefined) cookies.clear(reply, 'next');
      return answer({
        staff,
        provedAt: person.session.provedAt,
        t: visit.t,
        language: visit.language,
        origin: visit.origin,
        request,
        reply,
        shell: visit.shell(person),
        menu: menu.filter((one) => staff.rights.has(one.right) && registered.has(one.path)).map(({ id }) => id),
        query: queryOf(request),
        page: visit.page,
        go: visit.go,
        file: (name, type, body) =>
          reply
            .header('content-disposition', `attachment; filename="${name.replace(/[^\w.-]/g, '_')}"`)
            .type(type)
            .send(body),
      });
    };

  const routes: ConsoleRoutes = {
    get(path, right, answer) {
      registered.add(path);
      app.get(path, open(right, answer));
    },
    post(path, right, answer, options = {}) {
      const { bodyLimit } = options;
      app.post(path, bodyLimit === undefined ? {} : { bodyLimit }, open(right, answer, options));
    },
  };

  return {
    routes,
    /** The page for everybody who may open the console at all. */
    home: (answer: AnswerTo) => app.get('/console', open(undefined, answer)),
  };
}
