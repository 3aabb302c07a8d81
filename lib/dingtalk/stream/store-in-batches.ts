import type { Answer, StreamEvent } from "./frames";

/** Stores events. Resolves once all of them are stored for good. */
export type StoreEvents = (events: readonly StreamEvent[]) => Promise<void>;

type Intake = {
  readonly store: StoreEvents;
  readonly answer: (messageId: string, answer: Answer) => void;
  /** Stops and resumes reading from the connection. */
  readonly setPaused: (paused: boolean) => void;
};

const BATCH_MAX = 100;
/** Waiting events at which reading stops, so that a burst doesn't fill the memory. */
const WAITING_MAX = 500;

export type Batches = {
  add(event: StreamEvent): void;
  /** Resolves when every added event is answered. */
  settle(): Promise<void>;
};

/**
 * Stores the events of one connection in batches, one batch at a time, and answers each event after its batch. Events
 * of a failed batch are tried one by one, so that an event that can't be stored doesn't block others.
 */
export function storeInBatches({ store, answer, setPaused }: Intake): Batches {
  const waiting: StreamEvent[] = [];
  let running: Promise<void> | null = null;

  async function storeBatch(batch: readonly StreamEvent[]): Promise<void> {
    try {
      await store(batch);
      for (const { messageId } of batch) answer(messageId, "stored");
    } catch {
      if (batch.length === 1) for (const { messageId } of batch) answer(messageId, "later");
      else for (const event of batch) await storeBatch([event]);
    }
  }

  async function run(): Promise<void> {
    while (waiting.length > 0) {
      await storeBatch(waiting.splice(0, BATCH_MAX));
      if (waiting.length < WAITING_MAX) setPaused(false);
    }
    running = null;
  }

  return {
    add(event) {
      waiting.push(event);
      if (waiting.length >= WAITING_MAX) setPaused(true);
      running ??= run();
    },
    settle: async () => {
      await running;
    },
  };
}
