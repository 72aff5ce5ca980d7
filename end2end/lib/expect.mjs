// Assertions for journeys. `expect(value, "what it is").toBe(…)`; `until(…)` waits for a condition.
import assert from "node:assert/strict";

export function expect(actual, what) {
  const say = (text) => (what ? `${what}: ${text}` : text);
  const shown = (value) => (typeof value === "string" ? `「${value}」` : JSON.stringify(value));
  return {
    toBe: (wanted) => assert.ok(Object.is(actual, wanted), say(`${shown(actual)} is not ${shown(wanted)}`)),
    toEqual: (wanted) => assert.deepEqual(actual, wanted, what && say(`${shown(actual)} ≠ ${shown(wanted)}`)),
    toContain: (part) => assert.ok(actual?.includes?.(part), say(`${shown(actual)} has no ${shown(part)}`)),
    toMatch: (pattern) => assert.match(actual, pattern, what && say(`${shown(actual)} is not like ${pattern}`)),
    toBeTruthy: () => assert.ok(actual, say(`${shown(actual)} is not truthy`)),
  };
}

// Asks `condition` until it answers with something truthy, and gives that back.
export async function until(condition, what = "the condition", { timeout = 30_000 } = {}) {
  const limit = Date.now() + timeout;
  let last;
  while (Date.now() < limit) {
    try {
      const answer = await condition();
      if (answer) return answer;
      last = undefined;
    } catch (error) {
      last = error;
    }
    await new Promise((next) => setTimeout(next, 50));
  }
  throw new Error(`${what} did not come true within ${timeout / 1000} s${last ? `: ${last.message}` : ""}`);
}
