import { randomInt } from "node:crypto";
import { EVERY_CONTRACT } from "@/lib/api/every-contract";
import { SCOPES } from "@/lib/auth/scopes";
import { memberState, storeHeldRun } from "@/lib/directory/apply/test-support/store-set";
import { plantPeople } from "@/lib/directory/members/test-support/plant-people";
import { plantApp, plantDepartments } from "@/lib/directory/tree/test-support/plant";
import { DingkeepClient } from "@/packages/client/src/index";
import { bodyOf, fieldsOf, queryOf, type Route, readRoutes, scopeOf } from "./support/api-document";
import { hashOfOrganization, withDatabase } from "./support/database";
import { expect, test } from "./support/fixtures";
import { makeSimulatedApp } from "./support/own-app";
import { builtRoutes } from "./support/routes";
import { plantKey, plantOrganization } from "./support/services";

// Reads the routes from the OpenAPI document, so that new routes are tested automatically.

const UNKNOWN_ID = "01890000-0000-7000-8000-000000000000";
const DAY_MS = 24 * 60 * 60_000;
const SECRET_NAME = "不给别人看的部门";

type Ids = {
  readonly appId: string;
  readonly syncId: string;
  readonly deptId: string;
  readonly userId: string;
  readonly webhookId: string;
};
type SendOptions = {
  readonly key?: string;
  readonly body?: string | null;
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>>;
};
type ApiAnswer = { readonly status: number; readonly headers: Headers; readonly text: string };

const randomAddress = () => `203.0.${randomInt(256)}.${randomInt(1, 255)}`;
const bearer = (key: string) => ({ authorization: `Bearer ${key}` });

