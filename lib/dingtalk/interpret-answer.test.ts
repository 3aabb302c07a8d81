import { describe, expect, test } from "vitest";
import { isApiUnknown } from "./host-fallback";
import { incompleteAnswer, interpretAnswer } from "./interpret-answer";
import { contextOf, onApi, rawOf, refused } from "./test-support/answers";

describe("interpretAnswer of the older host", () => {
  test.each([0, "0"])("accepts errcode %j as a success", (errcode) => {
    expect(interpretAnswer(rawOf({ errcode, result: [] }), contextOf())).toEqual({
      ok: true,
      value: { errcode, result: [] },
    });
  });

  test("reads a refusal with status 200, whose code can be text", () => {
    const error = refused({ errcode: "40014", errmsg: "不合法的access_token", request_id: "r1" });
    expect(error).toMatchObject({ kind: "token_dead", retry: "once", code: "upstream_failed" });
    expect(error.upstream).toMatchObject({
      status: 200,
      code: "40014",
      requestId: "r1",
      message: "不合法的access_token",
    });
  });

  test("classifies errcode 88 by its sub_code", () => {
    const error = refused({
      errcode: 88,
      sub_code: "60011",
      sub_msg: "没有权限[qyapi_get_department_list]",
      errmsg: "x",
    });
    expect(error.kind).toBe("missing_permission");
    expect(error.upstream).toMatchObject({
      code: "88",
      subCode: "60011",
      message: "没有权限[qyapi_get_department_list]",
      requiredScopes: ["qyapi_get_department_list"],
    });
  });

  test("classifies 88 by a sub-code that is only in its text", () => {
    const errmsg = "ding talk error[subcode=90018,submsg=too fast]";
    expect(refused({ errcode: 88, errmsg })).toMatchObject({
      kind: "throttled",
      throttleScope: "app_api_second",
    });
  });

  test.each([{}, { sub_code: "" }, { sub_code: null }])(
    "classifies 88 with %j inside as a temporary fault",
    (inner) => {
      expect(refused({ errcode: 88, errmsg: "x", ...inner }).kind).toBe("temporary_fault");
    },
  );

  test.each(["isp.-1", "isp.top-remote-connection-timeout", "something-new", undefined])(
    "classifies 15 with the sub-code %s as a temporary fault",
    (sub_code) => {
      expect(refused({ errcode: 15, errmsg: "Remote service error", sub_code }).kind).toBe("temporary_fault");
    },
  );

  test("keeps the number and DingTalk's text of an unknown code", () => {
    const error = refused({ errcode: 60021, errmsg: "部门名称重复", request_id: "r2" });
    expect(error).toMatchObject({
      kind: "unknown_code",
      retry: "no",
      upstream: { code: "60021", message: "部门名称重复" },
    });
  });

  test("reports JSON without errcode as wrong_host", () => {
    expect(refused({ access_token: "t" }).kind).toBe("wrong_host");
    expect(refused([]).kind).toBe("wrong_host");
    expect(refused({ errcode: 0 }, { status: 302 }).kind).toBe("wrong_host");
  });
});

describe("interpretAnswer of the new host", () => {
  test.each([
    { code: "InvalidAuthentication", message: "不合法的access_token", requestid: "R-9" },
    { Code: "InvalidAuthentication", Message: "不合法的access_token", RequestId: "R-9" },
  ])("reads the refusal %j", (body) => {
    const error = refused(body, { status: 400 }, onApi);
    expect(error.kind).toBe("token_dead");
    expect(error.upstream).toMatchObject({
      status: 400,
      code: "InvalidAuthentication",
      requestId: "R-9",
      message: "不合法的access_token",
    });
  });

  test.each([
    { accessdenieddetail: { requiredScopes: ["Contact.User.Read", "qyapi_x"] } },
    { AccessDeniedDetail: { RequiredScopes: ["Contact.User.Read", "qyapi_x"] } },
  ])("returns the missing permissions from %j", (detail) => {
    const body = {
      code: "Forbidden.AccessDenied.AccessTokenPermissionDenied",
      message: "no",
      requestid: "r",
      ...detail,
    };
    const error = refused(body, { status: 403 }, onApi);
    expect(error.kind).toBe("missing_permission");
    expect(error.upstream.requiredScopes).toEqual(["Contact.User.Read", "qyapi_x"]);
  });

  test("classifies 401 without a code as a missing token", () => {
    expect(refused({ message: "no token", requestid: "r" }, { status: 401 }, onApi).kind).toBe(
      "malformed_request",
    );
  });

  test("reads the request id from a header", () => {
    const error = refused({ code: "systemError", message: "x" }, { status: 500, requestId: "H-1" }, onApi);
    expect(error).toMatchObject({ kind: "temporary_fault", upstream: { requestId: "H-1" } });
  });

  test("reports other JSON of the new host as wrong_host", () => {
    expect(refused({ timestamp: 1, status: 404, error: "Not Found" }, { status: 404 }, onApi).kind).toBe(
      "wrong_host",
    );
    expect(refused({ code: 404, message: "no route" }, { status: 404 }, onApi).kind).toBe("wrong_host");
  });

  test("distinguishes an unknown API from a refusal", () => {
    const unknown = { code: "InvalidAction.NotFound", message: "Specified api is not found", requestid: "r" };
    expect(isApiUnknown(refused(unknown, { status: 404 }, onApi))).toBe(true);
    expect(isApiUnknown(refused({ errcode: 22, errmsg: "Invalid method" }))).toBe(true);
    expect(
      isApiUnknown(refused({ code: "invalidClientIdOrSecret", message: "" }, { status: 400 }, onApi)),
    ).toBe(false);
    expect(isApiUnknown(refused({ code: "MissingappKey", message: "" }, { status: 400 }, onApi))).toBe(false);
    expect(isApiUnknown(refused("<html>404</html>", { status: 404 }, onApi))).toBe(false);
  });
});

