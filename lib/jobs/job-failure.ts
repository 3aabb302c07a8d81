import { DingtalkError } from "@/lib/dingtalk/errors";
import { AppError } from "@/lib/errors";

const ERROR_NAME = /^[A-Za-z]{1,40}$/;
/** SQLSTATE, Prisma's and Node's codes. */
const ERROR_CODE = /^(?:[0-9A-Z]{5}|P\d{4}|E[A-Z]{2,20})$/;

/**
 * What pg-boss stores of a failure: it keeps all that hangs on an error, in a schema outside row security,
 * so this has nothing but words from our own lists (S18). The whole of it is in the log.
 */
export class JobFailure extends Error {
  override readonly name = "JobFailure";

  constructor(error: unknown) {
    super(wordsFor(error));
    // It repeats the message, and names files.
    Object.defineProperty(this, "stack", { value: undefined });
  }
}

function wordsFor(error: unknown): string {
  if (error instanceof DingtalkError) return `DingtalkError ${error.kind}`;
  if (error instanceof AppError) return `AppError ${error.code}`;
  if (!(error instanceof Error)) return "unknown";
  const code: unknown = Reflect.get(error, "code");
  const name = ERROR_NAME.test(error.name) ? error.name : "Error";
  return typeof code === "string" && ERROR_CODE.test(code) ? `${name} ${code}` : name;
}
