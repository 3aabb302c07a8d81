import { describe, expect, test } from "vitest";
import { z } from "zod";
import { defineContract } from "@/lib/api/contract";
import { createKey } from "@/lib/api-keys/create-key";
import { createKeyInput } from "@/lib/api-keys/schema";
import { grant } from "@/lib/auth/actor";
import { DingtalkError } from "@/lib/dingtalk/errors";
import { asAdmin } from "@/lib/directory/tree/test-support/make-directory";
import { readMetrics } from "@/lib/metrics/queries";
import { ADDRESS_HEADER } from "@/lib/request/internal-headers";
import { countConnectionsOf } from "@/lib/testing/connections";
import { makeApp, makeOrganization } from "@/lib/testing/factories";
import { defineRoute } from "./define-route";

const contract = defineContract({
  operation: "test",
  method: "POST",
  path: "/apps/{appId}/test",
  scope: "apps:manage",
  params: z.strictObject({ appId: z.uuid() }),
  query: z.strictObject({ limit: z.coerce.number().optional() }),
  body: z.strictObject({ name: z.string().optional() }),
  answer: { status: 201, schema: z.object({ appId: z.string(), name: z.string() }) },
});

const route = defineRoute(contract, async ({ params: { appId }, body }) => ({
  appId,
  name: body.name ?? "–",
}));

type Organization = Awaited<ReturnType<typeof makeOrganization>>;

const APP = "0199d4c1-0000-7000-8000-000000000001";
let addresses = 0;

async function makeTestKey(more: object = {}, organization?: Organization): Promise<string> {
  const { owner } = organization ?? (await makeOrganization());
  const input = createKeyInput.parse({ name: "erp", scopes: "apps:manage", ...more });
  const made = await createKey(grant(owner, "key.manage"), input);
  if (!made.ok) throw new Error(made.error.code);
  return made.value.key.reveal();
}

type Sent = {
  /** The path as the client spells it. Default: the path of the contract. */
  path?: string;
  key?: string;
  body?: string | Buffer<ArrayBuffer>;
  query?: string;
  headers?: Record<string, string>;
  appId?: string;
};

async function send(
  { path, key, body = "{}", query = "", headers = {}, appId = APP }: Sent,
  to: typeof route = route,
) {
  const written = path ?? `/api/v1/apps/${appId}/test`;
  const request = new Request(`http://localhost${written}${query}`, {
    method: "POST",
    body,
    headers: {
      "content-type": "application/json",
      [ADDRESS_HEADER]: `203.0.113.${++addresses}`,
      ...(key !== undefined && { authorization: `Bearer ${key}` }),
      ...headers,
    },
  });
  const response = await to(request, { params: Promise.resolve({ appId }) });
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as Record<string, unknown>,
  };
}

