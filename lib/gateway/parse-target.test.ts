import { describe, expect, test } from "vitest";
import { readTarget, urlOf } from "./parse-target";
import { TRICKS } from "./test-support/tricks";

describe("S27 readTarget and urlOf", () => {
  test.each(TRICKS)("rejects the path %j", (raw) => {
    expect(() => readTarget(raw)).toThrow(expect.objectContaining({ code: "path_malformed" }));
  });

  test.each([
    ["/dingtalk/user/get?userid=a%2Fb&x=%zz", "oapi", "user/get", "userid=a%2Fb&x=%zz"],
    ["/dingtalk/user/get/", "oapi", "user/get/", ""],
    ["/dingtalk/v1.0/contact/users/a%20b+c@d", "api", "v1.0/contact/users/a%20b%2Bc%40d", ""],
    ["/dingtalk/v2.0/x?a=1?b=2", "api", "v2.0/x", "a=1?b=2"],
    ["/dingtalk/V1.0/x", "oapi", "V1.0/x", ""],
    ["/dingtalk/v3.0/x", "oapi", "v3.0/x", ""],
    ["/dingtalk/%76%31%2e%30/x", "api", "v1.0/x", ""],
    ["/dingtalk/a:b@evil.example", "oapi", "a%3Ab%40evil.example", ""],
    ["/dingtalk/@evil.example", "oapi", "%40evil.example", ""],
    [
      "/dingtalk/部门".replace(/./gsu, (one) => Buffer.from(one).toString("latin1")),
      "oapi",
      "%E9%83%A8%E9%97%A8",
      "",
    ],
    ["/dingtalk/100%25", "oapi", "100%25", ""],
    ["/dingtalk/100%25a", "oapi", "100%25a", ""],
    ["/dingtalk/%25u12", "oapi", "%25u12", ""],
    ["/dingtalk/a;b=c", "oapi", "a%3Bb%3Dc", ""],
    ["/dingtalk/a#b", "oapi", "a%23b", ""],
  ])("reads %j as host %s, path %s", (raw, host, path, query) => {
    expect(readTarget(raw)).toEqual({ host, path, query });
    const url = urlOf({ path }, "https://dingtalk.example/prefix/");
    expect(url.href).toBe(`https://dingtalk.example/prefix/${path}`);
    expect(urlOf({ path }, "https://dingtalk.example//").href).toBe(`https://dingtalk.example/${path}`);
  });

  test("rejects a URL that would leave the host", () => {
    expect(() => urlOf({ path: "../x" }, "https://dingtalk.example")).toThrow(
      expect.objectContaining({ code: "path_malformed" }),
    );
  });
});
