import { AppError } from "@/lib/errors";
import type { SyncReason } from "./run-reasons";

/** A sync that cannot be completed, for a reason other than one answer of DingTalk. Nothing was written. */
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

/** Stops work on a run that is no longer this worker's. The receiver must write nothing. */
export class RunIsOver extends Error {
  override readonly name = "RunIsOver";

  constructor() {
    super("the run is over");
  }
}
