import type { Problem } from "./api.js";

/** An error answer of Dingkeep. Branch on `code`. */
export class DingkeepError extends Error {
  override readonly name = "DingkeepError";
  readonly status: number;
  readonly code: Problem["code"];
  /** Identifies the request in Dingkeep's log. */
  readonly requestId: string;
  /** Seconds to wait before a retry, if Dingkeep named them. */
  readonly retryAfterSeconds: number | null;
  /** The whole problem document (RFC 9457), with DingTalk's own error if DingTalk failed. */
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

/** @throws {Error} for an answer of another server, such as a proxy's error page */
export async function toError(response: Response): Promise<Error> {
  const isProblem = response.headers.get("content-type")?.startsWith("application/problem+json");
  if (!isProblem) return new Error(`${response.status} from a server that is not Dingkeep`);
  return new DingkeepError((await response.json()) as Problem, response.headers.get("retry-after"));
}
