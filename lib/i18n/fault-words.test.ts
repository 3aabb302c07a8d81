import { createTranslator } from "next-intl";
import { describe, expect, test } from "vitest";
import { DINGTALK_ERROR_KINDS, DINGTALK_THROTTLE_SCOPES } from "@/lib/dingtalk/error-kinds";
import { DingtalkError, type DingtalkErrorInit } from "@/lib/dingtalk/errors";
import { toFault } from "@/lib/dingtalk-apps/schema";
import en from "@/messages/en.json";
import zh from "@/messages/zh-CN.json";
import { type FaultTranslator, faultWords } from "./fault-words";

const translators = [
  createTranslator({ locale: "zh-CN", messages: zh, namespace: "fault" }),
  createTranslator({ locale: "en", messages: en, namespace: "fault" }),
] as unknown as readonly FaultTranslator[];

type Given = Partial<Omit<DingtalkErrorInit, "upstream">> & {
  readonly upstream?: Partial<DingtalkErrorInit["upstream"]>;
};

/** Returns the fault as it is stored and read again. */
function stored({ kind = "unknown_code", api = "topapi/v2/department/listsub", upstream, ...rest }: Given) {
  const error = new DingtalkError({
    kind,
    api,
    upstream: { host: "oapi.dingtalk.com", ...upstream },
    ...rest,
  });
  const fault = toFault(JSON.parse(JSON.stringify(error)));
  if (!fault) throw new Error("not a fault");
  return fault;
}

/** Returns the Chinese and the English text, with `_` for thin spaces. */
const said = (given: Given) =>
  translators.map((t) => {
    const { title, body } = faultWords(t, stored(given));
    return { title: title.replaceAll("\u2009", "_"), body: body.replaceAll("\u2009", "_") };
  });
const titles = (given: Given) => said(given).map(({ title }) => title);
const stepsOf = (given: Given) =>
  faultWords(translators[0] as FaultTranslator, stored(given)).steps.map(
    ({ name, place }) => `${name} ${place}`,
  );

describe("words for a throttle", () => {
  const SLOWED = ["调用过快，已自动放慢", "Too many calls, slowed down automatically"];
  const BUSY = ["钉钉接口繁忙", "DingTalk's API is busy"];
  const THROTTLED = ["被钉钉限流", "Throttled by DingTalk"];
  const TITLES = {
    app_api_second: SLOWED,
    own_limiter: SLOWED,
    api: BUSY,
    ip_corps: ["同一_IP_服务的企业过多", "Too many organizations from one IP"],
  };

  test.each(DINGTALK_THROTTLE_SCOPES)("has a title for a throttle of the scope %s", (throttleScope) => {
    const wanted = (TITLES as Partial<Record<string, string[]>>)[throttleScope] ?? THROTTLED;
    expect(titles({ kind: "throttled", throttleScope })).toEqual(wanted);
  });

  test("names the throttled party, with different words for each scope", () => {
    const bodies = DINGTALK_THROTTLE_SCOPES.map((throttleScope) =>
      said({ kind: "throttled", throttleScope }).map(({ body }) => body),
    );
    expect(new Set(bodies.flat()).size).toBe(DINGTALK_THROTTLE_SCOPES.length * 2);
    expect(said({ kind: "throttled", throttleScope: "corp_api" })[0]?.body).toMatch(/该企业对此接口/);
  });

  test("names no party when the stored scope is missing or unknown", () => {
    const { throttleScope: _, ...old } = stored({ kind: "throttled", throttleScope: "corp" });
    for (const description of [old, { ...old, throttleScope: "galaxy" }]) {
      const fault = toFault(description);
      expect(fault && translators.map((t) => faultWords(t, fault).title)).toEqual(THROTTLED);
    }
  });
});

