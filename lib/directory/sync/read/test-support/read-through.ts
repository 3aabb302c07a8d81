import { expect } from "vitest";
import type { Checkpoint } from "../checkpoint";
import type { ReadDirectory } from "../read-directory";
import type { FakeDirectory } from "./fake-directory";

export type Attempt = {
  readonly fake: FakeDirectory;
  /** `kill` drops what was not flushed. `checkpoint` then is the next worker's. */
  readonly store: { readonly checkpoint: Checkpoint; kill(): void };
  readonly read: (checkpoint: Checkpoint) => Promise<ReadDirectory>;
};

export type Course = {
  /** The number of calls after which each worker is killed. The worker after the last one survives. */
  readonly kills: readonly number[];
  /** Called before each answer with the number of calls. */
  readonly turn: (calls: number) => unknown;
};

/** Reads until a worker survives. Each worker resumes from the checkpoint. */
export async function readThrough({ fake, store, read }: Attempt, { kills, turn }: Course) {
  let calls = 0;
  for (const after of [...kills, Number.POSITIVE_INFINITY]) {
    const { checkpoint } = store;
    let made = 0;
    const put = await checkpoint.load();
    const from = fake.requests.length;
    fake.before = async () => {
      await turn((calls += 1));
      // A kill loses the buffer, so it is flushed at random
      if (calls % 3 === 0) await checkpoint.flush();
      if ((made += 1) > after) throw new Error("killed");
    };
    const outcome = await read(checkpoint).catch((error: Error) => error.message);
    const requests = new Set(fake.requests.slice(from));
    if (typeof outcome !== "string") return { result: outcome, put, requests };
    expect(outcome).toBe("killed");
    store.kill();
  }
  throw new Error("the last attempt is not killed");
}
