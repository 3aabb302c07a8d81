import { describe, expect, test } from "vitest";
import { isReading } from "./reading-paths";
import { readTarget } from "./target";

const isReadingGet = (path: string) => isReading("GET", readTarget(`/dingtalk/${path}`));

describe("a GET with a key that may only read", () => {
  test.each([
    "user/delete",
    "user/delete/",
    "User/DELETE",
    "user/delete/x",
    "user/delete;x",
    "user;x/delete",
    "user/delete%20",
    "user/%20delete",
    "user/delete.json",
    "user/delete%3Fx",
    "user/del%E2%80%8Bete",
    "user/delete%EF%BB%BF",
    "user/%EF%BD%84elete",
    "cspace/add_to_single_chat",
    "V1.0/contact/users",
  ])("does not pass on the older host as %s", (path) => {
    expect(isReadingGet(path)).toBe(false);
  });

  test.each(["user/get", "user/get/", "attendance/list-x", "v1.0/contact/users/a.b", "v1.0/x/%E4%B8%80"])(
    "passes as %s",
    (path) => {
      expect(isReadingGet(path)).toBe(true);
    },
  );
});
