import { AppError } from "./errors";
import { processWide } from "./process-wide";

const stopping = () => processWide("stopping", () => new AbortController());

/** Ends long waits, so that the process can stop. */
export const stopWaiting = (): void =>
  stopping().abort(new AppError("unavailable", "this server stops", { retryAfterSeconds: 1 }));

/** Aborts when the process stops, with the error to answer with. */
export const untilStop = (): AbortSignal => stopping().signal;
