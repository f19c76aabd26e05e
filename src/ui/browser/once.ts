/** A form is sent once, however often its button is pressed; a waiting button sends nothing. */
export {};

const sent = new WeakSet<HTMLFormElement>();

document.addEventListener('submit', (event) => {
  const form = event.target;
  if (!(form instanceof HTMLFormElement)) return;
  const waiting = event.submitter?.getAttribute('aria-disabled') === 'true';
  if (sent.has(form) || waiting) {
    event.preventDefault();
    return;
  }
  sent.add(form);
  // After the browser has read the form, or the button's own value would be lost.
  setTimeout(() => event.submitter?.setAttribute('aria-disabled', 'true'));
});

addEventListener('pageshow', (event) => {
  // Back from the history cache: the page is as it was left, but its forms may be sent again.
  if (!event.persisted) return;
  for (const form of document.forms) sent.delete(form);
  for (const button of document.querySelectorAll('[aria-disabled]')) button.removeAttribute('aria-disabled');
});