describe("routes of the machine API", () => {
  test("answers an authorized key and forbids shared caches", async () => {
    const { status, headers, body } = await send({ key: await makeTestKey(), body: '{"name":"x"}' });
    expect({ status, body }).toEqual({ status: 201, body: { appId: APP, name: "x" } });
    expect(headers.get("cache-control")).toBe("no-store");
    expect(headers.get("vary")).toContain("authorization");
    expect(headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
  });

  test("refuses an invalid request with a problem that names the field", async () => {
    const key = await makeTestKey();
    const cases: [Sent, number, string][] = [
      [{}, 401, "unauthenticated"],
      [{ key: "dk_wrong" }, 401, "unauthenticated"],
      [{ key: await makeTestKey({ scopes: "apps:read" }) }, 403, "forbidden"],
      [{ key, appId: "no-id" }, 404, "not_found"],
      [{ key, body: "{" }, 400, "malformed"],
      [{ key, body: String.raw`{"name":"a\u0000"}` }, 422, "invalid_input"],
      [{ key, body: String.raw`{"name":"a\ud800"}` }, 422, "invalid_input"],
      [{ key, body: Buffer.from('{"name":"\xff"}', "latin1") }, 400, "malformed"],
      [{ key, query: "?name=%00" }, 422, "invalid_input"],
      [{ key, query: "?name=%ed%a0%80" }, 422, "invalid_input"],
      [{ key, body: '{"nme":1}' }, 422, "invalid_input"],
      [{ key, query: "?limt=1" }, 422, "invalid_input"],
      [{ key, query: "?limit=1&limit=2" }, 422, "invalid_input"],
      [{ key, body: JSON.stringify({ name: "x".repeat(300_000) }) }, 413, "too_large"],
      [{ key, headers: { "content-type": "text/plain" } }, 415, "wrong_content_type"],
      [{ key, headers: { "idempotency-key": "ü" } }, 422, "invalid_input"],
    ];
    for (const [sent, status, code] of cases) {
      const answer = await send(sent);
      expect({ status: answer.status, code: answer.body.code }, code).toEqual({ status, code });
      expect(answer.headers.get("content-type")).toBe("application/problem+json");
      expect(answer.body.requestId).toBe(answer.headers.get("x-request-id"));
      expect(typeof answer.body.title).toBe("string");
    }
    const { body } = await send({ key, body: '{"name":7}' });
    expect(body.errors).toEqual([{ path: "body.name", message: expect.any(String) }]);
  });

  test("answers for an app that is not on the key's list like for an unknown app", async () => {
    const organization = await makeOrganization();
    const { appId } = await makeApp({ appKey: "k", appSecret: "s" }, organization);
    const made = await createKey(
      grant(organization.owner, "key.manage"),
      createKeyInput.parse({ name: "erp", scopes: "apps:manage", apps: appId }),
    );
    const key = made.ok ? made.value.key.reveal() : "";
    expect((await send({ key, appId })).status).toBe(201);
    expect(await send({ key, appId: APP })).toMatchObject({ status: 404, body: { code: "not_found" } });
  });

  test("accepts an AppKey instead of the app's id if the API key may use the app", async () => {
    const organization = await makeOrganization();
    const first = await makeApp({ appKey: "dingroutes00000001", appSecret: "s" }, organization);
    await makeApp({ appKey: "dingroutes00000002", appSecret: "s" }, organization);
    await makeApp({ appKey: "dingroutes00000003", appSecret: "s" });
    const made = await createKey(
      grant(organization.owner, "key.manage"),
      createKeyInput.parse({ name: "erp", scopes: "apps:manage", apps: first.appId }),
    );
    const key = made.ok ? made.value.key.reveal() : "";
    const by = async (appKey: string) => {
      const { status, body } = await send({ key, appId: appKey });
      return { status, appId: body.appId ?? body.code };
    };

    expect(await by("dingroutes00000001")).toEqual({ status: 201, appId: first.appId });
    for (const other of ["dingroutes00000002", "dingroutes00000003", "dingnowhere", "ding'; --", "%00"])
      expect(await by(other), other).toEqual({ status: 404, appId: "not_found" });
    await expect.poll(() => countConnectionsOf(() => by("dingroutes00000001"))).toBe(0);
  });

  test("refuses an AppKey that two apps share", async () => {
    const organization = await makeOrganization();
    // A third-party app has one SuiteKey for every company that authorized it.
    for (const corpId of ["dingtwin1", "dingtwin2"]) {
      const { appId } = await makeApp({ appKey: corpId, appSecret: "s" }, organization);
      await asAdmin((client) =>
        client.query(
          "UPDATE dingtalk_app SET kind = 'isv', app_key = 'suitetwin0000001', corp_id = $2 WHERE id = $1",
          [appId, corpId],
        ),
      );
    }
    const made = await createKey(
      grant(organization.owner, "key.manage"),
      createKeyInput.parse({ name: "erp", scopes: "apps:manage" }),
    );
    const key = made.ok ? made.value.key.reveal() : "";

    expect(await send({ key, appId: "suitetwin0000001" })).toMatchObject({
      status: 422,
      body: { code: "invalid_input", detail: "appId" },
    });
  });

  test("returns DingTalk's error code and request id with a remedy, in the caller's language", async () => {
    const failing = defineRoute(contract, () =>
      Promise.reject(
        new DingtalkError({
          kind: "department_out_of_scope",
          api: "topapi/v2/department/get",
          upstream: { host: "oapi.example.test", code: "50004", message: "不在授权范围", requestId: "r1" },
        }),
      ),
    );
    const key = await makeTestKey();
    const zh = await send({ key, headers: { "accept-language": "zh-CN" } }, failing);
    expect(zh.body).toMatchObject({
      status: 502,
      code: "upstream_failed",
      title: "调用钉钉接口失败",
      dingtalk: { code: "50004", subCode: null, message: "不在授权范围", requestId: "r1" },
      hint: expect.stringContaining("授权范围"),
    });
    const en = await send({ key, headers: { "accept-language": "en" } }, failing);
    expect(en.body.hint).toContain("widen the scope");
    const silent = defineRoute(contract, () =>
      Promise.reject(new DingtalkError({ kind: "timeout", api: "gettoken", upstream: { host: "h" } })),
    );
    expect((await send({ key }, silent)).body.dingtalk).toMatchObject({
      message: expect.stringMatching(/[a-z]{3}/),
    });
  });

  test("returns 500 without details for an unexpected error", async () => {
    const failing = defineRoute(contract, () => Promise.reject(new Error("secret thing")));
    const { status, body } = await send({ key: await makeTestKey() }, failing);
    expect({ status, code: body.code }).toEqual({ status: 500, code: "internal" });
    expect(JSON.stringify(body)).not.toContain("secret thing");
  });

  test("S20 counts requests by operation and status class, and does not time long polls", async () => {
    const key = await makeTestKey();
    const name = `counted-${crypto.randomUUID()}`;
    const counted = defineRoute({ ...contract, operation: name }, async () => ({ appId: APP, name: "x" }));
    for (const sent of [{ key }, { key, body: "{" }, { key, appId: "no-id" }, { key, query: "?wait=30" }])
      await send(sent, counted);
    const { text } = await readMetrics();
    const said = text.split("\n").filter((line) => line.includes(name) && !line.includes("_bucket"));
    expect(said).toEqual([
      `dingkeep_requests_total{route="${name}",status="2xx"} 1`,
      `dingkeep_requests_total{route="${name}",status="4xx"} 3`,
      expect.stringMatching(/^dingkeep_request_seconds_sum/),
      `dingkeep_request_seconds_count{route="${name}"} 3`,
    ]);
    expect(text).not.toContain(APP);
  });

  test("runs a request once for an Idempotency-Key", async () => {
    let made = 0;
    const counting = defineRoute(contract, async () => ({ appId: APP, name: String(++made) }));
    const key = await makeTestKey();
    const sent = { key, headers: { "idempotency-key": "k1" } };
    expect((await send(sent, counting)).body.name).toBe("1");
    expect((await send(sent, counting)).body.name).toBe("1");
    expect((await send({ ...sent, body: '{"name":"y"}' }, counting)).body.code).toBe("repeated_differently");
    expect((await send({ ...sent, query: "?limit=5" }, counting)).body.code).toBe("repeated_differently");
    expect(made).toBe(1);
  });

  test("runs a request once for an Idempotency-Key when the path is spelled differently", async () => {
    let made = 0;
    const counting = defineRoute(
      {
        ...contract,
        query: z.strictObject({
          limit: z.coerce.number().default(10),
          dry: z.enum(["yes", "no"]).optional(),
        }),
      },
      async () => ({ appId: APP, name: String(++made) }),
    );
    const organization = await makeOrganization();
    const { appId } = await makeApp({ appKey: "ding-key", appSecret: "s" }, organization);
    const key = await makeTestKey({}, organization);
    const sent = { key, headers: { "idempotency-key": "k1" }, appId, query: "?limit=10&dry=no" };
    expect((await send(sent, counting)).body.name).toBe("1");
    const spellings: Partial<Sent>[] = [
      { path: `/api/v1/apps/${appId}/test/` },
      { path: `//api/v1//apps/${appId}//test` },
      { path: `/api/v1/apps/${appId}/%74est` },
      { path: `/API/v1/apps/${appId}/test` },
      { appId: "ding-key" },
      { query: "?dry=no&limit=10" },
      { query: "?dry=no" },
      { query: "?dry=%6e%6F&limit=10&" },
    ];
    for (const spelling of spellings) {
      const repeated = await send({ ...sent, ...spelling }, counting);
      expect(
        {
          status: repeated.status,
          name: repeated.body.name,
          replayed: repeated.headers.get("idempotency-replayed"),
        },
        JSON.stringify(spelling),
      ).toEqual({ status: 201, name: "1", replayed: "true" });
    }
    expect((await send({ ...sent, query: "?dry=yes" }, counting)).body.code).toBe("repeated_differently");
    expect(made).toBe(1);
  });

  test("runs a request with one Idempotency-Key once per app", async () => {
    let made = 0;
    const counting = defineRoute(contract, async () => ({ appId: APP, name: String(++made) }));
    const key = await makeTestKey();
    const headers = { "idempotency-key": "k1" };
    expect((await send({ key, headers }, counting)).body.name).toBe("1");
    const other = APP.replace(/1$/, "2");
    expect((await send({ key, headers, appId: other }, counting)).body.name).toBe("2");
  });
});
