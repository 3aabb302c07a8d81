import { AppError } from "./errors";
import { processWide } from "./process-wide";

const stopping = () => processWide("stopping", () => new AbortController());

/** Ends what waits for a long time, so that the process can stop. */
export const stopWaiting = (): void =>
  stopping().abort(new AppError("unavailable", "this server stops", { retryAfterSeconds: 1 }));

/** Aborts when the process stops, with what to answer. */
export const untilStop = (): AbortSignal => stopping().signal;
