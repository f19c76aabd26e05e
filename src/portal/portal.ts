/** What the portal's routes work with, and the pieces every request needs: language, translator, page frame, who asks. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { VNode } from 'preact';
import type { Directory } from '../directory/directory.ts';
import type { ApprovalService } from '../flow/approval/service.ts';
import type { ChangeService } from '../flow/change/service.ts';
import type { Lifetimes, Origin } from '../flow/deps.ts';
import type { EnrolmentService, Person } from '../flow/enrolment/service.ts';
import type { LostFactorService } from '../flow/journey/lost-factor.ts';
import type { PasswordService } from '../flow/journey/password.ts';
import type { JourneyService } from '../flow/journey/service.ts';
import type { UnlockService } from '../flow/journey/unlock.ts';
import type { OwnDataService } from '../flow/own-data/service.ts';
import type { OwnSystemsService } from '../flow/own-systems.ts';
import type { PasskeyStart } from '../flow/passkey-start.ts';
import type { RatingService } from '../flow/rating.ts';
import type { SignInService } from '../flow/sign-in/service.ts';
import type { StopService } from '../flow/stop/service.ts';
import type { UsernameService } from '../flow/username/service.ts';
import type { Cookies } from '../http/cookies.ts';
import type { Floor } from '../http/floor.ts';
import { networkOf } from '../http/network.ts';
import type { Clock } from '../kernel/clock.ts';
import { SparekeyError } from '../kernel/errors.ts';
import { newToken } from '../kernel/random.ts';
import type { VerificationMethod } from '../methods/method.ts';
import type { OwnFile } from '../privacy/own-file.ts';
import {
  createTranslator,
  isLanguage,
  type Language,
  pickLanguage,
  type Translate,
  type Wording,
} from '../text/index.ts';
import { paths } from '../ui/paths.ts';
import { renderPage } from '../ui/render-page.ts';
import type { ShellProps } from '../ui/shell.ts';

/** The roll-out, as pages for people see it. */
export interface RolloutPort {
  /** Addresses that people may be led back to. */
  returnTo: readonly string[];
  /** No more reminders. Says nothing about whether the value was one. */
  optOut(token: string, ip: string): Promise<void>;
}

export interface PortalDeps {
  journeys: JourneyService;
  passwords: PasswordService;
  signIn: SignInService;
  change: ChangeService;
  enrolment: EnrolmentService;
  unlock: UnlockService;
  lostFactor: LostFactorService;
  passkeyStart: PasskeyStart;
  usernames: UsernameService;
  stop: StopService;
  approvals: ApprovalService;
  ownData: OwnDataService;
  ownFile: OwnFile;
  ownSystems: OwnSystemsService;
  ratings: RatingService;
  rollout: RolloutPort;
  directory: Directory;
  methods: ReadonlyMap<string, VerificationMethod>;
  /** New codes per journey and method. */
  resends: number;
  cookies: Cookies;
  floor: Floor;
  clock: Clock;
  publicUrl: URL;
  organisation: ShellProps['organisation'];
  /** Where the organisation's people sign in afterwards. */
  signInUrl: string;
  defaultLanguage: Language;
  lifetimes: Lifetimes;
  demo: boolean;
  /** IANA name. */
  timeZone: string;
  /** Texts in place of ours. */
  wording?: Wording;
  assets: ShellProps['assets'];
}

/** One request, with everything a page needs. */
export interface Visit {
  t: Translate;
  language: Language;
  origin: Origin;
  /** Page frame; makes the CSRF cookie when there is none yet. */
  shell(person?: Person): ShellProps;
  /** Renders and sends. */
  page(node: VNode, status?: number): FastifyReply;
  /** 303: the answer to every POST that went well, so that "reload" repeats nothing. */
  go(path: string): FastifyReply;
  /** The browser looks again by itself in a moment. @returns where. */
  lookAgain(): string;
}

export type Portal = ReturnType<typeof createPortal>;

export function createPortal(deps: PortalDeps) {
  const { cookies, clock } = deps;

  const languageOf = (request: FastifyRequest, reply: FastifyReply): Language => {
    const asked = (request.query as Record<string, unknown> | undefined)?.['lang'];
    const query = typeof asked === 'string' && isLanguage(asked) ? asked : undefined;
    if (query) cookies.set(reply, 'language', query);
    return pickLanguage(
      request.headers['accept-language'],
      cookies.read(request, 'language'),
      query,
      deps.defaultLanguage,
    );
  };

  /** Given with the first form that a browser sends, whoever it is about. */
  const deviceOf = (request: FastifyRequest, reply: FastifyReply): string | undefined => {
    const known = cookies.read(request, 'device');
    if (known !== undefined && /^[\w-]{43}$/.test(known)) return known;
    if (request.method !== 'POST') return undefined;
    const device = newToken();
    cookies.set(reply, 'device', device);
    return device;
  };

  const visit = (request: FastifyRequest, reply: FastifyReply): Visit => {
    const language = languageOf(request, reply);
    const t = createTranslator(language, deps.wording);
    return {
      t,
      language,
      origin: {
        ip: request.ip,
        network: networkOf(request.ip),
        userAgent: String(request.headers['user-agent'] ?? ''),
        device: deviceOf(request, reply),
        heir: cookies.read(request, 'heir'),
      },
      shell: (person) => ({
        language,
        organisation: deps.organisation,
        // One slash: `//elsewhere` in a link would lead to another host.
        path: `/${(request.url.split('?')[0] ?? '').replace(/^[/\\]+/, '')}`,
        csrf: reply.generateCsrf(),
        nonce: reply.cspNonce,
        assets: deps.assets,
        demo: deps.demo,
        timeZone: deps.timeZone,
        ...(person
          ? {
              person: { displayName: person.account.displayName },
              idle: {
                seconds: deps.lifetimes.sessionIdle / 1_000,
                keepAlive: '/session/keep-alive',
                ended: `${paths.signIn}?ended=idle`,
              },
            }
          : {}),
      }),
      page: (node, status = 200) => reply.code(status).type('text/html; charset=utf-8').send(renderPage(node)),
      go: (path) => reply.redirect(path, 303),
      lookAgain: () => reply.lookAgain(),
    };
  };

  return {
    deps,
    visit,
    secondsUntil: (instant: number): number => Math.max(1, Math.ceil((instant - clock.now()) / 1_000)),

    /** Who is signed in. `undefined`: nobody, or the directory no longer knows them. */
    async person(request: FastifyRequest, language: Language): Promise<Person | undefined> {
      const token = cookies.read(request, 'session');
      if (!token) return undefined;
      const present = await deps.signIn.whoIs(token);
      // Not the same as signed out: the session is good again when the directory is back.
      if (present.is === 'unavailable') throw new SparekeyError('directory-unavailable', present.cause);
      if (present.is === 'nobody') return undefined;
      return { token, session: present.session, account: present.account, language };
    },
  };
}

export type Routes = (app: FastifyInstance, portal: Portal) => void;