describe("interpretAnswer of another server's answer", () => {
  test("keeps the status, the type and the first 80 characters of an HTML page", () => {
    const page = `<html>${"a".repeat(100)}`;
    const error = refused(page, { contentType: "text/html" });
    expect(error).toMatchObject({ kind: "not_dingtalk", retry: "auto" });
    expect(error.upstream).toMatchObject({
      status: 200,
      contentType: "text/html",
      bodyStart: page.slice(0, 80),
    });
  });

  test("never quotes broken JSON, which can contain names and new tokens", () => {
    const error = refused(
      '{"errcode":0,"access_token":"fresh-token-1',
      {},
      { isTokenCall: true, secrets: [] },
    );
    expect(error.kind).toBe("not_dingtalk");
    expect(JSON.stringify(error)).not.toContain("fresh-token-1");
  });

  test.each([502, 503, 504])("classifies a page with status %i as a temporary fault", (status) => {
    expect(refused("<html>Bad gateway</html>", { status }).kind).toBe("temporary_fault");
  });

  test.each([
    { status: 1111, wait: 5, source: "x5", punish: "deny", uuid: "u" },
    '<html><script>location="/_____tmd_____/punish?x5secdata=1"</script></html>',
  ])("recognizes a ban of this server's address in %j", (body) => {
    expect(refused(body)).toMatchObject({ kind: "ip_banned", retryAfterMs: 300_000, code: "rate_limited" });
  });

  test.each([
    ["q404/1111 lang=en", "<html>404: /q404/1111 was not found</html>"],
    ["%70unish/x", "<html>404: /punish/x was not found</html>"],
    ["user/get name=%E5%B0%81%E7%A6%81", "<html>封禁 was not found</html>"],
    ["user/get X5SEC", "<html>x5sec was not found</html>"],
  ])("sees no ban in a page that only quotes the request %s", (sent, page) => {
    expect(refused(page, { status: 404 }, { sent: () => sent }).kind).toBe("not_dingtalk");
  });

  test("sees a ban in a page with words of the ban that the request lacks", () => {
    const page = "<html>/q404/1111 <script>x5secdata=1</script></html>";
    expect(refused(page, {}, { sent: () => "q404/1111" }).kind).toBe("ip_banned");
  });

  test("sees no ban in a department named like the ban page", () => {
    expect(refused('{"errcode":0,"result":[{"name":"punish 1111"').kind).toBe("not_dingtalk");
  });

  test("reports too many levels or values as too_large", () => {
    expect(refused("[".repeat(100)).kind).toBe("too_large");
  });

  test("reports a number larger than a double as not_dingtalk", () => {
    expect(refused('{"errcode":0,"order":1e999}').kind).toBe("not_dingtalk");
  });

  test("names missing fields of a success without values", () => {
    const answer = { errcode: 0, result: [{ name: "财务部" }] };
    const error = incompleteAnswer("result.0.dept_id", answer, [rawOf(answer), contextOf()]);
    expect(error.kind).toBe("not_dingtalk");
    expect(error.upstream.message).toContain("result.0.dept_id");
    expect(JSON.stringify(error)).not.toContain("财务部");
    expect(incompleteAnswer("accessToken", {}, [rawOf({}), contextOf(onApi)]).kind).toBe("wrong_host");
  });
});
