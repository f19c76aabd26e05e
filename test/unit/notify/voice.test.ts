/** The parts of the calling sender that need no phone: what an ended call means, the control protocol, and missing programs. */
import { afterEach, expect, it } from 'vitest';
import { phrasesFor, spokenLanguages } from '../../../src/notify/texts/phrases.ts';
import { greetingTrack, outcomeOfRefusal } from '../../../src/notify/voice/call.ts';
import { netstring, readNetstrings } from '../../../src/notify/voice/control.ts';
import { type SipConfig, sip } from '../../../src/notify/voice/sip.ts';
import { lengthOf, silence, wav } from '../../../src/notify/voice/speech.ts';
import { sampleCall } from '../../contract/voice-notifier.ts';
import { createFakeClock } from '../../kit/fake-clock.ts';

const config: SipConfig = {
  server: '127.0.0.1:5060',
  transport: 'udp',
  user: 'sparekey',
  dialPrefix: '+',
  rtpPorts: '20000-30000',
  connectTimeout: 1_000,
  ringTimeout: 1_000,
  keyTimeout: 1_000,
  calls: 1,
};
const open = async (change: Partial<SipConfig> = {}) =>
  sip.open({ ...config, ...change }, { clock: createFakeClock() });

const path = process.env['PATH'];
afterEach(() => {
  process.env['PATH'] = path;
});

it('names the package of a missing program, and calls nobody without a voice', async () => {
  process.env['PATH'] = '/nowhere';
  const notifier = await open();
  expect(await notifier.check()).toMatchObject([
    { is: 'failed', cause: expect.stringMatching(/espeak-ng/), fix: 'apt-get install espeak-ng' },
    { is: 'failed', cause: expect.stringMatching(/baresip/), fix: 'apt-get install baresip-core' },
  ]);
  const outcome = await notifier.call(sampleCall);
  expect(outcome).toMatchObject({ is: 'retry', cause: expect.stringMatching(/espeak-ng/) });
  expect(JSON.stringify(outcome)).not.toMatch(/7309|1701234567/);
});

it.each(['a b', 'a;b', 'a"b', 'pä', 'a\nb'])(
  'refuses the password %j, which baresip would misread, and does not repeat it',
  async (password) => {
    await expect(open({ password })).rejects.toThrow(/^password: may not hold/);
  },
);

it.each(['80-90', '20000-20001', '30000-20000', '60000-99999'])('refuses the ports %s', async (rtpPorts) => {
  await expect(open({ rtpPorts })).rejects.toThrow(/^rtpPorts:/);
});

it.each([
  [{ key: '' }, 'rejected'],
  [{ key: '#' }, 'rejected'],
  [{ key: '12345' }, 'rejected'],
  [{ code: 'abcd' }, 'rejected'],
  [{ code: '' }, 'rejected'],
])('calls nobody with %j', async (change, is) => {
  expect(await (await open()).call({ ...sampleCall, ...change })).toMatchObject({ is });
});

it.each([
  ['486 Busy Here', 'busy'],
  ['603 Decline', 'declined'],
  ['480 Temporarily Unavailable', 'no-answer'],
  ['404 Not Found', 'rejected'],
  ['484 Address Incomplete', 'rejected'],
  ['401 Unauthorized', 'retry'],
  ['503 Service Unavailable', 'retry'],
  ['Connection timed out', 'retry'],
  ['', 'retry'],
])('takes %j for %s', (reason, is) => expect(outcomeOfRefusal(reason).is).toBe(is));

it('reads netstrings in any pieces, and nothing else', () => {
  const bytes = Buffer.from(netstring('{"a":"ä"}') + netstring('x'));
  for (let cut = 0; cut <= bytes.length; cut += 1) {
    const first = readNetstrings(bytes.subarray(0, cut));
    const second = readNetstrings(Buffer.concat([first.rest, bytes.subarray(cut)]));
    expect([...first.texts, ...second.texts]).toEqual(['{"a":"ä"}', 'x']);
  }
  expect(() => readNetstrings(Buffer.from('HTTP/1.1 200 OK'))).toThrow(/netstring/);
  expect(() => readNetstrings(Buffer.from('99999999:x'))).toThrow(/netstring/);
});

it('speaks every language in words of its own, and others in English', () => {
  expect(new Set(spokenLanguages.map((language) => phrasesFor(language).code)).size).toBe(spokenLanguages.length);
  expect(phrasesFor('de-AT')).toBe(phrasesFor('de'));
  expect(phrasesFor('xx')).toBe(phrasesFor('en'));
});

it('greets twice and then waits for longer than the key is waited for', () => {
  const track = greetingTrack(silence(3_000), 30_000);
  expect(lengthOf(track)).toBeGreaterThan(30_000);
  expect(wav(track).length).toBe(track.length + 44);
});
