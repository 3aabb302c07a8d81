import type { Problem } from "./api.js";

/** Dingkeep answered, and said no: `code` is the one thing to branch on. */
export class DingkeepError extends Error {
  override readonly name = "DingkeepError";
  readonly status: number;
  readonly code: Problem["code"];
  /** What Dingkeep's log has it under. */
  readonly requestId: string;
  /** Seconds until it is worth trying again, where Dingkeep said so. */
  readonly retryAfterSeconds: number | null;
  /** All of what was said (RFC 9457); with DingTalk's own words where it was DingTalk's failure. */
  readonly problem: Problem;

  constructor(problem: Problem, retryAfter: string | null) {
    super(`${problem.status} ${problem.code}: ${problem.title}`);
    this.status = problem.status;
    this.code = problem.code;
    this.requestId = problem.requestId;
    this.retryAfterSeconds = retryAfter === null ? null : Number(retryAfter);
    this.problem = problem;
  }
}

/** @throws {Error} for an answer that isn't Dingkeep's, such as a proxy's page */
export async function toError(response: Response): Promise<Error> {
  const isProblem = response.headers.get("content-type")?.startsWith("application/problem+json");
  if (!isProblem) return new Error(`${response.status} from something that isn't Dingkeep`);
  return new DingkeepError((await response.json()) as Problem, response.headers.get("retry-after"));
}
