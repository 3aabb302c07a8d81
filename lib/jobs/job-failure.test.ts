import { describe, expect, test } from "vitest";
import { DingtalkError } from "@/lib/dingtalk/errors";
import { AppError } from "@/lib/errors";
import { JobFailure } from "./job-failure";

const SECRET = "MARKED-SECRET";
const marked = (error: Error) => Object.assign(error, { detail: SECRET, config: { appSecret: SECRET } });

describe("JobFailure", () => {
  test.each([
    [
      "a DingtalkError",
      new DingtalkError({ kind: "timeout", api: "gettoken", upstream: { host: SECRET, message: SECRET } }),
      "DingtalkError timeout",
    ],
    ["an AppError", new AppError("not_found", SECRET, { cause: new Error(SECRET) }), "AppError not_found"],
    ["a database error", Object.assign(new Error(SECRET), { code: "23505" }), "Error 23505"],
    ["a TypeError", new TypeError(SECRET), "TypeError"],
    ["an error with an unknown name", Object.assign(new Error(SECRET), { name: SECRET }), "Error"],
    ["an error with an unknown code", Object.assign(new Error(SECRET), { code: SECRET }), "Error"],
  ])("describes the failure %s only with words from fixed lists", (_, error, words) => {
    const failure = new JobFailure(marked(error));
    const everything = Object.getOwnPropertyNames(failure).map((name) => String(Reflect.get(failure, name)));

    expect(failure.message).toBe(words);
    expect(everything.join()).not.toContain(SECRET);
  });

  test("stores one word for a thrown value that is no error", () => {
    expect(new JobFailure(SECRET).message).toBe("unknown");
  });
});
