/**
 * What an operator has to write, word for word, before questions count as a gate: it names what they take on (standards: N-07,
 * O-08, C-01). docs/adr/0008-questions-count-only-when-accepted.md says why it is a sentence and no switch.
 */
export const ACKNOWLEDGEMENT =
  'We know that NIST SP 800-63B-4 (3.1.1.2 and 4.2.1) accepts no security questions, that ASVS 6.4.2 forbids them and that OWASP wants them never to decide alone: answers are guessed, looked up and phished. We count them as one gate all the same.';
