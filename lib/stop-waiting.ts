import { AppError } from "@/lib/errors";
import { processWide } from "@/lib/process-wide";

const stopping = () => processWide("stopping", () => new AbortController());

/** Ends long polls and streams, so that the process can stop. */
export const stopWaiting = (): void =>
  stopping().abort(new AppError("unavailable", "the server is stopping", { retryAfterSeconds: 1 }));

/** Aborts when the process stops. The reason is the error for the client. */
export const untilStop = (): AbortSignal => stopping().signal;
