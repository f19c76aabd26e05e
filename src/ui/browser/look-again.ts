/** Looks again by itself while a new password is being set. */
export {};

const frame = document.querySelector<HTMLElement>('[data-again]');
if (frame) setTimeout(() => location.replace(frame.dataset['again'] ?? location.pathname), 2500);
