import { afterAll, expect, test } from "vitest";
import { closeNotifications } from "@/lib/db/notifications";
import { inOrganization } from "@/lib/db/unit-of-work";
import type { DingtalkErrorKind } from "@/lib/dingtalk/error-kinds";
import { DingtalkError } from "@/lib/dingtalk/errors";
import { encodeCursor } from "@/lib/pagination/cursor";
import { makeApp } from "@/lib/testing/factories";
import { makeService } from "@/lib/testing/service";
import { GET as getOne } from "./[syncId]/route";
import { GET, POST } from "./route";

afterAll(closeNotifications);

const PAIR = { appKey: "dingsyncroutes000000", appSecret: "secret-of-sync-routes" };

async function makeSyncer() {
  const service = await makeService({ name: "erp-prod" });
  const { appId } = await makeApp(PAIR, service.organization);
  return { service, appId };
}

type Started = { readonly sync: { readonly id: string }; readonly already: boolean };

test("starts a sync with the key's name, and returns the active sync to a second request", async () => {
  const { service, appId } = await makeSyncer();
  const params = { appId };
  const first = await service.call(POST, { params, body: {} });
  expect(first).toMatchObject({
    status: 202,
    body: {
      already: false,
      sync: { number: 1, state: "queued", trigger: "manual", startedByKey: "erp-prod" },
    },
  });
  const { sync } = first.body as Started;
  expect(await service.call(POST, { params, body: {} })).toMatchObject({
    status: 202,
    body: { already: true, sync: { id: sync.id } },
  });
  expect((await service.call(GET, { params })).body).toEqual({ syncs: [sync], nextCursor: null });
  expect((await service.call(GET, { params, query: "?state=failed" })).body).toMatchObject({ syncs: [] });
  expect((await service.call(getOne, { params: { appId, syncId: sync.id } })).body).toEqual(sync);
});

test("returns a failure's reason but not the user who started the sync", async () => {
  const { service, appId } = await makeSyncer();
  const params = { appId };
  const { organizationId, owner } = service.organization;
  const { body } = await service.call(POST, { params, body: {} });
  const { sync } = body as Started;
  await inOrganization({ organizationId }, (tx) =>
    tx.syncRun.updateMany({
      where: { organizationId, id: sync.id },
      data: { state: "failed", startedBy: owner.email, error: { kind: "scope_empty" } },
    }),
  );
  const answer = await service.call(getOne, { params: { appId, syncId: sync.id } });
  expect(answer.body).toMatchObject({
    state: "failed",
    error: { kind: "scope_empty", code: null, subCode: null, message: expect.stringMatching(/\S/) },
  });
  expect(JSON.stringify(answer.body)).not.toContain(owner.email);
});

test("returns no syncs for an unknown cursor, and rejects an impossible one", async () => {
  const { service, appId } = await makeSyncer();
  const after = (cursor: string) => service.call(GET, { params: { appId }, query: `?cursor=${cursor}` });
  expect(await after(encodeCursor(2_147_483_647))).toMatchObject({
    status: 200,
    body: { syncs: [], nextCursor: null },
  });
  expect(await after(encodeCursor(2_147_483_648))).toMatchObject({
    status: 422,
    body: { code: "invalid_input" },
  });
});

test("refuses to sync a disabled app", async () => {
  const { service } = await makeSyncer();
  const { appId } = await makeApp(
    { ...PAIR, appKey: "other" },
    { ...service.organization, state: "disabled" },
  );
  expect(await service.call(POST, { params: { appId }, body: {} })).toMatchObject({
    status: 409,
    body: { code: "conflict", detail: "disabled" },
  });
});

test("S13 returns 404 for syncs of another organization or app", async () => {
  const { service, appId } = await makeSyncer();
  const { body } = await service.call(POST, { params: { appId }, body: {} });
  const { sync } = body as Started;
  const stranger = await makeService();
  const { appId: own } = await makeApp(PAIR, stranger.organization);
  for (const one of [appId, own]) {
    expect((await stranger.call(getOne, { params: { appId: one, syncId: sync.id } })).status).toBe(404);
  }
  expect((await stranger.call(GET, { params: { appId } })).status).toBe(404);
  expect((await stranger.call(POST, { params: { appId }, body: {} })).status).toBe(404);
  const { appId: second } = await makeApp({ ...PAIR, appKey: "other" }, service.organization);
  expect((await service.call(getOne, { params: { appId: second, syncId: sync.id } })).status).toBe(404);
});

test("returns DingTalk's code, sub-code and a message that is never empty", async () => {
  const { service, appId } = await makeSyncer();
  const { organizationId } = service.organization;
  const { sync } = (await service.call(POST, { params: { appId }, body: {} })).body as Started;
  const errorOf = async (error: object, locale = "en") => {
    await inOrganization({ organizationId }, (tx) =>
      tx.syncRun.updateMany({ where: { organizationId, id: sync.id }, data: { state: "failed", error } }),
    );
    const headers = { "accept-language": locale };
    return (await service.call(getOne, { params: { appId, syncId: sync.id }, headers })).body?.error;
  };
  const described = (more: object, kind: DingtalkErrorKind) =>
    new DingtalkError({ kind, api: "topapi/v2/user/list", upstream: { host: "h", ...more } }).describe();

  const wrapped = { code: "88", subCode: "90018", message: "太快" };
  expect(await errorOf(described(wrapped, "throttled"))).toEqual({ kind: "throttled", ...wrapped });
  expect(await errorOf(described({}, "timeout"))).toEqual({
    kind: "timeout",
    code: null,
    subCode: null,
    message: expect.stringMatching(/[a-z]{3}/),
  });
  expect(await errorOf(described({}, "timeout"), "zh-CN")).toMatchObject({
    message: expect.stringMatching(/[一-鿿]{3}/),
  });
  const unreadable = { kind: "members_unreadable", code: "60019", subCode: null, message: "查询失败" };
  expect(await errorOf({ ...unreadable, count: 2 })).toEqual(unreadable);
  expect(await errorOf({ kind: "departments_unreadable", count: 2 })).toMatchObject({
    code: null,
    message: expect.stringContaining("2"),
  });
});
