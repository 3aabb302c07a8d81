import { DingtalkError } from "@/lib/dingtalk/errors";
import { AppError } from "@/lib/errors";

const ERROR_NAME = /^[A-Za-z]{1,40}$/;
const ERROR_CODE = /^(?:[0-9A-Z]{5}|P\d{4}|E[A-Z]{2,20})$/;

/** An error without tenant data (S18), because pg-boss stores all properties of an error outside row security. */
export class JobFailure extends Error {
  override readonly name = "JobFailure";

  constructor(error: unknown) {
    super(wordsFor(error));
    // The stack repeats the message and contains paths.
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
