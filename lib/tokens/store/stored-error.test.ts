import { describe, expect, test } from "vitest";
import { DINGTALK_ERROR_KINDS } from "@/lib/dingtalk/error-kinds";
import { DingtalkError } from "@/lib/dingtalk/errors";
import { parseStoredError } from "./stored-error";

describe("parseStoredError", () => {
  test.each(DINGTALK_ERROR_KINDS)("restores a stored error of kind %s unchanged", (kind) => {
    const error = new DingtalkError({
      kind,
      api: "gettoken",
      upstream: {
        host: "oapi.dingtalk.com",
        code: "88",
        subCode: "90018",
        requiredScopes: ["a"],
        message: "慢",
      },
      throttleScope: "api",
      retryAfterMs: 5,
    });
    const stored: unknown = JSON.parse(JSON.stringify(error.describe()));

    expect(parseStoredError(stored)?.describe()).toEqual(error.describe());
  });

  test("returns null for a failure of a later version and for none", () => {
    expect(parseStoredError(null)).toBeNull();
    expect(parseStoredError({})).toBeNull();
    expect(
      parseStoredError({ kind: "from_the_future", api: "gettoken", host: "oapi.dingtalk.com" }),
    ).toBeNull();
  });
});
