// Waits for something that no event tells of.

const POLL_MS = 30;
const LIMIT_MS = 20_000;

/** Looks again and again until `look()` gives something truthy, and resolves to it. */
export async function eventually(what, look) {
  const deadline = Date.now() + LIMIT_MS;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > deadline) throw new Error(`${what} did not happen within ${LIMIT_MS} ms`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
