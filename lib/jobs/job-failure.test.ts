import { describe, expect, test } from "vitest";
import { DingtalkError } from "@/lib/dingtalk/errors";
import { AppError } from "@/lib/errors";
import { JobFailure } from "./job-failure";

const SECRET = "MARKED-SECRET";
const marked = (error: Error) => Object.assign(error, { detail: SECRET, config: { appSecret: SECRET } });

describe("JobFailure", () => {
  test.each([
    [
      "DingTalk's",
      new DingtalkError({ kind: "timeout", api: "gettoken", upstream: { host: SECRET, message: SECRET } }),
      "DingtalkError timeout",
    ],
    [
      "one with a name",
      new AppError("not_found", SECRET, { cause: new Error(SECRET) }),
      "AppError not_found",
    ],
    ["the database's", Object.assign(new Error(SECRET), { code: "23505" }), "Error 23505"],
    ["a bug", new TypeError(SECRET), "TypeError"],
    ["an error under a strange name", Object.assign(new Error(SECRET), { name: SECRET }), "Error"],
    ["an error with a strange code", Object.assign(new Error(SECRET), { code: SECRET }), "Error"],
  ])("%s, is words of ours only", (_, error, words) => {
    const failure = new JobFailure(marked(error));
    const everything = Object.getOwnPropertyNames(failure).map((name) => String(Reflect.get(failure, name)));

    expect(failure.message).toBe(words);
    expect(everything.join()).not.toContain(SECRET);
  });

  test("stores one word for a thrown value that is no error", () => {
    expect(new JobFailure(SECRET).message).toBe("unknown");
  });
});
