/** Alias domains, against a real DNS server on this machine. */
import { Resolver } from 'node:dns/promises';
import dns2 from 'dns2';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createMailServers } from '../../../src/mail-servers.ts';

const ZONES: Record<string, string[]> = {
  'college.example': ['mx1.college.example', 'MX2.College.Example'],
  'alumni.example': ['mx2.college.example'],
  'private.example': ['mx.private.example'],
  'nothing.example': [''],
  'refuses.example': [''],
};

let asked: string[] = [];
const server = dns2.createServer({
  udp: true,
  handle: (request, send) => {
    const response = dns2.Packet.createResponseFromRequest(request);
    const [question] = request.questions;
    const name = question?.name.toLowerCase() ?? '';
    asked.push(name);
    // Never answered: the resolver gives up by itself.
    if (name === 'silent.example') return;
    if (name === 'broken.example') response.header.rcode = 2;
    for (const exchange of ZONES[name] ?? [])
      response.answers.push({
        name,
        type: dns2.Packet.TYPE.MX,
        class: dns2.Packet.CLASS.IN,
        ttl: 1,
        exchange,
        priority: 10,
      } as never);
    send(response);
  },
});
let same: ReturnType<typeof createMailServers>;

beforeAll(async () => {
  const { udp } = await server.listen({ udp: { address: '127.0.0.1', port: 0 } });
  const resolver = new Resolver({ timeout: 200, tries: 1 });
  resolver.setServers([`127.0.0.1:${udp?.port}`]);
  same = createMailServers(resolver);
});
afterAll(() => server.close());

describe('mail for one domain goes where mail for another goes', () => {
  test.each([
    ['an alias domain', 'alumni.example', ['college.example'], true],
    ['the same in other letters', 'ALUMNI.example', ['College.Example'], true],
    ['one of several', 'alumni.example', ['private.example', 'college.example'], true],
    ['a private one', 'private.example', ['college.example'], false],
    ['a domain that takes no mail (null MX)', 'nothing.example', ['refuses.example'], false],
    ['a domain that does not exist', 'gone.example', ['college.example'], false],
    ['a domain whose servers fail', 'broken.example', ['college.example'], false],
    ['a domain whose servers never answer', 'silent.example', ['college.example'], false],
  ])('%s', async (_name, domain, others, expected) => {
    expect(await same(domain, others)).toBe(expected);
  });

  test('nobody is asked when no domain is locked', async () => {
    asked = [];
    expect(await same('alumni.example', [])).toBe(false);
    expect(asked).toEqual([]);
  });
});
