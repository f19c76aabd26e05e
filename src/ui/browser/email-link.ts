/** The link of a mail: takes the token out of the address bar at once, then posts it, unless a person has to press the button. */
export {};

const frame = document.querySelector<HTMLElement>('[data-token-form]');
const field = frame?.querySelector<HTMLInputElement>('input[name=token]');
const token = location.hash.replace(/^#(token=)?/, '');

if (frame && field && /^[\w-]{20,200}$/.test(token)) {
  history.replaceState(null, '', location.pathname);
  field.value = token;
  frame.hidden = false;
  document.querySelector('[data-token-missing]')?.remove();
  if (frame.dataset['tokenWaits'] === undefined) field.form?.requestSubmit();
}
