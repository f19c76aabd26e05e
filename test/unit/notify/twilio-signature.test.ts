/** Signatures of what Twilio calls back, held against Twilio's own package. */
import fc from 'fast-check';
import twilio from 'twilio';
import { describe, expect, it } from 'vitest';
import { isSigned, twilioSignature } from '../../../src/notify/twilio/signature.ts';

const TOKEN = '12345';
/** The example of Twilio's documentation. */
const documented = {
  url: 'https://example.com/myapp.php?foo=1&bar=2',
  fields: {
    CallSid: 'CA1234567890ABCDE',
    Caller: '+14158675310',
    Digits: '1234',
    From: '+14158675310',
    To: '+18005551212',
  },
  signature: 'L/OH5YylLD5NRKLltdqwSvS0BnU=',
};

const fields = fc.dictionary(
  fc.string({ unit: 'grapheme', minLength: 1 }).filter((name) => name !== '__proto__'),
  fc.oneof(fc.string({ unit: 'grapheme' }), fc.array(fc.string(), { minLength: 2, maxLength: 4 })),
);

describe('signatures of Twilio', () => {
  it('are those of the documentation', () => {
    const { url, fields: given, signature } = documented;
    expect(twilioSignature(TOKEN, url, given)).toBe(signature);
    expect(isSigned(TOKEN, url, given, signature)).toBe(true);
  });

  it('are those of the official package, whatever the form holds', () => {
    fc.assert(
      fc.property(fields, (given) => {
        const url = 'https://keys.north.example/webhooks/twilio/status/x1?step=key';
        const signature = twilio.getExpectedTwilioSignature(TOKEN, url, given);
        expect(twilioSignature(TOKEN, url, given)).toBe(signature);
        expect(isSigned(TOKEN, url, given, signature)).toBe(twilio.validateRequest(TOKEN, signature, url, given));
      }),
    );
  });

  it.each([
    ['https://keys.example:8443/a', 'https://keys.example/a'],
    ['https://keys.example/a', 'https://keys.example:443/a'],
    ['http://localhost:8080/a', 'http://localhost:8080/a'],
  ])('for %s may be made over %s, as the official package allows', (ours, theirs) => {
    const signature = twilio.getExpectedTwilioSignature(TOKEN, theirs, {});
    expect(twilio.validateRequest(TOKEN, signature, ours, {})).toBe(true);
    expect(isSigned(TOKEN, ours, {}, signature)).toBe(true);
  });

  it.each<[string, Partial<typeof documented & { token: string }>]>([
    ['another token', { token: '12346' }],
    ['another host', { url: 'https://example.org/myapp.php?foo=1&bar=2' }],
    ['another query', { url: 'https://example.com/myapp.php?foo=1&bar=3' }],
    ['another field', { fields: { ...documented.fields, Digits: '1235' } }],
    ['no signature', { signature: '' }],
    ['a longer signature', { signature: `${documented.signature}=` }],
  ])('are not accepted with %s', (_, change) => {
    const { url, fields: given, signature, token = TOKEN } = { ...documented, ...change };
    expect(isSigned(token, url, given, signature)).toBe(false);
  });
});
