// Waiting for what a page will say, instead of asking once whether it says so already: one thing may be drawn a moment
// after another, and on a loaded machine that moment is long.
import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';

const patienceMs = 45_000;
const everyMs = 50;

async function until(holds, complaint) {
  const end = Date.now() + patienceMs;
  for (;;) {
    if (await holds()) return;
    if (Date.now() > end) assert.fail(await complaint());
    await pause(everyMs);
  }
}

// So many elements, attached, seen or not.
export async function counted(locator, wanted, why = String(locator)) {
  let found;
  await until(
    async () => (found = await locator.count()) === wanted,
    () => `${why}: ${found} instead of ${wanted}`,
  );
}

// The text of one element, as it is shown.
export async function told(locator, wanted) {
  let found;
  await until(
    async () => wanted.test((found = await locator.innerText())),
    () => `${locator}: "${found}" does not match ${wanted}`,
  );
}

// Presses a key until something is seen. A plot is drawn after it is there, and fresh rows take its cursor away.
export async function pressUntil(host, key, seen) {
  await until(
    async () => {
      await host.press(key);
      return seen.isVisible();
    },
    () => `${key} does not bring ${seen}`,
  );
}
