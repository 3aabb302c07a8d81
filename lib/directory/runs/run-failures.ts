import { AppError } from "@/lib/errors";
import type { SyncReason } from "./run-reasons";

/** A sync that cannot be done, for a reason that is no single answer of DingTalk's. Nothing was written. */
export class SyncFailure extends AppError {
  override readonly name = "SyncFailure";
  readonly reason: SyncReason;

  constructor(reason: SyncReason) {
    super("conflict", `a sync failed: ${reason.kind}`);
    this.reason = reason;
  }
}

/** Stops a run whose turn is over. The run continues in a later turn, from its checkpoint. */
export class TurnIsOver extends Error {
  override readonly name = "TurnIsOver";

  constructor() {
    super("the turn of a run is over");
  }
}

/**
 * The run is not this worker's any more: it was cancelled, its app was deleted, or another worker took it
 * over. Whoever gets this has nothing left to do, and must write nothing.
 */
export class RunIsOver extends Error {
  override readonly name = "RunIsOver";

  constructor() {
    super("the run is over");
  }
}
