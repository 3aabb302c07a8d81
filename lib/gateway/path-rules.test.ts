import { describe, expect, test } from "vitest";
import { readTarget } from "./parse-target";
import { apiOf, assertPassable, isReading } from "./path-rules";

const isReadingGet = (path: string) => isReading("GET", readTarget(`/dingtalk/${path}`));

describe("GET with a read-only key", () => {
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
  ])("refuses GET %s on the older host to a read-only key", (path) => {
    expect(isReadingGet(path)).toBe(false);
  });

  test.each(["user/get", "user/get/", "attendance/list-x", "v1.0/contact/users/a.b", "v1.0/x/%E4%B8%80"])(
    "allows GET %s to a read-only key",
    (path) => {
      expect(isReadingGet(path)).toBe(true);
    },
  );
});

describe("other methods with a read-only key", () => {
  const reads = (method: string, path: string) => isReading(method, readTarget(`/dingtalk/${path}`));

  test("a read-only key may send HEAD wherever it may send GET", () => {
    expect(reads("HEAD", "user/get")).toBe(true);
    expect(reads("HEAD", "user/delete")).toBe(false);
  });

  test.each([
    "topapi/v2/department/listsub",
    "topapi/v2/user/get/",
    "attendance/listRecord",
    "v1.0/contact/users/search",
  ])("a read-only key may POST to %s, which is read-only", (path) => {
    expect(reads("POST", path)).toBe(true);
  });

  test.each([
    "topapi/v2/department/create",
    "topapi/v2/user/get/x",
    "v1.0/contact/users",
    "TOPAPI/v2/user/get",
  ])("a read-only key may not POST to %s", (path) => {
    expect(reads("POST", path)).toBe(false);
  });

  test.each(["PUT", "PATCH", "DELETE"])("a read-only key may not send %s to any path", (method) => {
    expect(reads(method, "topapi/v2/user/get")).toBe(false);
    expect(reads(method, "v1.0/contact/users/search")).toBe(false);
  });
});

describe("apiOf", () => {
  const LONG = "a".repeat(40);

  test.each([
    ["topapi/v2/user/get", "topapi/v2/user/get"],
    ["user/get/", "user/get"],
    ["user/get123", "user/get123"],
    ["v1.0/contact/users/me/", "v1.0/contact/users/me"],
    ["v1.0/contact/users/manager123", "v1.0/contact/users/{}"],
    ["v1.0/todo/users/1a/tasks", "v1.0/todo/users/{}/tasks"],
    ["v1.0/todo/a/sub_tasks", "v1.0/todo/a/sub_tasks"],
    ["v1.0/v12.34/v2/v2x", "v1.0/v12.34/v2/{}"],
    ["v1.0/xv2/v1.x", "v1.0/{}/{}"],
    [`v1.0/${LONG}/${LONG}a`, `v1.0/${LONG}/{}`],
  ])("maps the path %s to the API %s", (path, api) => {
    expect(apiOf(readTarget(`/dingtalk/${path}`))).toBe(api);
  });
});

describe("S28 assertPassable", () => {
  test.each([
    "gettoken",
    "GetToken",
    "gettoken/",
    "gettoken;x=1",
    "gettoken.json",
    "%67ettoken",
    "v1.0/gettoken",
    "oauth2/x",
    "v2.0/oauth2",
    "v2/oauth2/accessToken",
    "v12.34/oauth2/accessToken",
    "v1.0/oauth2/accessToken",
    "v1.0/oauth2/userAccessToken",
    "v1.0/OAuth2/corpAccessToken",
    "V1.0/oauth2/accessToken",
    "v1.0/oauth2/jsapiTickets",
    "sso/gettoken",
    "sns/getuserinfo_bycode",
    "service/get_corp_token",
    "call_back/register_call_back",
    "v1.0/gateway/connections",
    "v1.0/gateway/connections/open",
    "gateway/connections/open",
    "app/registration",
    "app/registration/init",
    "get_jsapi_ticket",
  ])("refuses the path %s, which returns or needs credentials", (path) => {
    expect(() => assertPassable(readTarget(`/dingtalk/${path}`))).toThrow(
      expect.objectContaining({ code: "path_refused" }),
    );
  });

  test.each([
    "user/get",
    "topapi/v2/user/get",
    "v1.0/contact/users/me",
    "services/x",
    "v1.0/esign/service/x",
    "v1.0/gatewayX/connections",
  ])("accepts the path %s", (path) =>
    expect(() => assertPassable(readTarget(`/dingtalk/${path}`))).not.toThrow(),
  );
});