/** Sends a request, each time from another address, because wrong keys are counted by address (S11). */
async function send(
  base: string | undefined,
  { method, path }: Route,
  ids: Ids,
  sent: SendOptions = {},
): Promise<ApiAnswer> {
  const { key, body, query = "", headers = {} } = sent;
  const filled = path.replace(/\{(\w+)\}/g, (_, name: keyof Ids) => ids[name]);
  const response = await fetch(`${base}/api/v1${filled}${query}`, {
    method,
    ...(body != null && { body }),
    headers: {
      "x-forwarded-for": randomAddress(),
      ...(body != null && { "content-type": "application/json" }),
      ...(key !== undefined && bearer(key)),
      ...headers,
    },
  });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

/** Expects a problem as in RFC 9457 that reveals no internals. */
function expectProblem(answer: ApiAnswer, status: number, what: string): void {
  expect(answer.status, `${what}: ${answer.text}`).toBe(status);
  expect(answer.headers.get("content-type"), what).toBe("application/problem+json");
  const problem = JSON.parse(answer.text) as Record<string, unknown>;
  expect(problem, what).toMatchObject({ status, code: expect.any(String), title: expect.any(String) });
  expect(problem.requestId, what).toBe(answer.headers.get("x-request-id"));
  expect(answer.headers.get("cache-control"), what).toBe("no-store");
}

/** Removes the values that differ in each answer. */
const withoutId = ({ status, text }: ApiAnswer) => [status, text.replace(/"requestId":"[^"]*"/, "")];

const nameOf = ({ method, path }: Route) => `${method} ${path}`;
const textOf = (route: Route) => (bodyOf(route) === null ? null : JSON.stringify(bodyOf(route)));

const realApp = async () => ({ kind: "internal", name: "HR", ...(await makeSimulatedApp()) });

/** Routes that need an app with a valid secret. */
const NEEDS_CREDENTIALS = new Set([
  "getToken",
  "invalidateToken",
  "getApp",
  "changeApp",
  "deleteApp",
  "signPage",
  "startSync",
]);

/** Routes that need a held sync each. */
const NEEDS_HELD_SYNC = new Set(["applySync", "rejectSync"]);

/** Makes an organization with an app, departments, a sync, a webhook and API keys. */
async function makeTenant(base: string | undefined) {
  const { setUp, ...tenant } = await plantTenant();
  const response = await fetch(`${base}/api/v1/webhooks`, {
    method: "POST",
    body: JSON.stringify({ url: "http://127.0.0.1:1/", types: ["app.broken"] }),
    headers: { ...bearer(setUp.key), "content-type": "application/json" },
  });
  const { id: webhookId } = (await response.json()) as { readonly id: string };
  // The server records the key's use later, which would look like a change that another tenant made.
  await withDatabase((client) =>
    client.query("DELETE FROM api_key WHERE organization_id = $1 AND scopes = '{webhooks:manage}'", [
      setUp.organizationId,
    ]),
  );
  return { ...tenant, ids: { ...tenant.ids, webhookId } };
}

async function plantTenant() {
  return withDatabase(async (client) => {
    const { organizationId, path } = await plantOrganization(client);
    const appId = await plantApp(client, organizationId);
    await plantDepartments(client, { organizationId, appId }, [
      { id: 1 },
      { id: 4711, parent: 1, name: SECRET_NAME },
    ]);
    await plantPeople(
      client,
      { organizationId, appId },
      { members: [{ id: "u4711", places: [{ id: 4711 }] }] },
    );
    const { rows } = await client.query<{ id: string }>(
      `INSERT INTO sync_run (organization_id, id, app_id, number, state, trigger)
       VALUES ($1, gen_random_uuid(), $2, 1, 'succeeded', 'manual') RETURNING id`,
      [organizationId, appId],
    );
    const key = (options = {}) => plantKey(client, organizationId, options);
    const withoutScope = new Map<string, string>();
    for (const scope of SCOPES) {
      withoutScope.set(scope, await key({ scopes: SCOPES.filter((one) => one !== scope) }));
    }
    const ids = { appId, syncId: rows[0]?.id ?? "", deptId: "4711", userId: "u4711" };
    const changes = [{ objectId: "new", kind: "added", after: memberState("新人") }];
    const createHeldRun = () =>
      withDatabase(async (own) => ({
        syncId: await storeHeldRun(own, { organizationId, appId }, changes),
      }));
    return {
      path,
      ids,
      createHeldRun,
      setUp: { organizationId, key: await key({ scopes: ["webhooks:manage"] }) },
      keys: {
        all: await key(),
        expired: await key({ expiresAt: new Date(Date.now() - DAY_MS) }),
        revoked: await key({ revokedAt: new Date() }),
        fromOtherNetwork: await key({ networks: ["192.0.2.1"] }),
        ofAnotherApp: await key({ apps: [UNKNOWN_ID] }),
        withoutScope,
      },
    };
  });
}

test("unknown routes and the root answer with a problem document", async ({ baseURL: base }) => {
  for (const path of ["/api/v1", "/api/v1/", "/api/v1/nothing", "/api/v1/apps/x/y/z"]) {
    const response = await fetch(base + path);
    expect(response.status, path).toBe(404);
    expect(await response.json(), path).toMatchObject({ code: "not_found" });
  }
});

test("the document contains every route", async ({ baseURL: base }) => {
  const named = (await readRoutes(base)).map(({ path }) => path);
  const served = builtRoutes()
    .filter((route) => /^\/api\/v1\/(?!openapi\.json$|docs(\/|$)|\[\[\.\.\.unknown)/.test(route))
    .map((route) => route.slice("/api/v1".length).replaceAll("[", "{").replaceAll("]", "}"));
  expect([...new Set(named)].sort()).toEqual(served);
  expect(named.length).toBeGreaterThanOrEqual(15);
});

test("S12 S13 every route refuses unauthorized callers, with equal answers for existing and unknown objects", async ({
  baseURL: base,
}) => {
  const routes = await readRoutes(base);
  const [mine, theirs] = [await makeTenant(base), await makeTenant(base)];
  const before = await hashOfOrganization(theirs.path);
  for (const route of routes) {
    const ask = (key: string | undefined, ids: Ids) =>
      send(base, route, ids, { body: textOf(route), ...(key !== undefined && { key }) });
    const what = nameOf(route);
    for (const [why, key] of [
      ["no key", undefined],
      ["a wrong key", `${mine.keys.all.slice(0, -4)}0000`],
      ["another word", "token"],
      ["an expired key", mine.keys.expired],
      ["a revoked key", mine.keys.revoked],
    ] as const) {
      expectProblem(await ask(key, mine.ids), 401, `${what} with ${why}`);
    }
    expectProblem(await ask(mine.keys.fromOtherNetwork, mine.ids), 403, `${what} from another address`);
    const withoutScope = await ask(mine.keys.withoutScope.get(scopeOf(route)), mine.ids);
    expectProblem(withoutScope, 403, `${what} without its scope`);
    expect(withoutScope.text, what).toContain(scopeOf(route));

    if (!route.path.includes("{")) continue;
    const unknown = {
      appId: UNKNOWN_ID,
      syncId: UNKNOWN_ID,
      deptId: "99",
      userId: "nobody",
      webhookId: UNKNOWN_ID,
    };
    const foreign = await ask(mine.keys.all, theirs.ids);
    expectProblem(foreign, 404, `${what} of another tenant`);
    expect(withoutId(foreign), what).toEqual(withoutId(await ask(mine.keys.all, unknown)));
    expectProblem(
      await ask(mine.keys.ofAnotherApp, mine.ids),
      404,
      `${what} of an app outside the key's apps`,
    );
    if (!route.path.includes("{syncId}")) continue;
    const mixed = await ask(mine.keys.all, { ...mine.ids, syncId: theirs.ids.syncId });
    expectProblem(mixed, 404, `${what} with another tenant's sync`);
  }
  expect(await hashOfOrganization(theirs.path)).toEqual(before);
});

const INVALID_VALUES: readonly unknown[] = [
  null,
  0,
  -1,
  2 ** 31,
  Number.MAX_SAFE_INTEGER,
  1e300,
  "",
  "\0",
  "x".repeat(5_000),
  "ü\ud800",
  [],
  {},
  true,
];

test("every route refuses invalid requests without an internal error", async ({ baseURL: base }) => {
  const routes = await readRoutes(base);
  const { ids: planted, keys } = await makeTenant(base);
  const key = keys.all;
  const created = await fetch(`${base}/api/v1/apps`, {
    method: "POST",
    body: JSON.stringify(await realApp()),
    headers: { ...bearer(key), "content-type": "application/json" },
  });
  const { id: appId } = (await created.json()) as { readonly id: string };
  const ids = { ...planted, appId };
  for (const route of routes) {
    const what = nameOf(route);
    for (const name of Object.keys(ids).filter((one) => route.path.includes(`{${one}}`))) {
      for (const text of ["no-id", "%00", "..%2F..", "x".repeat(2_000), "0", ids.appId.toUpperCase()]) {
        const answer = await send(base, route, { ...ids, [name]: text }, { key, body: textOf(route) });
        expectProblem(answer, 404, `${what} with ${text.slice(0, 40)} as ${name}`);
      }
    }
    const unknown = await send(base, route, ids, { key, query: "?color=red", body: textOf(route) });
    expectProblem(unknown, 422, `${what} with an unknown query`);
    for (const name of queryOf(route)) {
      const large = ["2147483648", "9007199254740991", "9".repeat(400), "1e99"];
      for (const value of ["", "-1", "x", "%00", "'", ...large]) {
        const body = textOf(route);
        const answer = await send(base, route, ids, { key, query: `?${name}=${value}`, body });
        expect(answer.status, `${what} ${name}=${value}: ${answer.text}`).toBeLessThan(500);
      }
      const repeated = `?${name}=1&${name}=1`;
      expectProblem(
        await send(base, route, ids, { key, query: repeated, body: textOf(route) }),
        422,
        what + repeated,
      );
    }
    if (bodyOf(route) === null) continue;
    const post = (body: string, headers = {}) => send(base, route, ids, { key, body, headers });
    expectProblem(await post("{"), 400, `${what} with broken JSON`);
    expectProblem(await post(`{"x":"${"x".repeat(300_000)}"}`), 413, `${what} with a body that is too large`);
    expectProblem(await post("a=1", { "content-type": "text/plain" }), 415, `${what} with text`);
    for (const body of ["null", "[]", '"x"', "7"])
      expectProblem(await post(body), 422, `${what} with ${body}`);
    const unknownField = JSON.stringify({ ...bodyOf(route), color: "red" });
    expectProblem(await post(unknownField), 422, `${what} with an unknown field`);
    expectProblem(
      await post(unknownField, { "idempotency-key": "ü".repeat(3) }),
      422,
      `${what} with an invalid Idempotency-Key`,
    );
    for (const name of fieldsOf(route)) {
      for (const value of INVALID_VALUES) {
        const answer = await post(JSON.stringify({ ...bodyOf(route), [name]: value }));
        const message = `${what} ${name}=${JSON.stringify(value).slice(0, 40)}: ${answer.text}`;
        expect([500, 503], message).not.toContain(answer.status);
      }
    }
  }
});

test("every route answers as documented, without undocumented fields", async ({ baseURL: base }) => {
  const routes = await readRoutes(base);
  const { ids, keys, createHeldRun } = await makeTenant(base);
  // Values that no example can have. The app is created before it is read and deleted last.
  const bodies: Readonly<Record<string, object>> = { createApp: await realApp() };
  const [first, last] = ["createApp", "deleteApp"];
  const names = EVERY_CONTRACT.map(({ operation }) => operation);
  const between = names.filter((one) => one !== first && one !== last);
  let own = ids;
  for (const operation of [first, ...between, last]) {
    const route = routes.find((one) => one.operation.operationId === operation);
    const contract = EVERY_CONTRACT.find((one) => one.operation === operation);
    if (!route || !contract) throw new Error(`${operation} is not in the document`);
    const body = bodies[operation] ?? bodyOf(route);
    const planted = NEEDS_HELD_SYNC.has(operation) ? { ...ids, ...(await createHeldRun()) } : ids;
    const target = NEEDS_CREDENTIALS.has(operation) ? own : planted;
    const answer = await send(base, route, target, { key: keys.all, body: body && JSON.stringify(body) });
    expect(Object.keys(route.operation.responses), `${operation}: ${answer.text}`).toContain(
      String(answer.status),
    );
    expect(answer.headers.get("ratelimit-policy"), operation).toBe('"key";q=60000;w=60');
    if (operation === "signPage") continue;
    expect(answer.status, `${operation}: ${answer.text}`).toBe(contract.answer.status);
    const { schema } = contract.answer;
    const values = answer.text
      .split(contract.answer.contentType === undefined ? "\0" : "\n")
      .filter((text) => text !== "")
      .map((text) => JSON.parse(text) as Record<string, unknown>);
    for (const value of values) expect(value, operation).toEqual(schema?.parse(value));
    if (operation === "createApp") own = { ...ids, appId: String(values[0]?.id) };
  }
});

test("the Node client works with a real server", async ({ baseURL }) => {
  const { keys } = await makeTenant(baseURL);
  const client = new DingkeepClient({ url: baseURL ?? "", key: keys.all });
  const { id: appId, state } = await client.call("createApp", {
    body: { name: "HR", ...(await makeSimulatedApp()) },
  });
  expect(state).toBe("verified");
  const lease = client.token(appId);
  const token = await lease.getToken();
  expect(await lease.getToken()).toBe(token);
  // The simulator returns the same token again.
  expect(await lease.invalidate(token)).toBe(token);
  lease.close();
  await expect(client.call("getApp", { params: { appId: UNKNOWN_ID } })).rejects.toMatchObject({
    code: "not_found",
  });
});
