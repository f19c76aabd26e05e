/** Counts the seconds of an app's codes down, and shows the next codes unless something is being typed. */
export {};

const counters = [...document.querySelectorAll<HTMLElement>('[data-left]')];
const until = Date.now() + Number(counters[0]?.dataset['left'] ?? 0) * 1_000;

const tick = (): void => {
  const left = Math.max(0, Math.ceil((until - Date.now()) / 1_000));
  for (const counter of counters) counter.textContent = (counter.textContent ?? '').replace(/\d+/, String(left));
  const typing = [...document.querySelectorAll<HTMLInputElement>('input.text')].some(({ value }) => value !== '');
  if (left > 0) setTimeout(tick, 1_000);
  else if (!typing) location.replace(location.pathname);
};
if (counters.length > 0) setTimeout(tick, 1_000);
