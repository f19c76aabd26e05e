/** Adds "Show" to password inputs. Who can look at what they type needs no second field, so that one goes. */
export {};

for (const frame of document.querySelectorAll<HTMLElement>('.peek')) {
  const input = frame.querySelector('input');
  if (!input) continue;
  const button = document.createElement('button');
  button.type = 'button';
  const label = document.querySelector<HTMLLabelElement>(`label[for="${input.id}"]`)?.textContent ?? '';
  const turn = (shown: boolean): void => {
    input.type = shown ? 'text' : 'password';
    const word = (shown ? frame.dataset['hide'] : frame.dataset['show']) ?? '';
    button.textContent = word;
    button.setAttribute('aria-label', `${word}: ${label}`);
  };
  // A suggestion comes readable.
  turn(input.type === 'text');
  button.addEventListener('click', () => turn(input.type === 'password'));
  // Posted as a password again, so that browsers offer to save it and never remember it as plain text.
  input.form?.addEventListener('submit', () => turn(false));
  frame.append(button);
}
for (const second of document.querySelectorAll('[data-repeats]')) second.remove();
