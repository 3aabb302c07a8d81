import type { JobData, QueueName } from "./queues";

/** What a job knows of itself. */
export type JobContext = {
  readonly id: string;
  /** 1 the first time; more after a failure, or after a worker that is gone. */
  readonly tries: number;
  /** Aborts when the job was given to somebody else, or the process can't wait any longer. */
  readonly signal: AbortSignal;
};

/** Does the work of a job. What it throws makes the job be tried again, as often as its queue says. */
export type JobHandler<Name extends QueueName> = (data: JobData<Name>, context: JobContext) => Promise<void>;
