import { type ReadOptions, readDirectory } from "../read-directory";
import type { FakeDirectory } from "./fake-directory";
import type { MemoryCheckpoint } from "./memory-checkpoint";

export type Stored = Record<string, string | null>;

/** Reads a fake directory, by default without members, details and exclusions. */
export const readFake = (fake: FakeDirectory, stored: Stored = {}, options: Partial<ReadOptions> = {}) =>
  readDirectory(fake.calls, {
    departmentsMax: 1_000,
    membersMax: 1_000,
    onProgress: () => {},
    include: [],
    exclude: new Set(),
    wantsDetails: null,
    checkpoint: null,
    loadStored: async () => new Map(Object.entries(stored)),
    retry: { sleep: async (_, signal) => signal.throwIfAborted() },
    signal: new AbortController().signal,
    ...options,
  });

/** The options of a read with members. */
export const withMembers = (
  memory: MemoryCheckpoint,
  storedMembers: readonly string[] = [],
): Partial<ReadOptions> => ({
  checkpoint: {
    ...memory.checkpoint,
    findMissingMembers: async () => storedMembers.filter((userId) => !memory.isMet(userId)),
  },
});