describe("words for a missing permission", () => {
  const missing = (requiredScopes: string[], api = "topapi/v2/department/listsub") =>
    ({ kind: "missing_permission", api, upstream: { requiredScopes } }) as const;

  test("shows DingTalk's Chinese name of a permission, followed by the code in English", () => {
    const wanted = [
      "缺少接口权限「通讯录部门信息读权限」",
      "Missing permission “通讯录部门信息读权限 (qyapi_get_department_list)”",
    ];
    expect(titles(missing(["qyapi_get_department_list"]))).toEqual(wanted);
    // DingTalk named none, so the permission is the one that the call needs
    expect(titles(missing([]))).toEqual(wanted);
  });

  test("shows a permission as its code when its name is unknown", () => {
    for (const code of ["Contact.User.Read", "constructor", "__proto__"]) {
      expect(titles(missing([code]))).toEqual([`缺少接口权限「${code}」`, `Missing permission “${code}”`]);
    }
  });

  test("lists all missing permissions, and all codes can be copied", () => {
    const given = missing(["qyapi_get_member", "qyapi_addresslist_search"]);
    expect(titles(given)).toEqual([
      "缺少接口权限「成员信息读权限、qyapi_addresslist_search」",
      "Missing permission “成员信息读权限 (qyapi_get_member), qyapi_addresslist_search”",
    ]);
    expect(faultWords(translators[0] as FaultTranslator, stored(given)).permissions).toEqual([
      "qyapi_get_member",
      "qyapi_addresslist_search",
    ]);
  });

  test("shows the steps to apply for a permission and to release the app", () => {
    expect(stepsOf(missing([]))).toEqual(["applyPermission P2", "release P5"]);
  });
});

test("shows the steps to check the CorpId and the credentials for another organization's token", () => {
  expect(titles({ kind: "corp_mismatch" })).toEqual([
    "令牌与企业不符",
    "Token belongs to another organization",
  ]);
  expect(stepsOf({ kind: "corp_mismatch" })).toEqual(["checkCorp P0", "checkPair P1"]);
});

test("shows a refused IP address only if DingTalk named it", () => {
  const refused = (callerIp: string | null) => titles({ kind: "ip_not_allowed", upstream: { callerIp } });
  expect(refused("203.0.113.7")).toEqual([
    "服务器_IP 203.0.113.7_不在白名单",
    "Server IP 203.0.113.7 is not allowed",
  ]);
  expect(stepsOf({ kind: "ip_not_allowed", upstream: { callerIp: "203.0.113.7" } })[0]).toBe("addIp P4");
  expect(stepsOf({ kind: "ip_not_allowed" })[0]).toBe("addOurIp P4");
  expect(refused(null)).toEqual(["服务器出口_IP_不在白名单", "This server's egress IP is not allowed"]);
});

const OF_THE_SERVER = [
  "host_unresolved",
  "unreachable",
  "timeout",
  "tls_failed",
  "not_dingtalk",
  "wrong_host",
  "signature_refused",
] as const;

test.each(OF_THE_SERVER)(
  "tells a tenant what happened and whom to ask, and nothing about the server, for %s",
  (kind) => {
    const [chinese, english] = said({ kind });
    expect(chinese?.body).toMatch(/^[^。]+。请联系服务器管理员。$/);
    expect(english?.body).toMatch(/^[^.]+\. Contact the server administrator\.$/);
    expect(JSON.stringify([chinese, english])).not.toMatch(/DINGTALK_|DNS|443/);
  },
);

test("shows the start of an answer that didn't come from DingTalk", () => {
  const upstream = { status: 200, contentType: "text/html", bodyStart: "<html>Sign in" };
  expect(stored({ kind: "not_dingtalk", upstream })).toMatchObject(upstream);
});

test("shows a kind of a later version as an unknown error with its code", () => {
  const fault = { ...stored({ upstream: { code: "4711" } }), kind: "from_tomorrow" };
  expect(translators.map((t) => faultWords(t, fault).title.replaceAll("\u2009", "_"))).toEqual([
    "钉钉返回了未知错误_4711",
    "DingTalk returned unknown error 4711",
  ]);
});

test("every placeholder of every sentence has a value", () => {
  for (const kind of DINGTALK_ERROR_KINDS) {
    for (const { title, body } of said({ kind })) expect(`${title} ${body}`).not.toMatch(/[{}]|fault\./);
  }
});
