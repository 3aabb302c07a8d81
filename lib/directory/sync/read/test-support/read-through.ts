import { expect } from "vitest";
import type { Checkpoint } from "../checkpoint";
import type { ReadDirectory } from "../read-directory";
import type { FakeDirectory } from "./fake-directory";

export type Attempt = {
  readonly fake: FakeDirectory;
  /** `kill` loses what has not come to stay; `checkpoint` is the next worker's then. */
  readonly store: { readonly checkpoint: Checkpoint; kill(): void };
  readonly read: (checkpoint: Checkpoint) => Promise<ReadDirectory>;
};

export type Course = {
  /** After how many calls each worker is killed; the one after the last of them is left alone. */
  readonly kills: readonly number[];
  /** Told before each answer how many calls there were. */
  readonly turn: (calls: number) => unknown;
};

/** Reads until nobody is killed any more: each worker goes on where the one before was. */
export async function readThrough({ fake, store, read }: Attempt, { kills, turn }: Course) {
  let calls = 0;
  for (const after of [...kills, Number.POSITIVE_INFINITY]) {
    const { checkpoint } = store;
    let made = 0;
    const put = await checkpoint.load();
    const from = fake.asked.length;
    fake.before = async () => {
      await turn((calls += 1));
      // What lies in the memory of a worker that is killed is lost; now and then it is written
      if (calls % 3 === 0) await checkpoint.flush();
      if ((made += 1) > after) throw new Error("killed");
    };
    const outcome = await read(checkpoint).catch((error: Error) => error.message);
    const asked = new Set(fake.asked.slice(from));
    if (typeof outcome !== "string") return { result: outcome, put, asked };
    expect(outcome).toBe("killed");
    store.kill();
  }
  throw new Error("the last attempt is not killed");
}
